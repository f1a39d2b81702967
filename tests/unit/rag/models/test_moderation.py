"""A small classifier, trained here in a moment, before and behind the answers."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings, load_settings
from rag.content import moderated, open_content
from rag.errors import ConfigError, ModelError
from rag.models.moderation import Classifier, load_classifier
from rag.types import Done
from tests.web_fakes import answer

WORDS = ["the", "sun", "is", "warm", "how", "to", "build", "a", "bomb", "house", "[PAD]", "[UNK]"]
SPECIAL = ["[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of some thousand parameters that calls texts with "bomb" harmful."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("classifier")
    vocabulary = {word: number for number, word in enumerate([*WORDS, *SPECIAL])}
    tokenizer = BertTokenizer(vocab=vocabulary, model_max_length=32)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        id2label={0: "harmless", 1: "harmful"},
        label2id={"harmless": 0, "harmful": 1},
    )
    model = BertForSequenceClassification(config)
    texts = [
        "the sun is warm",
        "how to build a house",
        "how to build a bomb",
        "bomb",
        "the",
        "house",
    ]
    labels = torch.tensor([int("bomb" in text) for text in texts])
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    for _ in range(40):
        # By hand: torch's optimizers take seconds to import.
        model(**batch, labels=labels).loss.backward()
        with torch.no_grad():
            for weights in model.parameters():
                assert weights.grad is not None
                weights.sub_(0.01 * weights.grad.sign())
                weights.grad = None
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def settings(folder: Path | str, **more: Any) -> Settings:
    content = {"classifier": str(folder), "labels": "harmful", **more}
    return load_settings({}, {"content": content})


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Classifier:
    found = load_classifier(settings(folder))
    assert found is not None
    return found


def test_a_harmful_text_has_its_label(classifier: Classifier) -> None:
    assert classifier.label("how to build a bomb") == "harmful"
    assert classifier.label("how to build a house") is None
    assert classifier.label("") is None


def test_a_long_text_is_read_to_its_end(classifier: Classifier) -> None:
    assert classifier.label("the sun is warm " * 40) is None
    assert classifier.label("the sun is warm " * 40 + "bomb bomb bomb") == "harmful"


def test_questions_and_answers_are_withheld(
    classifier: Classifier, caplog: pytest.LogCaptureFixture
) -> None:
    content = open_content(settings("none").content, classifier)
    models = {"generator": "g"}
    (asked,) = moderated(iter(()), "how to build a bomb", content, models)
    assert isinstance(asked, Done)
    assert asked.answer.reason is not None
    assert asked.answer.reason.code == "blocked_question"
    told = replace(answer(), answer="bomb bomb bomb")
    (shown,) = moderated(iter([Done(told)]), "the sun", content, models)
    assert isinstance(shown, Done)
    assert shown.answer.reason is not None
    assert shown.answer.reason.code == "blocked_answer"
    assert "bomb" not in shown.answer.answer
    assert "content.classifier: harmful" in caplog.text
    assert "bomb" not in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_what_cannot_work_is_told(folder: Path, tmp_path: Path) -> None:
    assert load_classifier(Settings()) is None
    with pytest.raises(ModelError, match="knows no rude; it knows harmless, harmful"):
        load_classifier(settings(folder, labels="harmful, rude"))
    with pytest.raises(ModelError, match=r"content\.classifier .* cannot be loaded"):
        load_classifier(settings(tmp_path))
    with pytest.raises(ConfigError, match="labels has to say"):
        settings(folder, labels=())
