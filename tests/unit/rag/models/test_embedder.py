"""What surrounds the encoder: prompts, order, batches, digests. The encoder itself is faked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from rag.errors import ModelError
from rag.models.embedder import Prompts, SentenceEmbedder, weights_digest
from rag.types import EmbedderInfo


class FakeModel:
    """Answers with (length of the text, 1); keeps the batches and prompts it was given."""

    max_seq_length = 512

    def __init__(self) -> None:
        backend = Tokenizer(WordLevel({"x": 0}, unk_token="x"))
        backend.pre_tokenizer = Whitespace()
        backend.enable_truncation(2)
        self.tokenizer: Any = SimpleNamespace(backend_tokenizer=backend)
        self.batches: list[list[str]] = []
        self.prompts: list[str] = []

    def encode(self, texts: list[str], prompt: str, **_: object) -> torch.Tensor:
        self.batches.append(texts)
        self.prompts.append(prompt)
        rows = [[float(len(text)), 1.0] for text in texts]
        return torch.tensor(rows, dtype=torch.bfloat16)


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def embedder(model: FakeModel) -> SentenceEmbedder:
    prompts = Prompts("query: ", "passage: ")
    return SentenceEmbedder(model, EmbedderInfo("fake", "0" * 64, 2), prompts, batch_size=2)  # type: ignore[arg-type]


def test_like_lengths_share_a_batch_and_the_order_comes_back(
    model: FakeModel, embedder: SentenceEmbedder
) -> None:
    texts = ["a", "b b b b b b", "c c", "d d d d", "e"]
    vectors = embedder.embed_passages(texts)
    assert [len(batch) for batch in model.batches] == [2, 2, 1]
    assert model.batches[0] == ["b b b b b b", "d d d d"]
    lengths = vectors[:, 0] / vectors[:, 1]
    assert np.allclose(lengths, [len(text) for text in texts], rtol=0.01)


def test_vectors_have_length_one_in_float32(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed_passages(["some words", "x"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_questions_and_passages_have_their_prompts(
    model: FakeModel, embedder: SentenceEmbedder
) -> None:
    embedder.embed_queries(["q"])
    embedder.embed_passages(["p"])
    embedder.embed_query("q")
    embedder.embed_documents(["p"])
    assert model.prompts == ["query: ", "passage: ", "query: ", "passage: "]


def test_token_spans_are_never_cut(embedder: SentenceEmbedder) -> None:
    assert embedder.token_spans("ab c de") == [(0, 2), (3, 4), (5, 7)]


def test_lone_surrogates_keep_the_offsets(model: FakeModel, embedder: SentenceEmbedder) -> None:
    assert embedder.token_spans("\ud83d ab") == [(0, 1), (2, 4)]
    embedder.embed_queries(["\udc00x"])
    assert model.batches == [["\ufffdx"]]


def test_a_slow_tokenizer_is_refused(model: FakeModel, embedder: SentenceEmbedder) -> None:
    model.tokenizer = SimpleNamespace()
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        embedder.token_spans("x")


@pytest.mark.parametrize(
    ("configured", "names", "expected"),
    [
        ({"query": "search: ", "document": "text: "}, ["e5-small"], ("search: ", "text: ")),
        (
            {"query": "", "document": ""},
            ["intfloat/multilingual-e5-small"],
            ("query: ", "passage: "),
        ),
        ({}, ["my-model", "e5-base-v2"], ("query: ", "passage: ")),
        ({}, ["multilingual-e5-large-instruct"], ("", "")),
        ({}, ["all-MiniLM-L6-v2"], ("", "")),
        ({}, ["one5-small"], ("", "")),
        ({"query": "Q: ", "passage": "P: "}, ["x"], ("Q: ", "P: ")),
    ],
)
def test_prompts(
    configured: dict[str, str | None], names: Sequence[str], expected: tuple[str, str]
) -> None:
    prompts = Prompts.choose(configured, *names)
    assert (prompts.query, prompts.passage) == expected


def test_the_digest_is_that_of_the_weights(tmp_path: Path) -> None:
    model, memory = tmp_path / "model", tmp_path / "digests.json"
    model.mkdir()
    with pytest.raises(ModelError, match="no weights"):
        weights_digest(model, memory)
    (model / "pytorch_model.bin").write_bytes(b"old")
    assert weights_digest(model, memory) == hashlib.sha256(b"old").hexdigest()
    (model / "model.safetensors").write_bytes(b"weights")
    (model / "config.json").write_text("{}")
    assert weights_digest(model, memory) == hashlib.sha256(b"weights").hexdigest()


def test_every_file_of_weights_counts(tmp_path: Path) -> None:
    model, memory = tmp_path / "model", tmp_path / "digests.json"
    (model / "2_Dense").mkdir(parents=True)
    (model / "onnx").mkdir()
    (model / "model.safetensors").write_bytes(b"weights")
    (model / "2_Dense" / "model.safetensors").write_bytes(b"dense")
    one = weights_digest(model, memory)
    (model / "onnx" / "model.safetensors").write_bytes(b"another backend's")
    assert weights_digest(model, memory) == one
    (model / "2_Dense" / "model.safetensors").write_bytes(b"other")
    assert weights_digest(model, memory) != one
