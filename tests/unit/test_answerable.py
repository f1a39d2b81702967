"""Answerability: which passages hold the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.answerable import PlumblineAnswerability, load_answerability
from rag.config import Settings
from rag.models.crossinput import Pair, Scores
from tests.fakes import FakeEmbedder


class FakeReader:
    """Says that a window answers if it holds the word "answer"."""

    def __init__(self) -> None:
        self.seen: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.seen.extend(pairs)
        held = np.array([5.0 if "answer" in p.evidence else -5.0 for p in pairs])
        return Scores(held, held, held, held)


def test_the_best_window_counts() -> None:
    reader = FakeReader()
    filler = " ".join(f"On day {i} the crew mended the sails and slept." for i in range(30))
    scorer = PlumblineAnswerability(FakeEmbedder(), reader)
    without, with_it = scorer.score("Where is it?", [filler, f"{filler} The answer is here."])
    assert without < 0.1 < 0.4 < with_it  # its cosine is none that a real embedder gives
    assert all(pair.claim == "" and pair.question == "Where is it?" for pair in reader.seen)


def test_scores_stay_in_order_and_range() -> None:
    scorer = PlumblineAnswerability(FakeEmbedder(), FakeReader())
    passages = ["no", "answer", "", "an answer"]
    scores = scorer.score("Q?", passages)
    assert len(scores) == 4
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert min(scores[1], scores[3]) > max(scores[0], scores[2])
    assert scorer.score("Q?", []) == []


def test_without_the_base_words_and_cosine_decide(settings: Settings) -> None:
    scorer = load_answerability(settings, FakeEmbedder())
    near, far = scorer.score(
        "When was the museum opened?", ["The museum was opened in 1998.", "Penguins swim well."]
    )
    assert near > far
    assert "words" in scorer.name
