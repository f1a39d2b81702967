"""The support scorer's joining of words and encoder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from rag.checking import SUPPORTED_FROM, support
from rag.checking.support import PlumblineScorer, load_scorer
from rag.config import CheckingSettings, Settings
from rag.errors import ModelError
from rag.models.crossinput import Pair, Scores
from rag.models.logistic import Logistic, sigmoid
from rag.types import FloatArray
from tests.builders import switched
from tests.fakes import FakeEmbedder


class FakePairs:
    """Supports a claim whose first word stands in the evidence; keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.seen.extend(pairs)
        held = np.array([6.0 if p.claim.split()[0] in p.evidence else -6.0 for p in pairs])
        return Scores(held, held, -held, held)


EVIDENCE = ["The warranty lasts 24 months and covers parts.", "Returns take 14 days."]
FILLER = " ".join(f"Nothing of note happened on day {i} of the long voyage." for i in range(40))


def test_words_alone_tell_a_copy_from_a_change_and_from_nonsense() -> None:
    claims = [
        "The warranty lasts 24 months.",
        "The warranty lasts 36 months.",
        "Elephants founded Rome in Carthage.",
    ]
    scorer = PlumblineScorer(None, FakeEmbedder())
    copy, changed, nonsense = scorer.score("", claims, EVIDENCE)
    assert copy > SUPPORTED_FROM > nonsense
    assert copy > changed


def test_the_encoder_decides_between_claims_that_words_cannot_tell_apart() -> None:
    pairs = FakePairs()
    scorer = PlumblineScorer(pairs, FakeEmbedder())
    good, bad = scorer.score("", ["dogs chase cats", "zebras chase cats"], ["dogs chase cats"])
    assert good > SUPPORTED_FROM > bad
    assert [pair.claim for pair in pairs.seen] == ["dogs chase cats", "zebras chase cats"]


def log_odds(score: float) -> float:
    return math.log(score / (1 - score))


def fitted(monkeypatch: pytest.MonkeyPatch, **biases: float) -> None:
    """Regressions that read nothing and always say the same, in the place of the shipped ones."""
    said = {name.replace("_", "-"): Logistic((), (), bias) for name, bias in biases.items()}
    monkeypatch.setattr(support, "load_logistic", said.__getitem__)


CLAIM = "The warranty lasts 24 months."


def test_words_and_the_regression_have_half_the_say_each(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = PlumblineScorer(FakePairs(), FakeEmbedder())
    told = []
    for bias in (-2.0, 0.0, 3.0):
        fitted(monkeypatch, support=bias)
        told += scorer.score("", [CLAIM], EVIDENCE)
    low, middle, high = map(log_odds, told)
    assert middle > 0
    assert (middle - low, high - middle) == pytest.approx((1.0, 1.5))


def test_words_count_by_what_one_window_covers(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(monkeypatch, support=0.0)
    scorer = PlumblineScorer(FakePairs(), FakeEmbedder())
    claims = [CLAIM, "The warranty lasts for aeons.", "Elephants founded Rome."]
    whole, half, none = scorer.score("", claims, EVIDENCE)
    assert whole > half > none
    assert whole > SUPPORTED_FROM > none


def test_across_languages_the_regression_decides_and_the_better_score_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted(monkeypatch, support=-9.0, support_foreign=1.0)
    scorer = PlumblineScorer(FakePairs(), FakeEmbedder())
    claim = "The fee goes to Zhang Wei."
    (foreign,) = scorer.score("", [claim], ["费用付给张伟。"])
    assert foreign == pytest.approx(sigmoid(1.0))
    (both,) = scorer.score("", [claim], ["The lease ends in June.", "费用付给张伟。"])
    assert both == foreign


def test_a_missing_number_lowers_the_score_and_may_be_switched_off() -> None:
    claim, held, lacking = "The fee is 90 euros.", "The fee is 90 euros.", "The fee is 60 euros."
    scorer = PlumblineScorer(FakePairs(), FakeEmbedder())
    assert scorer.score("", [claim], [lacking]) < scorer.score("", [claim], [held])
    lenient = PlumblineScorer(FakePairs(), FakeEmbedder(), CheckingSettings(numbers=False))
    assert scorer.read("", [claim], [lacking])[0]["numbers"] == 1.0
    assert lenient.read("", [claim], [lacking])[0]["numbers"] == 0.0
    assert lenient.score("", [claim], [lacking]) > scorer.score("", [claim], [lacking])


def test_short_evidence_is_read_whole() -> None:
    pairs = FakePairs()
    PlumblineScorer(pairs, FakeEmbedder()).score("Why?", ["Returns take 14 days."], EVIDENCE)
    assert pairs.seen == [Pair("Why?", "Returns take 14 days.", "\n".join(EVIDENCE))]


def test_long_evidence_is_read_in_windows_with_scattered_sentences_joined() -> None:
    pairs = FakePairs()
    evidence = [f"Alpha was built in Kiel. {FILLER}", f"{FILLER} Omega was built in Riga."]
    scorer = PlumblineScorer(pairs, FakeEmbedder())
    scorer.score("", ["Alpha in Kiel and Omega in Riga"], evidence)
    assert len(pairs.seen) <= 3
    assert any("Kiel" in p.evidence and "Riga" in p.evidence for p in pairs.seen)
    assert all(len(p.evidence) < 900 for p in pairs.seen)


def test_of_several_windows_the_best_counts_for_its_own_claim() -> None:
    pairs = FakePairs()
    evidence = [f"Alpha was built in Kiel. {FILLER}"]
    scorer = PlumblineScorer(pairs, FakeEmbedder())
    claims = ["Nobody went on the voyage", "Alpha was built in Kiel", "Zeta was built"]
    readings = scorer.read("", claims, evidence)
    assert [reading["encoder"] for reading in readings] == [-6.0, 6.0, -6.0]
    assert [reading["worst_token"] for reading in readings] == [6.0, -6.0, 6.0]


class AboutHarbours(FakeEmbedder):
    """Knows of harbours in both languages, and of nothing else."""

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        rows = [[1.0, 0.0] if "harbour" in t or "港口" in t else [0.0, 1.0] for t in texts]
        return np.array(rows, dtype=np.float32)

    embed_queries = embed_passages


def test_a_claim_in_another_language_is_read_beside_the_windows_nearest_in_meaning() -> None:
    pairs = FakePairs()
    long = "".join(f"第{i}天风平浪静，船上没有发生任何值得一提的事情。" for i in range(30))
    scorer = PlumblineScorer(pairs, AboutHarbours())
    (reading,) = scorer.read("", ["Deep is the harbour"], [f"{long}港口水很深。{long}"])
    assert reading["foreign"] == 1.0
    assert "港口水很深。" in pairs.seen[0].evidence


def test_no_claims_and_no_evidence() -> None:
    for pairs in (FakePairs(), None):
        scorer = PlumblineScorer(pairs, FakeEmbedder())
        assert scorer.score("q", [], ["text"]) == []
        for evidence in ([], [" "]):
            (alone,) = scorer.score("q", ["A claim."], evidence)
            assert alone < SUPPORTED_FROM


def test_without_the_base_the_name_says_words(settings: Settings) -> None:
    assert "words" in load_scorer(settings, FakeEmbedder()).name
    assert "words" not in PlumblineScorer(FakePairs(), FakeEmbedder()).name


def test_an_external_scorer_that_is_missing_is_a_clear_error(settings: Settings) -> None:
    named = switched(settings, checking={"scorer": "minicheck"})
    with pytest.raises(ModelError, match="minicheck"):
        load_scorer(named, FakeEmbedder())
