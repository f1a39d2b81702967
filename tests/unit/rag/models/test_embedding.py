"""What a chunk and its parts are embedded as."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.models.embedding import PART_TOKENS, embed_chunks, part_spans
from rag.types import Chunk, FloatArray, Span
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


class Pooling(FakeEmbedder):
    """Shows which characters each part was pooled from, by a fake vector of them alone."""

    def embed_with_parts(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[FloatArray, list[FloatArray]]:
        parts = [
            self.embed_passages([text[start:end] for start, end in of_text])
            for text, of_text in zip(texts, spans, strict=True)
        ]
        return self.embed_passages(texts), parts


def test_each_chunk_has_its_own_parts_below_its_heading() -> None:
    embedder = Pooling()
    long = " ".join(f"Sentence number {i} has exactly eight words here." for i in range(10))
    chunks = [Chunk(str(i), "d", 1, 0, len(t), t, "", 9, i) for i, t in enumerate(["Hi.", long])]
    short, parted = embed_chunks(chunks, ["Hi.", "Head\n" + long], embedder)
    assert short.parts == ()
    np.testing.assert_allclose(short.whole, embedder.embed_passages(["Hi."])[0])
    np.testing.assert_allclose(parted.whole, embedder.embed_passages(["Head\n" + long])[0])
    assert len(parted.parts) > 1
    for part in parted.parts:
        expected = embedder.embed_passages([long[part.start : part.end]])[0]
        np.testing.assert_allclose(part.vector, expected)


def test_an_embedder_without_parts_gives_one_vector_a_chunk(embedder: FakeEmbedder) -> None:
    text = "Net volume is 226 litres, measured empty. " * 8
    chunk = Chunk("c", "d", 1, 0, len(text), text, "", 80, 0)
    (found,) = embed_chunks([chunk], [text], embedder)
    assert found.parts == ()
    assert embedder.embedded == [text]
