"""The optional cross-encoder: absent, unknown, and a real (tiny, untrained) one."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import ModelError
from rag.models.rerank import load_reranker


def named(settings: Settings, name: str | None) -> Settings:
    retrieval = settings.retrieval.model_copy(update={"reranker": name})
    return settings.model_copy(update={"retrieval": retrieval})


def save_cross_encoder(folder: Path, labels: int) -> None:
    """A BERT of one layer over a handful of words, saved as a folder."""
    transformers: Any = importlib.import_module("transformers")  # its hints lack what is lazy
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "pump", "soup", "bar", "friday"]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=labels,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer = transformers.BertTokenizerFast(vocab_file=str(folder / "vocab.txt"))
    tokenizer.save_pretrained(folder)


def test_none_named_is_none_loaded(settings: Settings) -> None:
    assert load_reranker(named(settings, None)) is None


def test_one_that_is_not_here_says_so(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_reranker(named(settings, str(tmp_path / "nowhere")))


def test_a_folder_scores_every_passage(settings: Settings, tmp_path: Path) -> None:
    save_cross_encoder(tmp_path / "one", 1)
    reranker = load_reranker(named(settings, str(tmp_path / "one")))
    assert reranker is not None
    assert reranker.scores("pump", ["bar", "soup friday"]).shape == (2,)
    assert reranker.scores("pump", []).shape == (0,)


def test_one_with_several_scores_is_refused(settings: Settings, tmp_path: Path) -> None:
    save_cross_encoder(tmp_path / "three", 3)
    with pytest.raises(ModelError, match="gives 3 scores"):
        load_reranker(named(settings, str(tmp_path / "three")))
