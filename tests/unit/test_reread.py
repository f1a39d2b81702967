"""Rereading: the hit with the sentence that answers comes first, whatever fusion said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.models.crossinput import Pair, Scores
from rag.reread import REREAD, SentenceReader, reread
from rag.types import FloatArray, Hit
from tests.builders import hit
from tests.fakes import FakeEmbedder

FILLER = "The canteen opens at noon. Parking is free for visitors."


class Keen:
    """Reads for one word only, and counts what it was given."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.read: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        self.read += passages
        return np.array([9.0 if self.word in p else -9.0 for p in passages], dtype=np.float32)


def shelf(*texts: str) -> list[Hit]:
    """Hits in falling order of fused score."""
    hits = [hit(text, document=f"{n}.txt") for n, text in enumerate(texts)]
    return [replace(h, score=float(len(hits) - n)) for n, h in enumerate(hits)]


def test_the_hit_with_the_right_sentence_comes_first(embedder: FakeEmbedder) -> None:
    hits = shelf(FILLER, f"{FILLER} Bikes too.", f"{FILLER} Leave lasts thirty days.", FILLER)
    found = reread("How long is leave?", hits, embedder, Keen("thirty"))
    assert found[0].document == "2.txt"
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert {h.document for h in found} == {h.document for h in hits}


def test_hits_beyond_the_first_ten_are_not_read_and_stay_below(embedder: FakeEmbedder) -> None:
    texts = [f"Room {n} is painted green." for n in range(REREAD + 3)]
    reader = Keen("Room 12")
    found = reread("Which room?", shelf(*texts), embedder, reader)
    assert not any("Room 12" in text for text in reader.read)
    assert [h.document for h in found[REREAD:]] == ["10.txt", "11.txt", "12.txt"]


def test_nothing_and_one_are_left_as_they_are(embedder: FakeEmbedder) -> None:
    one = shelf(FILLER)
    assert reread("Why?", [], embedder, Keen("x")) == []
    assert reread("Why?", one, embedder, Keen("x")) == one


class Counting:
    """An encoder whose answer is the length of the evidence."""

    def __init__(self) -> None:
        self.pairs = 0

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.pairs += len(pairs)
        lengths = np.array([float(len(pair.evidence)) for pair in pairs])
        return Scores(lengths, lengths, lengths, lengths)


def test_a_pair_is_read_once_while_it_is_remembered() -> None:
    encoder = Counting()
    reader = SentenceReader(encoder, capacity=2)
    assert reader.scores("q", ["a", "bb", "a"]).tolist() == [1.0, 2.0, 1.0]
    assert encoder.pairs == 2
    reader.scores("q", ["a", "bb"])
    assert encoder.pairs == 2
    reader.scores("other", ["a"])
    reader.scores("q", ["a"])
    assert encoder.pairs == 4
