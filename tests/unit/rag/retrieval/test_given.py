"""Passages that the caller gave in the place of a collection."""

from __future__ import annotations

import hashlib

from rag.retrieval import Finder, Given, hits_from_texts


def test_every_text_is_a_document_of_one_chunk() -> None:
    texts = ["Annual leave is 30 days.", "病假为六周。"]
    first, second = hits_from_texts(texts)
    assert (first.document, second.document) == ("passage 1", "passage 2")
    assert second.chunk.document_id == hashlib.sha256(texts[1].encode()).hexdigest()
    assert (second.chunk.page, second.chunk.start, second.chunk.end) == (1, 0, len(texts[1]))
    assert second.chunk.text == texts[1]
    assert first.score > second.score
    assert first.chunk.chunk_id != second.chunk.chunk_id


def test_repeats_and_blanks_are_left_out_and_the_others_keep_their_number() -> None:
    found = hits_from_texts(["a b", " \n", "a b", "c d"])
    assert [(hit.document, hit.chunk.text) for hit in found] == [
        ("passage 1", "a b"),
        ("passage 4", "c d"),
    ]


def test_a_lone_surrogate_is_no_error() -> None:
    assert len(hits_from_texts(["broken \ud800 text"])) == 1


def test_whatever_is_asked_all_or_the_first_are_found() -> None:
    given = Given(hits_from_texts(["a", "b", "c"]))
    assert isinstance(given, Finder)
    assert [hit.chunk.text for hit in given.retrieve("x")] == ["a", "b", "c"]
    assert [hit.chunk.text for hit in given.retrieve("y", 2)] == ["a", "b"]
    assert Given(()).retrieve("x") == []
