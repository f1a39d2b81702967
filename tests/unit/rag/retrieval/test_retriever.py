"""The retriever over a real collection with the fake embedder."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from rag.config import RetrievalSettings, Settings
from rag.models.embedding import PART_TOKENS, embed_chunks, part_spans
from rag.retrieval.retriever import Retriever
from rag.store import Collection
from rag.types import Chunk, Document, FloatArray, Page
from tests.fakes import FakeEmbedder


def fill(collection: Collection, embedder: FakeEmbedder, passages: Sequence[str]) -> None:
    """A document for each passage, named after its place."""
    for number, text in enumerate(passages):
        identity = sha256(f"{number}:{text}".encode()).hexdigest()
        document = Document(
            identity, f"{number}.txt", f"/d/{number}.txt", "text/plain", (Page(1, text),), len(text)
        )
        chunk = Chunk(identity[:16], identity, 1, 0, len(text), text, "", len(text.split()), 0)
        (embedded,) = embed_chunks([chunk], [text], embedder)
        collection.add(document, [chunk], embedded.whole[None], [embedded.parts])


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Collection:
    return Collection.open(settings, "shelf", embedder.info, create=True)


PASSAGES = [
    "The pump on line A-1024 runs at 40 bar and is serviced in May.",
    "Travel is booked by the office. Hotels cost at most 120 euro a night.",
    "差旅费用须在三十天内报销，住宿每晚不超过八百元。",
    "The canteen opens at eleven and serves soup on Fridays.",
    "会议室需要提前一天预订，投影仪在前台领取。",
]


def test_the_best_passage_comes_first_with_its_document_and_scores(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    fill(collection, embedder, PASSAGES)
    retriever = Retriever(collection, embedder, RetrievalSettings())
    hits = retriever.retrieve("At how many bar does the pump A1024 run?")
    assert hits[0].document == "0.txt"
    assert hits[0].ranks["keywords"] == 1
    assert 0 < hits[0].scores["vectors"] <= 1.0
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert retriever.retrieve("住宿每晚報銷多少", k=1)[0].document == "2.txt"
    assert len(retriever.retrieve("pump", k=2)) == 2


def test_every_language_brings_candidates(collection: Collection, embedder: FakeEmbedder) -> None:
    chinese = [f"第{i}条规定说明会议室的使用方法和时间安排。" for i in range(30)]
    fill(collection, embedder, [*PASSAGES, *chinese])
    retriever = Retriever(collection, embedder, RetrievalSettings(candidates=3))
    found = {hit.document for hit in retriever.retrieve("会议室 soup", k=20)}
    assert "3.txt" in found
    assert "4.txt" in found


def test_of_another_language_what_shares_translated_words_comes_first(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    fill(collection, embedder, PASSAGES)
    retriever = Retriever(collection, embedder, RetrievalSettings())
    hits = retriever.retrieve("食堂几点开门，有汤吗", k=5)
    english = [hit.document for hit in hits if hit.document in ("0.txt", "1.txt", "3.txt")]
    assert english[0] == "3.txt"
    ranks = {hit.document: hit.ranks for hit in hits}
    assert ranks["3.txt"]["translated"] == 1
    assert "keywords" not in ranks["3.txt"]


def test_a_question_without_words_or_answer_is_no_error(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    retriever = Retriever(collection, embedder, RetrievalSettings())
    assert retriever.retrieve("anything") == []
    fill(collection, embedder, PASSAGES)
    assert len(retriever.retrieve("?!")) == 5
    assert len(retriever.retrieve("zzz " * 25_000)) == 5


def test_repeats_are_shown_once_and_versions_both(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    policy = "Hotels cost at most 120 euro a night for all of our staff in Europe."
    fill(
        collection,
        embedder,
        [policy, policy.replace(" a ", "\na  "), policy.replace("120", "150"), PASSAGES[3]],
    )
    hits = Retriever(collection, embedder, RetrievalSettings()).retrieve("hotels euro a night")
    assert sorted(hit.document for hit in hits[:2]) in (["0.txt", "2.txt"], ["1.txt", "2.txt"])
    assert hits[2].document == "3.txt"
    assert len(hits) == 3


def test_a_reranker_has_the_last_word(collection: Collection, embedder: FakeEmbedder) -> None:
    class Longest:
        def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
            return np.array([len(passage) for passage in passages], dtype=np.float32)

    fill(collection, embedder, PASSAGES)
    hits = Retriever(collection, embedder, RetrievalSettings(), Longest()).retrieve("canteen")
    assert [hit.score for hit in hits] == sorted((len(p) for p in PASSAGES), reverse=True)


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


def test_embedding_many_chunks_gives_each_its_own(embedder: FakeEmbedder, home: Path) -> None:
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
