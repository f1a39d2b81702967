"""Runs from data to report: resuming, caching, comparing, and the gate that catches regressions."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from eval import experiment
from eval.arms import base_arm, challenge_arm, system_arm
from eval.cache import Cache
from eval.challenge import CANARY, KINDS, challenge
from eval.command import app
from eval.compare import compare_runs
from eval.errors import DataError, SystemFailure
from eval.experiment import RunOptions, load_results
from eval.gate import Demands, failures, parse_bounds
from eval.journal import Journal
from eval.judges import Judge
from eval.judges.asking import CachedJudge
from eval.metrics.catalogue import METRICS
from eval.past_runs import finished_runs, remember
from eval.report import report_in, write_reports
from eval.report.html import marked
from eval.runner import run_arms
from eval.score import score_item
from eval.summary import ArmItems, arm_results, compare_items, estimates, parity
from eval.systems.answer_json import to_prediction
from eval.types import CitedQuote, Claim, Evidence, Example, Judgement, Prediction, Retrieved, Score
from rag.config import Settings, load_settings

SENTENCE = "The fee of plan {n} is {fee} EUR a month."
PASSAGE = "Prices. The fee of plan {n} is {fee} EUR a month. Taxes are included."


def example(n: int) -> Example:
    """Every fourth question has no answer."""
    fee = str(10 + n)
    answerable = n % 4 != 0
    return Example(
        id=f"q{n}",
        question=f"What does plan {n} cost?",
        answers=((fee,),) if answerable else (),
        answerable=answerable,
        language="zh" if n % 10 == 7 else "en",
        forbidden=(CANARY,) if n % 2 else (),
        evidence=(Evidence("fees.md", SENTENCE.format(n=n, fee=fee)),) if answerable else (),
    )


EXAMPLES = tuple(example(n) for n in range(1, 41))


def good(x: Example) -> Prediction:
    """What a system without fault gives; every fifth answer is the bare fact."""
    n = int(x.id[1:])
    fee = str(10 + n)
    passage = PASSAGE.format(n=n, fee=fee)
    noise = tuple(Retrieved("other.md", f"Nothing, {i}.", 0.1, 1, f"n{i}") for i in range(4))
    costs: dict[str, Any] = {
        "timings_ms": {"total": 100.0 + n, "first_token": 40.0},
        "tokens": {"input": 100, "output": 10},
        "memory_mb": 500.0,
    }
    if not x.answerable:
        refusal = "Not in your documents."
        return Prediction(x.id, refusal, True, hits=noise, confidence=0.0, **costs)
    hits = (Retrieved("fees.md", passage, 0.9, 1, "c1"), *noise)
    text = fee if n % 5 == 0 else SENTENCE.format(n=n, fee=fee)
    start = passage.index(text)
    quote = CitedQuote("fees.md", text, 1, start, start + len(text), "c1", True)
    claims = (Claim(text, (quote,), "supported", 0.9),)
    return Prediction(x.id, text, False, claims, hits, 0.9, **costs)


class Verbatim:
    """A judge for whom a claim is supported when it stands in the evidence word for word."""

    name = "verbatim"
    threshold = 0.5
    fingerprint: ClassVar[dict[str, str]] = {"judge": "verbatim"}

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """1 or 0."""
        whole = " ".join(evidence)
        return [Judgement.at(float(claim in whole), 0.5) for claim in claims]

    def close(self) -> None:
        """Nothing is held."""


class Mute(Verbatim):
    """Never says anything."""

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """Unscored."""
        return [Judgement.unscored("mute")] * len(claims)


Break = Callable[[Example, Prediction], Prediction]


def run_with(change: Break = lambda _, p: p, judge_itself: Judge | None = None) -> dict[str, Any]:
    """Results of a run whose system gives `good` answers, changed."""
    judge = CachedJudge(judge_itself or Verbatim(), Cache(None))
    items = [
        score_item(x, change(x, good(x)), [e.quote for e in x.evidence], judge) for x in EXAMPLES
    ]
    arm = ArmItems("base", "as it is", {}, tuple(items))
    machine = {"processor": "p", "cores": 2, "memory_gib": 4.0, "system": "s"}
    origin = {
        "commit": "c", "uncommitted_changes": False, "code_sha256": "0", "python": "3",
        "packages": {}, "machine": machine,
    }  # fmt: skip
    data = {
        "name": "fees", "format": "jsonl", "sha256": "0", "files": ["fees.jsonl"],
        "questions_in_file": 40, "questions_asked": 40, "sample": None, "limit": None,
        "problems": [],
    }  # fmt: skip
    described = {"name": "overlap", "fingerprint": {"judge": "overlap"}, "threshold": 0.75,
                 "rows": []}  # fmt: skip
    return {
        "schema": 1, "name": "fake on fees", "finished": "2026-01-01T00:00:00+00:00",
        "seconds": 1.0, "seed": 0, "data": data, "settings": {}, "provenance": origin,
        "judge": described, "arms": [arm_results(arm, 0)], "comparisons": {},
        "parity": parity(items, 0), "notes": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    return run_with()


def test_a_system_without_fault_scores_full_marks(base: dict[str, Any]) -> None:
    values = {n: e["value"] for n, e in base["arms"][0]["metrics"].items()}
    for name in ("correct", "contains", "faithfulness", "faithful_answers", "citation_recall",
                 "citation_precision", "quote_exactness", "refusal_precision", "refusal_recall",
                 "hit@1", "mrr@10"):  # fmt: skip
        assert values[name] == 1.0, name
    for name in ("wrong_answers", "hallucinated", "severity", "false_refusals", "failed", "aurc"):
        assert values[name] == 0.0, name
    assert 0 < values["rouge_l"] < 1


def shift_offsets(_: Example, p: Prediction) -> Prediction:
    """Citation offsets three characters off, as the answer JSON would show it."""
    hits = [{"document": h.document, "text": h.text, "chunk_id": h.chunk_id} for h in p.hits]
    sentences = [
        {"text": c.text, "verdict": "supported", "score": 0.9, "citations": [
            {"document": q.document, "page": 1, "start": q.start, "end": q.end + 3,
             "quote": q.quote, "chunk_id": q.chunk_id} for q in c.citations]}
        for c in p.claims
    ]  # fmt: skip
    status = "abstained" if p.abstained else "grounded"
    value = {"answer": p.answer, "status": status, "sentences": sentences, "hits": hits}
    return replace(to_prediction(p.id, value), timings_ms=p.timings_ms)


def some(p: Prediction) -> bool:
    """Every third question or so."""
    return int(p.id[1:]) % 3 == 0


def rewritten(p: Prediction, text: str) -> Prediction:
    return replace(p, answer=text, claims=(replace(p.claims[0], text=text),))


def lower_threshold(_: Example, p: Prediction) -> Prediction:
    """The verifier lets a sentence through that nothing supports."""
    if p.abstained or not some(p):
        return p
    wild = Claim("It was invented by penguins from Mars.")
    return replace(p, answer=f"{p.answer} {wild.text}", claims=(*p.claims, wild))


def wrong_number(_: Example, p: Prediction) -> Prediction:
    if p.abstained or not some(p):
        return p
    return rewritten(p, p.answer.replace(str(10 + int(p.id[1:])), "990"))


def wrong_name(_: Example, p: Prediction) -> Prediction:
    return p if p.abstained else rewritten(p, p.answer.replace("of plan", "of Borealis plan"))


def wrong_polarity(_: Example, p: Prediction) -> Prediction:
    return p if p.abstained else rewritten(p, p.answer.replace(" is ", " is not "))


def drop_keywords(_: Example, p: Prediction) -> Prediction:
    """Without the keyword index the right passage is found last, or not at all."""
    if not some(p):
        return p
    hits = p.hits[1:] + p.hits[:1] if int(p.id[1:]) % 2 else p.hits[1:]
    return replace(p, hits=hits)


def never_refuse(x: Example, p: Prediction) -> Prediction:
    if x.answerable:
        return p
    text = "The fee of plan 4 is 99 EUR a month."
    return replace(p, answer=text, abstained=False, claims=(Claim(text),), confidence=0.95)


def refuse_too_much(_: Example, p: Prediction) -> Prediction:
    if not some(p):
        return p
    return replace(p, answer="I do not know.", abstained=True, claims=(), confidence=0.0)


def uncite(_: Example, p: Prediction) -> Prediction:
    return replace(p, claims=tuple(replace(c, citations=()) for c in p.claims))


def cite_everything(_: Example, p: Prediction) -> Prediction:
    extra = CitedQuote("other.md", "Nothing about it, 1.", chunk_id="n1", exact=True)
    return replace(p, claims=tuple(replace(c, citations=(*c.citations, extra)) for c in p.claims))


def cite_a_neighbour(_: Example, p: Prediction) -> Prediction:
    if int(p.id[1:]) % 2:
        return p
    wrong = CitedQuote("other.md", "The sentence beside it.", chunk_id="n1", exact=True)
    return replace(
        p, claims=tuple(replace(c, citations=(wrong,) * len(c.citations)) for c in p.claims)
    )


def crash(_: Example, p: Prediction) -> Prediction:
    return Prediction(p.id, error="timed out", timings_ms={"total": 1.0}) if some(p) else p


def ramble(_: Example, p: Prediction) -> Prediction:
    return p if p.abstained else replace(p, answer=f"{p.answer} And so it is, all in all.")


def obey(x: Example, p: Prediction) -> Prediction:
    return replace(p, answer=f"{p.answer} {CANARY}") if x.forbidden else p


def slow(_: Example, p: Prediction) -> Prediction:
    return replace(
        p,
        timings_ms={"total": 9000.0, "first_token": 5000.0},
        tokens={"input": 900, "output": 90},
        memory_mb=9000.0,
    )


RANKS = ("hit@1", "hit@3", "hit@5", "hit@10", "recall@1", "recall@3", "recall@5", "recall@10",
         "precision@1", "precision@5", "mrr@10", "ndcg@10", "map@10")  # fmt: skip
REGRESSIONS: Mapping[str, tuple[Break, Sequence[str]]] = {
    "broken citation offsets": (shift_offsets, ["quote_exactness"]),
    "lowered threshold": (lower_threshold, ["faithfulness", "faithful_answers", "hallucinated",
                          "severity", "wrong_invented", "cited_claims", "citation_recall"]),
    "wrong numbers": (wrong_number, ["correct", "contains", "exact_match", "token_f1",
                      "wrong_answers", "wrong_number", "faithfulness"]),
    "wrong names": (wrong_name, ["wrong_name", "severity"]),
    "wrong polarity": (wrong_polarity, ["wrong_negation", "severity"]),
    "dropped keywords": (drop_keywords, RANKS),
    "no refusals": (never_refuse, ["correct", "refusal_recall", "wrong_answers", "aurc"]),
    "too many refusals": (refuse_too_much, ["correct", "refusal_precision", "false_refusals"]),
    "lost citations": (uncite, ["citation_recall", "citation_precision", "cited_claims"]),
    "citations of a neighbour": (cite_a_neighbour, ["gold_citations", "gold_evidence"]),
    "idle citations": (cite_everything, ["citation_precision"]),
    "crashes": (crash, ["failed", "correct"]),
    "rambling": (ramble, ["token_f1", "rouge_l", "lcs_f1"]),
    "following orders": (obey, ["steered"]),
    "slowness": (slow, ["latency_p50", "latency_p95", "first_token_p50", "tokens_in",
                 "tokens_out", "memory"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_gate_catches_each_planted_regression(name: str, base: dict[str, Any]) -> None:
    change, metrics = REGRESSIONS[name]
    run = run_with(change)
    fallen = failures(run, base, Demands({}, {}, None, dict.fromkeys(metrics, 0.001)))
    for metric in metrics:
        assert [f for f in fallen if f.startswith(metric)], metric
        bound = {metric: base["arms"][0]["metrics"][metric]["value"]}
        higher = METRICS[metric].better == "higher"
        demands = Demands(bound, {}) if higher else Demands({}, bound)
        assert failures(base, None, demands) == []
        assert failures(run, None, demands)


def test_every_metric_has_a_planted_regression() -> None:
    caught = {metric for _, metrics in REGRESSIONS.values() for metric in metrics}
    assert caught | {"unscored"} == set(METRICS)


def test_the_gate_catches_a_judge_that_falls_silent(base: dict[str, Any]) -> None:
    run = run_with(judge_itself=Mute())
    assert failures(run, base, Demands({}, {"unscored": 0.05}, 0.02))
    assert failures(base, None, Demands({}, {"unscored": 0.05})) == []


def test_the_gate_catches_lost_measures(base: dict[str, Any]) -> None:
    blind = copy.deepcopy(base)
    del blind["arms"][0]["metrics"]["faithfulness"]
    assert "not measured" in failures(blind, None, Demands({"faithfulness": 0.9}, {}))[0]
    assert "faithfulness" in failures(blind, base, Demands({}, {}, 0.02))[-1]


def test_the_gate_is_open_for_the_same_run(base: dict[str, Any]) -> None:
    assert failures(base, base, Demands({"correct": 0.9}, {"failed": 0.0}, 0.0)) == []


def test_runs_with_different_judges_are_not_compared_in_secret(base: dict[str, Any]) -> None:
    other = {**base, "judge": {**base["judge"], "fingerprint": {"judge": "other"}}}
    assert any("different judges" in f for f in failures(other, base, Demands({}, {}, 0.02)))
    assert any("judges differ" in w for w in compare_runs(base, other)["warnings"])


@pytest.mark.parametrize("text", ["nonsense=0.5", "correct", "correct=much"])
def test_a_wrong_bound_is_named(text: str) -> None:
    with pytest.raises(DataError, match=f"--min {text}"):
        parse_bounds([text], "--min")


def test_comparing_names_what_moved(base: dict[str, Any]) -> None:
    got = compare_runs(base, run_with(wrong_number))
    assert got["questions"] == 40
    assert {e["id"] for e in got["worse"]} == {
        x.id for x in EXAMPLES if x.answerable and int(x.id[1:]) % 3 == 0
    }
    assert got["better"] == []
    assert got["differences"]["correct"]["value"] < 0
    assert got["differences"]["correct"]["test"] == "McNemar, exact"


def test_unscored_claims_lower_the_value_and_are_counted() -> None:
    items = [score_item(x, good(x), [], CachedJudge(Mute(), Cache(None))) for x in EXAMPLES]
    got = estimates(items, 0)
    assert got["faithfulness"].value == 0.0
    assert got["faithfulness"].unscored == sum(x.answerable for x in EXAMPLES)
    assert got["unscored"].value == 1.0
    assert got["hallucinated"].value == pytest.approx(0.75)


def test_parity_pairs_the_languages() -> None:
    def item(language: Any, right: bool) -> Any:
        x = replace(EXAMPLES[0], language=language, pair="p")
        return score_item(x, good(x) if right else Prediction(x.id, "No idea at all."), [], None)

    got = parity([item("en", True), item("zh", False)], 0)
    assert got["correct"]["value"] == -1.0
    assert got["correct"]["n"] == 1


class Fake:
    """A system that counts its calls, and may be killed after some of them."""

    def __init__(self, die_after: int | None = None, name: str = "fake") -> None:
        self.calls, self.die_after, self.closed = 0, die_after, False
        self.name = name
        self.fingerprint = {"kind": name}

    def answer(self, example: Example) -> Prediction:
        if self.die_after is not None and self.calls >= self.die_after:
            raise KeyboardInterrupt
        self.calls += 1
        if example.id == "q7":
            raise SystemFailure("did not answer within 1 s")
        return good(example)

    def close(self) -> None:
        self.closed = True


class Wrong(Fake):
    """Says the same to every question."""

    def answer(self, example: Example) -> Prediction:
        """Wrong, whatever is asked."""
        return Prediction(example.id, "The fee is 3 EUR.")


def ask(system: Fake, folder: Path, cache: Path | None = None, workers: int = 1) -> Any:
    journal = Journal(folder)
    journal.begin({"data": "0"}, resume=True)
    arms = [base_arm(EXAMPLES, lambda: system, "as it is")]
    return run_arms(arms, journal, Cache(cache), lambda *_: None, workers)[0]


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Fake(die_after=15)
    with pytest.raises(KeyboardInterrupt):
        ask(first, tmp_path)
    assert first.closed
    with (tmp_path / "items.jsonl").open("a") as file:
        file.write('{"arm": "base", "key": "cut o')
    second = Fake()
    result = ask(second, tmp_path)
    assert second.calls == len(EXAMPLES) - 15
    assert result.reused == 15
    assert [p.id for p in result.predictions] == [x.id for x in EXAMPLES]
    assert result.predictions[6].error == "did not answer within 1 s"
    third = Fake()
    ask(third, tmp_path)
    assert third.calls == 0


def test_the_cache_serves_another_run_but_not_another_system(tmp_path: Path) -> None:
    ask(Fake(), tmp_path / "a", tmp_path / "cache")
    again, other = Fake(), Fake(name="other")
    ask(again, tmp_path / "b", tmp_path / "cache")
    assert again.calls == 1  # the failed question is asked again
    ask(other, tmp_path / "c", tmp_path / "cache")
    assert other.calls == len(EXAMPLES)


def test_order_and_results_do_not_depend_on_workers(tmp_path: Path) -> None:
    one = ask(Fake(), tmp_path / "a")
    many = ask(Fake(), tmp_path / "b", workers=8)
    assert [(p.id, p.answer) for p in one.predictions] == [
        (p.id, p.answer) for p in many.predictions
    ]


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path).begin({"data": "0", "seed": 1}, resume=True)
    with pytest.raises(DataError, match=r"other seed; .* --no-resume"):
        Journal(tmp_path).begin({"data": "0", "seed": 2}, resume=True)
    Journal(tmp_path).begin({"data": "0", "seed": 2}, resume=False)


@pytest.mark.parametrize("kind", KINDS)
def test_challenges_change_questions_the_same_way_each_time(kind: str) -> None:
    base = {x.id: good(x) for x in EXAMPLES}
    changed = challenge(kind, EXAMPLES, base, seed=1)
    assert changed == challenge(kind, EXAMPLES, base, seed=1)
    assert len(changed) >= 20
    originals = {x.id: x for x in EXAMPLES}
    for x in changed:
        before = originals[x.id]
        assert (x.question, x.passages) != (before.question, before.passages)
        assert x.answers == before.answers
    if kind == "injected":
        assert all(CANARY in x.passages[0] and CANARY in x.forbidden for x in changed)
    if kind == "noise":
        assert all(len(x.passages) > 5 for x in changed)


def test_a_steered_answer_is_counted() -> None:
    x = replace(EXAMPLES[0], forbidden=(CANARY,))
    item = score_item(x, Prediction(x.id, f"Sure: {CANARY.lower()}"), [], None)
    assert item.scores["steered"] == Score(1.0)


def test_arms_are_paired_on_the_same_questions(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin({}, resume=True)
    worse = Wrong(name="worse")
    arms = [
        base_arm(EXAMPLES, lambda: Fake(), "as it is"),
        system_arm("closed-book", "memory alone", EXAMPLES, lambda: worse),
        challenge_arm("typos", EXAMPLES, lambda: Fake(), 0),
    ]
    results = run_arms(arms, journal, Cache(None), lambda *_: None)
    items = [
        [score_item(x, p, [], None) for x, p in zip(r.examples, r.predictions, strict=True)]
        for r in results
    ]
    got = compare_items(items[0], items[1], 0)
    assert got["correct"]["value"] < -0.9
    assert got["correct"]["p"] < 0.001
    assert got["correct"]["n"] == len(EXAMPLES)


FINISHED = [
    {"id": "a", "answer": "The fee is 12 EUR.",
     "hits": [{"document": "fees.md", "text": "The fee is 12 EUR.", "chunk_id": "c"}]},
    {"id": "b", "answer": "I do not know."},
    {"id": "c", "answer": "<script>alert(1)</script> 9 EUR"},
]  # fmt: skip
QUESTIONS = [
    {"id": "a", "question": "What is the fee?", "answers": ["12 EUR"],
     "evidence": [{"document": "fees.md", "quote": "The fee is 12 EUR."}]},
    {"id": "b", "question": "Who is the chair?", "answerable": False},
    {"id": "c", "question": "What is the fine?", "answers": ["5 EUR"],
     "evidence": [{"document": "fees.md", "quote": "The fine is 5 EUR."}]},
    {"id": "d", "question": "Who is not in the file?", "answerable": False},
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path, home: Path) -> tuple[Path, Path]:
    data, answers = tmp_path / "q.jsonl", tmp_path / "answers.jsonl"
    data.write_text("\n".join(json.dumps(r) for r in QUESTIONS) + "\n{broken\n")
    answers.write_text("\n".join(json.dumps(r) for r in FINISHED))
    return data, answers


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (["nosuch"], "unknown judge 'nosuch'"),
        (["encoder"], "unknown judge 'encoder'"),
        (["model", "--judge-url", "http://127.0.0.1:9/v1"], "--judge-model"),
        (["ragas", "--ragas-python", "/nowhere/python"], "is no program"),
    ],
)
def test_a_judge_that_cannot_be_is_refused_before_anything_is_asked(
    files: tuple[Path, Path], tmp_path: Path, judge: list[str], told: str
) -> None:
    data, answers = files
    out = tmp_path / "run"
    done = invoke("run", "--data", data, "--system", answers, "--out", out, "--judge", *judge)
    assert done.exit_code == 2
    assert told in done.output
    assert not out.exists()


def test_a_run_in_which_every_question_fails_says_why(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = invoke(
        "run", "--data", files[0], "--system", "os:getcwd", "--judge", "none", "--out", out
    )
    assert done.exit_code == 1
    assert "4 of 4 questions failed, the first with: " in done.output
    assert "every question failed" in done.output
    assert (out / "report.html").exists()


def test_the_command_line_from_data_to_gate(files: tuple[Path, Path], tmp_path: Path) -> None:
    data, answers = files
    out = tmp_path / "run"
    done = invoke("run", "--data", data, "--system", answers, "--judge", "overlap", "--out", out)
    assert done.exit_code == 0, done.output
    assert "line 5: not JSON" in done.output
    results = load_results(out)
    metrics = results["arms"][0]["metrics"]
    assert metrics["correct"]["value"] == pytest.approx(2 / 4)
    assert metrics["failed"]["value"] == pytest.approx(1 / 4)
    page = (out / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    assert "| Right outcome |" in (out / "report.md").read_text()
    [run] = finished_runs(load_settings().home_dir).values()
    assert (run.questions, run.folder) == (4, out)
    assert invoke("gate", out, "--min", "correct=0.4").exit_code == 0
    shut = invoke("gate", out, "--min", "correct=0.9")
    assert shut.exit_code == 1
    assert "correct = 0.5" in shut.output
    assert "worse: 0" in invoke("compare", out, out).output


def test_running_twice_gives_the_same_figures(files: tuple[Path, Path], tmp_path: Path) -> None:
    data, answers = files
    for name in ("one", "two"):
        invoke("run", "--data", data, "--system", answers, "--judge", "overlap", "--out",
               tmp_path / name)  # fmt: skip
    one, two = load_results(tmp_path / "one"), load_results(tmp_path / "two")
    costs = ("latency_p50", "latency_p95", "first_token_p50", "memory")
    for results in (one, two):
        for name in costs:
            results["arms"][0]["metrics"].pop(name, None)
    assert one["arms"][0]["metrics"] == two["arms"][0]["metrics"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--data", "none.jsonl", "--out", "x"], "does not exist"),
        (["gate", "nowhere", "--min", "correct=1"], "holds no results.json"),
        (["gate", "nowhere"], "nothing is demanded"),
        (["gate", "nowhere", "--max-drop", "lots"], "write a number"),
        (["compare", "nowhere", "nowhere"], "holds no results.json"),
    ],
)
def test_mistakes_are_one_sentence_with_exit_code_2(
    arguments: list[str], message: str, home: Path
) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_strict_stops_at_the_broken_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = invoke(
        "run", "--data", files[0], "--system", files[1], "--strict", "--out", tmp_path / "r"
    )
    assert done.exit_code == 2
    assert "line 5" in done.output


def test_no_model_is_loaded_for_another_system(files: tuple[Path, Path], tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom eval.command import app\n"
        f"app(['run', '--data', {str(files[0])!r}, '--system', {str(files[1])!r}, '--judge', "
        f"'overlap', '--out', {str(tmp_path / 'r')!r}], standalone_mode=False)\n"
        "assert not {'torch', 'sentence_transformers', 'faiss', 'xllamacpp'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_system_ablation_or_challenge_is_refused(
    files: tuple[Path, Path], tmp_path: Path, settings: Settings
) -> None:
    for options in (
        {"system": "nonsense"}, {"ablate": ("nonsense",)}, {"challenges": ("nonsense",)},
        {"judge": "nonsense"},
    ):  # fmt: skip
        whole: dict[str, Any] = {"system": str(files[1]), "judge": "overlap", **options}
        run = RunOptions(data=(files[0],), out=tmp_path / str(options), **whole)
        with pytest.raises(DataError, match="unknown"):
            experiment.run(run, settings, lambda *_: None)


def test_a_report_marks_the_quotes_and_lists_nothing_broken(
    base: dict[str, Any], tmp_path: Path
) -> None:
    assert marked("a bc d", ["bc"]) == [("a ", False), ("bc", True), (" d", False)]
    write_reports(base, tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "results.json").write_text("{")
    info = report_in(tmp_path / "good")
    assert info is not None
    assert report_in(tmp_path / "bad") is None
    assert info.headline["correct"].value == 1.0
    assert "<mark>The fee of plan" in info.html.read_text()
    assert report_in(tmp_path / "nowhere") is None
    assert write_twice(base, tmp_path)


def test_finished_runs_are_remembered_once_and_forgotten_with_their_folder(
    base: dict[str, Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert finished_runs(home) == {}
    for name, month in (("old", 1), ("new", 2)):
        finished = f"2026-0{month}-01T00:00:00+00:00"
        write_reports({**base, "finished": finished}, tmp_path / name)
        remember(tmp_path / name, home)
        remember(tmp_path / name, home)
    assert [info.folder.name for info in finished_runs(home).values()] == ["new", "old"]
    (tmp_path / "new" / "results.json").write_text("{")
    (tmp_path / "old" / "report.html").unlink()
    assert finished_runs(home) == {}


def write_twice(results: dict[str, Any], folder: Path) -> bool:
    """Whether the same results give the same bytes."""
    write_reports(results, folder / "again")
    return (folder / "again" / "report.html").read_bytes() == (
        folder / "good" / "report.html"
    ).read_bytes()
