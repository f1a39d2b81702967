"""What a chunk and its parts are embedded as."""

from __future__ import annotations

import numpy as np

from rag.models.embedding import PART_TOKENS, embed_chunks, part_spans
from rag.types import Chunk
from tests.fakes import FakeEmbedder


def test_parts_are_sentences_joined_to_a_least_length(embedder: FakeEmbedder) -> None:
    sentences = [f"Sentence number {i} has exactly eight words here." for i in range(10)]
    text = "Yes. " + " ".join(sentences)
    spans = part_spans(text, embedder)
    parts = [text[start:end] for start, end in spans]
    assert " ".join(parts) == text
    assert all(len(embedder.token_spans(part)) >= PART_TOKENS // 2 for part in parts)
    assert all(part.endswith(".") for part in parts)
    assert part_spans(sentences[0], embedder) == []
    assert part_spans("", embedder) == []


def test_embedding_many_chunks_gives_each_its_own(embedder: FakeEmbedder) -> None:
    long = " ".join(f"Sentence number {i} has exactly eight words here." for i in range(10))
    chunks = [Chunk(str(i), "d", 1, 0, len(t), t, "", 9, i) for i, t in enumerate(["Hi.", long])]
    short, parted = embed_chunks(chunks, ["Hi.", "Head\n" + long], embedder)
    assert short.parts == ()
    np.testing.assert_allclose(short.whole, embedder.embed_passages(["Hi."])[0])
    np.testing.assert_allclose(parted.whole, embedder.embed_passages(["Head\n" + long])[0])
    for part in parted.parts:
        expected = embedder.embed_passages([long[part.start : part.end]])[0]
        np.testing.assert_allclose(part.vector, expected)


def test_a_part_is_embedded_under_its_headings(embedder: FakeEmbedder) -> None:
    text = "Net volume is 226 litres, measured empty. " * 4
    chunk = Chunk("c", "d", 1, 0, len(text), text, "Data sheet MT-260 > Main data", 40, 0)
    embed_chunks([chunk], [text], embedder)
    parts = embedder.embedded[1:]
    assert parts
    assert all(part.startswith("Data sheet MT-260, Main data: ") for part in parts)
