"""The retriever over a real collection with the fake embedder."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest

from rag.config import RetrievalSettings, Settings
from rag.retrieval.retriever import Retriever, read_again
from rag.store import Collection
from rag.types import Chunk, Document, Page
from tests.builders import Reader, hit
from tests.fakes import FakeEmbedder


def fill(collection: Collection, embedder: FakeEmbedder, passages: Sequence[str]) -> None:
    """A document for each passage, named after its place."""
    for number, text in enumerate(passages):
        identity = sha256(f"{number}:{text}".encode()).hexdigest()
        document = Document(
            identity, f"{number}.txt", f"/d/{number}.txt", "text/plain", (Page(1, text),), len(text)
        )
        chunk = Chunk(identity[:16], identity, 1, 0, len(text), text, "", len(text.split()), 0)
        collection.add(document, [chunk], embedder.embed_passages([text]))


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
    assert ranks["3.txt"]["keywords en"] == 1
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


def test_each_searchers_place_is_told(collection: Collection, embedder: FakeEmbedder) -> None:
    fill(collection, embedder, PASSAGES)
    hits = Retriever(collection, embedder, RetrievalSettings()).retrieve("pump bar May", k=5)
    assert [hit.ranks["fused"] for hit in hits] == [1, 2, 3, 4, 5]
    english = [hit for hit in hits if hit.document in ("0.txt", "1.txt", "3.txt")]
    assert sorted(hit.ranks["vectors"] for hit in english) == [1, 2, 3]
    assert {hit.ranks["vectors zh"] for hit in hits if hit not in english} == {1, 2}
    oracle = {
        hit.document: sum(1 / (60 + rank) for name, rank in hit.ranks.items() if name != "fused")
        for hit in hits
    }
    assert {hit.document: hit.score for hit in hits} == pytest.approx(oracle)


def test_the_readers_order_is_merged_with_that_of_the_searches(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    fill(collection, embedder, PASSAGES)
    plain = Retriever(collection, embedder, RetrievalSettings()).retrieve("pump", k=5)
    liked = plain[3].chunk.text
    reader = Reader({liked: 9.0}, other=-9.0)
    read = Retriever(collection, embedder, RetrievalSettings(), reader).retrieve("pump", k=5)
    assert {hit.document for hit in read} == {hit.document for hit in plain}
    assert [hit.document for hit in read[:2]] == [plain[0].document, plain[3].document]
    (raised,) = (hit for hit in read if hit.chunk.text == liked)
    assert (raised.ranks["fused"], raised.ranks["read"], raised.scores["read"]) == (4, 1, 9.0)


def test_only_the_first_are_read_and_the_others_stay_below(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    fill(collection, embedder, PASSAGES)
    plain = Retriever(collection, embedder, RetrievalSettings()).retrieve("pump", k=5)
    for count in (0, 2):
        reader = Reader({plain[4].chunk.text: 9.0})
        settings = RetrievalSettings(read=count)
        read = Retriever(collection, embedder, settings, reader).retrieve("pump", k=5)
        assert len(reader.read) == count
        assert [hit.document for hit in read[2:]] == [hit.document for hit in plain[2:]]
        assert [hit.score for hit in read] == sorted((hit.score for hit in read), reverse=True)


def test_a_passage_is_read_under_its_file_and_headings() -> None:
    deep = hit("It weighs 70 kg.", "mt260.md", heading="Data > Weight")
    bare = hit("It weighs 70 kg.", "passage 1")
    reader = Reader()
    read_again("How heavy?", [deep, bare], reader, 2)
    assert reader.read == ["mt260: Data > Weight: It weighs 70 kg.", "It weighs 70 kg."]


def test_reading_merges_as_worked_out_by_hand() -> None:
    hits = [hit(f"Text {name}.", f"{name}.md", score=0.03) for name in "abcd"]
    reader = Reader({"Text c": 3.0, "Text b": 2.0, "Text a": 1.0})
    read = read_again("Which?", hits, reader, 3)
    assert [found.document for found in read] == ["a.md", "c.md", "b.md", "d.md"]
    scores = [1 / 6 + 1 / 8, 1 / 8 + 1 / 6, 1 / 7 + 1 / 7, 1 / 7]
    assert [found.score for found in read] == pytest.approx(scores)
    assert read[-1].ranks == {}
