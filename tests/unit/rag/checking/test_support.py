"""The support scorer's joining of words and encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rag.config import Settings
from rag.models.crossinput import Pair, Scores
from rag.errors import ModelError
from rag.checking.scorers import load_external, support_of
from rag.checking.support import PlumblineScorer, WordScorer, load_scorer
from tests.fakes import FakeEmbedder


class FakeReader:
    """Supports a claim whose first word stands in the evidence; keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.seen.extend(pairs)
        held = np.array([6.0 if p.claim.split()[0] in p.evidence else -6.0 for p in pairs])
        return Scores(held, held, -held, held)


class Credulous(FakeReader):
    """Believes everything."""

    def score(self, pairs: Sequence[Pair]) -> Scores:
        held = np.full(len(pairs), 6.0)
        return Scores(held, held, -held, held)


def test_words_alone_tell_a_copy_from_a_change_and_from_nonsense() -> None:
    scorer = WordScorer()
    evidence = ["The warranty lasts 24 months and covers parts.", "Returns take 14 days."]
    copy, changed, nonsense = scorer.score(
        "",
        [
            "The warranty lasts 24 months.",
            "The warranty lasts 36 months.",
            "Elephants founded Rome in Carthage.",
        ],
        evidence,
    )
    assert copy > 0.5 > max(changed, nonsense)


def test_a_number_asked_for_may_lie_in_a_range_of_the_evidence() -> None:
    question = "What is the call-out charge 100 km away?"
    claim = "The call-out charge 100 km away is EUR 145."
    held = ["Call-out, 51 to 150 km away: charge EUR 145"]
    other = ["Call-out, 151 to 300 km away: charge EUR 145"]
    for scorer in (PlumblineScorer(Credulous(), FakeEmbedder()), WordScorer()):
        [inside], [outside] = (scorer.score(question, [claim], e) for e in (held, other))
        [unasked] = scorer.score("What is the call-out charge?", [claim], held)
        assert inside > 0.5 > max(outside, unasked)


def test_a_claim_is_read_in_the_spelling_of_its_evidence() -> None:
    reader = FakeReader()
    row = "| RMB million | 2025 |\n| Order backlog | 268.0 |"
    PlumblineScorer(reader, FakeEmbedder()).score("", ["The backlog was RMB 268 million."], [row])
    assert [pair.claim for pair in reader.seen] == ["The backlog was RMB 268.0 million."]
    spelled, respelled = WordScorer().score(
        "", ["Order backlog 268.0.", "Order backlog 268."], [row]
    )
    assert spelled == respelled


def test_the_encoder_decides_between_claims_that_words_cannot_tell_apart() -> None:
    reader = FakeReader()
    scorer = PlumblineScorer(reader, FakeEmbedder())
    good, bad = scorer.score("", ["dogs chase cats", "zebras chase cats"], ["dogs chase cats"])
    assert good > 0.5 > bad
    assert [pair.claim for pair in reader.seen] == ["dogs chase cats", "zebras chase cats"]


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The fee is 90 euros a year.", "The fee is 60 euros a year."),
        ("The fee goes to Anna Weber.", "The fee goes to Karl Braun."),
        ("费用每年 90 元。", "费用每年 60 元。"),
        ("The fee is 90 euros a year.", "费用每年 60 欧元。"),
    ],
)
def test_a_number_or_name_that_the_evidence_lacks_is_never_supported(
    claim: str, evidence: str
) -> None:
    scorer = PlumblineScorer(Credulous(), FakeEmbedder())
    (lacking,) = scorer.score("", [claim], [evidence])
    (held,) = scorer.score("", [evidence], [evidence])
    assert lacking < 0.5 < held


def test_a_name_is_not_missed_in_another_language() -> None:
    scorer = PlumblineScorer(Credulous(), FakeEmbedder())
    (score,) = scorer.score("", ["The fee goes to Zhang Wei."], ["费用付给张伟。"])
    assert score > 0.5


def test_passages_in_the_other_language_count_among_others_in_the_claims_own() -> None:
    scorer = PlumblineScorer(Credulous(), FakeEmbedder())
    others = ["The fee is due in May. It is paid by the tenant.", "The lease ends in June."]
    (score,) = scorer.score("", ["The fee goes to Zhang Wei."], [*others, "费用付给张伟。"])
    assert score > 0.5
    (score,) = scorer.score("", ["The fee is 90 euros."], [*others, "费用为 60 欧元。"])
    assert score < 0.5


def test_long_evidence_is_read_in_windows_with_scattered_sentences_joined() -> None:
    reader = FakeReader()
    filler = " ".join(f"Nothing of note happened on day {i} of the long voyage." for i in range(40))
    evidence = [f"Alpha was built in Kiel. {filler}", f"{filler} Omega was built in Riga."]
    scorer = PlumblineScorer(reader, FakeEmbedder())
    scorer.score("", ["Alpha in Kiel and Omega in Riga"], evidence)
    assert len(reader.seen) <= 3
    assert any("Kiel" in p.evidence and "Riga" in p.evidence for p in reader.seen)
    assert all(len(p.evidence) < 900 for p in reader.seen)


def test_a_claim_in_another_language_uses_windows_by_cosine() -> None:
    reader = FakeReader()
    long = "".join(f"第{i}天风平浪静，船上没有发生任何值得一提的事情。" for i in range(30))
    scorer = PlumblineScorer(reader, FakeEmbedder())
    (reading,) = scorer.read("", ["Riga is the port"], [long + "Riga 是港口 port。"])
    assert reading.regression == "support-foreign"
    assert any("Riga" in pair.evidence for pair in reader.seen)


def test_no_claims_and_no_evidence() -> None:
    scorer = PlumblineScorer(FakeReader(), FakeEmbedder())
    assert scorer.score("q", [], ["text"]) == []
    (alone,) = scorer.score("q", ["A claim."], [])
    assert alone < 0.5


def test_without_the_base_the_name_says_words(settings: Settings) -> None:
    assert "words" in load_scorer(settings, FakeEmbedder()).name


def test_an_unknown_external_scorer_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match="minicheck"):
        load_external("minicheck")


def test_cross_encoder_outputs_become_probabilities() -> None:
    assert support_of(np.array([0.2, 0.9]), None) == [0.2, 0.9]
    low, high = support_of(np.array([-3.0, 4.0]), None)
    assert 0.0 < low < 0.5 < high < 1.0
    (entailed,) = support_of(np.array([[0.0, 5.0, 0.0]]), 1)
    assert entailed > 0.9
