"""Judges: a verdict or none, never a guess; and the measuring of judges."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from eval.cache import Cache
from eval.command_judges import _measured
from eval.errors import DataError, MissingExtra
from eval.judge_book import remember, rows_for
from eval.judges import JudgeOptions, open_judge
from eval.judges.asking import CachedJudge
from eval.judges.encoder import Encoder
from eval.judges.measure import ask_all, measure, row_from_json, row_to_json
from eval.judges.model import ModelJudge, _probability
from eval.judges.overlap import Overlap
from eval.judges.ragas import Ragas
from eval.judges.verifier import Verifier
from eval.perturb import CHANGES, perturbed_pairs
from eval.types import Judgement, LabelledPair, LabelledSet
from rag.config import Settings
from rag.errors import ModelError
from tests.fakes import FakeChat

EVIDENCE = ["The fee is 12 EUR a month.", "费用是每月12元。"]


def yes_no(verdict: str) -> str:
    return json.dumps({"verdict": verdict})


def model_judge(*replies: str, split: bool = False) -> ModelJudge:
    return ModelJudge(FakeChat(replies=list(replies)), "fake", {}, split=split)


def test_overlap_counts_words_and_numbers() -> None:
    claims = ["The fee is 12 EUR.", "The fee is 15 EUR.", "费用是每月12元。", "…"]
    got = Overlap().judge("", claims, EVIDENCE)
    assert [j.supported for j in got] == [True, False, True, None]
    assert got[0].score == 1.0


@pytest.mark.parametrize(("verdict", "supported"), [("yes", True), ("no", False)])
def test_a_model_says_yes_or_no(verdict: str, supported: bool) -> None:
    [got] = model_judge(yes_no(verdict)).judge("Q?", ["claim"], EVIDENCE)
    assert got.supported is supported


@pytest.mark.parametrize("reply", [yes_no("maybe"), "yes, I think", "[1]", "{}", ""])
def test_neither_yes_nor_no_is_unscored_with_the_reason(reply: str) -> None:
    [got] = model_judge(reply).judge("Q?", ["claim"], EVIDENCE)
    assert (got.score, got.supported) == (None, None)
    assert got.reason


def test_all_statements_of_a_split_claim_must_hold() -> None:
    split = json.dumps({"statements": ["It is 12 EUR.", "It is yearly."]})
    [got] = model_judge(split, yes_no("yes"), yes_no("no"), split=True).judge("", ["c"], EVIDENCE)
    assert got.supported is False
    [both] = model_judge(split, yes_no("yes"), split=True).judge("", ["c"], EVIDENCE)
    assert both.supported is True
    [broken] = model_judge('{"statements": 3}', split=True).judge("", ["c"], EVIDENCE)
    assert broken.score is None


def test_the_models_own_certainty_is_the_score() -> None:
    from langchain_core.messages import AIMessage

    def said(word: str) -> AIMessage:
        tokens = [{"token": '{"', "logprob": 0.0}, {"token": word, "logprob": float(np.log(0.8))}]
        return AIMessage("", response_metadata={"logprobs": {"content": tokens}})

    assert _probability(said(" yes"), "yes") == pytest.approx(0.8)
    assert _probability(said("no"), "no") == pytest.approx(0.2)
    assert _probability(AIMessage(""), "no") == 0.0


def test_without_evidence_nothing_is_judged() -> None:
    assert model_judge(yes_no("yes")).judge("", ["c"], [])[0].score is None


class _Pairs:
    def __init__(self, logits: list[Any]) -> None:
        self.logits = logits

    def predict(self, sentences: Any, **options: Any) -> Any:
        return np.array(self.logits[: len(sentences)])


def test_encoders_with_one_and_with_three_labels() -> None:
    one = Encoder("m", _Pairs([2.0, -2.0]))
    assert one.judge("", ["c"], EVIDENCE)[0].score == pytest.approx(1 / (1 + np.exp(-2)))
    labels = {0: "contradiction", 1: "neutral", 2: "entailment"}
    nli = Encoder("org/nli", _Pairs([[0.0, 0.0, 3.0], [3.0, 0.0, 0.0]]), labels)
    assert nli.judge("", ["c"], EVIDENCE)[0].supported is True
    assert nli.name == "nli"
    odd = Encoder("m", _Pairs([[0.0, 1.0, 2.0]]), {0: "x", 1: "y", 2: "z"})
    with pytest.raises(ModelError, match="none of which is entailment"):
        odd.judge("", ["c"], EVIDENCE[:1])


class _Scorer:
    name = "fake scorer"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        return [0.7 if "12" in claim else 0.2 for claim in claims]


def test_the_verifier_judges_at_its_threshold() -> None:
    judge = Verifier(_Scorer(), 0.5, {})
    got = judge.judge("", ["It is 12.", "It is 15."], EVIDENCE)
    assert [j.supported for j in got] == [True, False]
    assert judge.judge("", ["It is 12."], [])[0].score is None


@pytest.mark.parametrize("spec", ["nonsense", "encoder:", ""])
def test_an_unknown_judge_is_refused(spec: str, settings: Settings) -> None:
    with pytest.raises(DataError, match="known are plumbline"):
        open_judge(spec, settings, JudgeOptions())


def test_a_model_judge_at_a_url_needs_its_name(settings: Settings) -> None:
    with pytest.raises(DataError, match="--judge-model"):
        open_judge("model", settings, JudgeOptions(url="http://127.0.0.1:9/v1"))


def test_an_endpoint_that_is_down_leaves_claims_unscored(settings: Settings) -> None:
    options = JudgeOptions(url="http://127.0.0.1:9/v1", model="m", timeout_s=1)
    [got] = open_judge("model-whole", settings, options).judge("", ["c"], EVIDENCE)
    assert got.score is None
    assert "endpoint failed" in got.reason


def test_ragas_missing_names_the_environment_to_make() -> None:
    with pytest.raises(MissingExtra, match="--ragas-python"):
        Ragas(sys.executable, "http://127.0.0.1:9/v1", "m", "")


def test_ragas_passes_claims_to_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import json, sys\nprint(json.dumps({'version': '0'}), flush=True)\n"
        "for line in sys.stdin:\n"
        "    claim = json.loads(line)['claim']\n"
        "    reply = {'score': 0.5} if claim == 'half' else {'error': 'boom'}\n"
        "    print(json.dumps(reply), flush=True)\n"
    )
    monkeypatch.setattr("eval.judges.ragas.WORKER", worker)
    judge = Ragas(sys.executable, "http://127.0.0.1:9/v1", "m", "")
    half, failed = judge.judge("", ["half", "other"], EVIDENCE)
    judge.close()
    assert (half.score, half.supported) == (0.5, True)
    assert (failed.score, failed.reason) == (None, "boom")


class _OwnModel:
    """A generator behind a server that asks for its key."""

    class chat:
        openai_api_base = "http://127.0.0.1:9/v1"
        openai_api_key = SecretStr("made for itself")

    name = "own"

    def close(self) -> None:
        """Nothing to close."""


def test_ragas_is_given_the_key_of_plumblines_own_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import json, os, sys\nprint(json.dumps({'version': '0'}), flush=True)\n"
        "for line in sys.stdin:\n"
        "    known = os.environ['RAGAS_API_KEY'] == 'made for itself'\n"
        "    print(json.dumps({'score': 1.0} if known else {'error': '401'}), flush=True)\n"
    )
    monkeypatch.setattr("eval.judges.ragas.WORKER", worker)
    monkeypatch.setattr("rag.models.generator.open_generator", lambda settings: _OwnModel())
    judge = open_judge("ragas", settings, JudgeOptions(ragas_python=sys.executable))
    [got] = judge.judge("", ["A claim."], EVIDENCE)
    judge.close()
    assert got.score == 1.0


class _Counting(Overlap):
    asked = 0

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        self.asked += len(claims)
        return super().judge(question, claims, evidence)


def test_a_claim_is_judged_once_and_unscored_ones_again(tmp_path: Path) -> None:
    judge = _Counting()
    cached = CachedJudge(judge, Cache(tmp_path))
    first = cached.judge("", ["The fee is 12 EUR.", "…"], EVIDENCE)
    second = cached.judge("", ["The fee is 12 EUR.", "…"], EVIDENCE)
    assert first == second
    assert judge.asked == 3
    cached.judge("", ["The fee is 12 EUR."], EVIDENCE[:1])
    assert judge.asked == 4


def labelled(count: int = 40) -> LabelledSet:
    pairs = [
        LabelledPair(str(n), f"The fee is {12 if n % 2 else 15} EUR.", tuple(EVIDENCE), bool(n % 2),
                     "en" if n % 4 < 2 else "zh")
        for n in range(count)
    ]  # fmt: skip
    return LabelledSet("set", "claims", "0", tuple(pairs))


def test_a_judge_is_measured_as_a_whole_and_by_language() -> None:
    judge, data = Overlap(), labelled()
    rows = measure(judge, data, ask_all(judge, data.pairs), seed=1)
    assert [(r.language, r.n) for r in rows] == [("all", 40), ("en", 20), ("zh", 20)]
    assert rows[0].auroc.value == rows[0].balanced_accuracy.value == rows[0].kappa.value == 1.0
    assert rows[0].ms_per_claim > 0
    assert row_from_json(json.loads(json.dumps(row_to_json(rows[0])))) == rows[0]


class _Silent(Overlap):
    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        return [Judgement.unscored("silent")] * len(claims)


def test_a_silent_judge_gains_nothing() -> None:
    judge, data = _Silent(), labelled()
    row = measure(judge, data, ask_all(judge, data.pairs), seed=1)[0]
    assert row.unscored == 1.0
    assert row.auroc.value == 0.5
    assert row.balanced_accuracy.value == 0.0


TEXTS = [
    "The company Aurora was founded in 1998 by Mara Lind in the town of Bergen. It is now led by "
    "Jonas Holt, who has 45 people in the head office of Oslo and more than Borealis ever had.",
    "极光公司于1998年由林曼在北京创立，现有员工45人。公司是由王强领导的，总部从北京到上海搬迁过一次。",
    "The museum in Trieste is open from Tuesday to Sunday and has 320 paintings by Anna Serra.",
]


def test_perturbed_claims_are_half_true_and_half_false() -> None:
    pairs = perturbed_pairs(TEXTS, 10, seed=3)
    assert len(pairs) == 10
    for pair in pairs:
        assert pair.supported == (pair.claim in pair.evidence[0])
    assert pairs == perturbed_pairs(TEXTS, 10, seed=3)
    assert {p.language for p in pairs} == {"en", "zh"}
    assert len({p.kind for p in pairs} & set(CHANGES)) >= 3


def test_the_book_keeps_what_was_measured_and_a_run_adds_its_own(settings: Settings) -> None:
    judge, data = Overlap(), labelled()
    remember(judge, settings, measure(judge, data, ask_all(judge, data.pairs), seed=1))
    remember(judge, settings, measure(judge, data, ask_all(judge, data.pairs), seed=2))
    rows = rows_for(judge, settings, TEXTS * 3, check=12, seed=0)
    assert [r["data"] for r in rows].count("set") == 3
    assert any("this run" in r["data"] for r in rows)


def test_why_claims_went_unscored_is_told() -> None:
    pairs = [LabelledPair(f"{i}", "A claim.", tuple(EVIDENCE), i % 2 == 0, "en") for i in range(4)]
    rows, silent = _measured(_Silent(), [LabelledSet("set", "claims", "d", tuple(pairs))], 0)
    assert rows[0].unscored == 1.0
    assert silent == [f"{_Silent.name}: set: 4 of 4 claims unscored, most often because: silent"]
    assert _measured(Overlap(), [LabelledSet("set", "claims", "d", tuple(pairs))], 0)[1] == []
