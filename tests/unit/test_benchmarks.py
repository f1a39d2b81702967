"""The measuring scripts: resumable, and judging as they say."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from starlette.testclient import TestClient

from benchmarks import encodings, load, redecide, stand_in
from benchmarks.answer import Times, plain_prompt, table
from benchmarks.cache import Cache
from benchmarks.injections import ITEMS, followed
from benchmarks.judges import JOINS, compared, covered, judged, ours, spearman, supports_of
from benchmarks.near_misses import Case, cases_of, drawn, joined, own_logit, read
from benchmarks.support import ARMS, WHOLE, measured
from eval.data import open_questions
from eval.metrics.answers import contains
from eval.types import LabelledPair
from rag.checking.own_word import OwnWord
from rag.models.crossinput import Pair, Scores
from rag.retrieval import hits_from_texts
from rag.types import FloatArray
from tests.fakes import FakeChat, FakeEmbedder


def test_the_cache_survives_a_kill_in_mid_line(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    assert Cache(path).get("a", lambda: 1) == 1
    with path.open("a") as file:
        file.write('{"key": "b", "val')
    again = Cache(path)
    assert again.get("a", lambda: 2) == 1
    assert again.get("b", lambda: 3) == 3


def test_a_reading_in_an_old_encoding_is_right_whole_or_not_at_all(tmp_path: Path) -> None:
    said = "Zażółć gęślą jaźń, pchnąć w tę łódź jeża. " * 5
    (tmp_path / "man1").mkdir()
    page = f".TH X\n.PP\n{said}\n\nToo short."
    (tmp_path / "man1" / "x.1.gz").write_bytes(gzip.compress(page.encode()))
    (found,) = encodings.paragraphs(tmp_path, 200)
    assert said.startswith(found)
    assert not encodings.fits(found, "cp1252")
    scores = encodings.measure([found], "iso8859_2")
    assert scores["shipped"][0].num == 1.0
    assert set(scores) == {"shipped", "without", "plain"}


def test_the_injection_set_is_sound() -> None:
    examples = open_questions([ITEMS], "jsonl").examples
    assert len(examples) >= 40
    assert {e.language for e in examples} == {"en", "zh"}
    for e in examples:
        assert len(e.passages) == 1
        assert e.forbidden
        assert contains(e.passages[0].replace("\u200b", ""), e.answers) == 1.0, e.id


def test_following_is_seen() -> None:
    (first, *_) = open_questions([ITEMS], "jsonl").examples
    assert followed(first, f"Well: {first.forbidden[0].lower()}!")
    assert not followed(first, "The cold store opens at 06:30.")


def test_items_are_json_lines() -> None:
    ids = [json.loads(line)["id"] for line in ITEMS.read_text(encoding="utf-8").splitlines()]
    assert len(set(ids)) == len(ids)


class WordScorer:
    """A support scorer that believes what the evidence says word by word."""

    name = "words"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        return [0.9 if any(claim in text for text in evidence) else 0.2 for claim in claims]


class LengthReader:
    """A cross-encoder that likes short texts."""

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        return np.array([-len(text) for text in passages], dtype=np.float32)


PASSAGE = "The library is open to all. It opens at nine."


def marked(answer: str, mark: float, rival: float) -> LabelledPair:
    return LabelledPair(
        answer, answer, (PASSAGE,), mark >= 3.5, "en", mark=mark, rivals={"other": rival}
    )


def test_an_answer_is_scored_by_its_sentences_that_claim_something() -> None:
    answer = "The documents do not say more. It opens at nine. It closes at ten."
    assert supports_of(WordScorer(), marked(answer, 3.0, 0.0)) == [0.9, 0.2]
    assert supports_of(WordScorer(), marked("The documents do not say.", 4.0, 0.0)) == []


def test_the_scores_of_sentences_are_joined() -> None:
    found = {name: join([0.9, 0.2]) for name, join in JOINS.items()}
    odds = (0.9 / 0.1 * 0.2 / 0.8) ** 0.5
    assert found == pytest.approx({"log-odds": odds / (1 + odds), "min": 0.2, "mean": 0.55})
    assert [join([]) for join in JOINS.values()] == [1.0, 1.0, 1.0]
    assert JOINS["log-odds"]([0.0, 1.0]) == pytest.approx(0.5)


def test_word_coverage_counts_content_words_once() -> None:
    assert covered("The library opens at ten, at ten.", [PASSAGE]) == pytest.approx(2 / 3)
    assert covered("It is.", [PASSAGE]) == 1.0


def test_rank_correlation_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, (2, 3, 40)).astype(np.float64)
    expected = [spearmanr(x, y).statistic for x, y in zip(a, b, strict=True)]
    assert spearman(a, b) == pytest.approx(expected)
    assert np.isnan(spearman(np.ones((1, 4)), b[:1, :4])[0])


def test_judges_of_answers_are_held_against_ours_on_the_same_answers() -> None:
    said = ("It opens at nine.", "It closes at ten.", "The library is open to all.", "Dogs bark.")
    answers = [
        marked(text, mark, rival)
        for text, mark, rival in zip(said * 5, [4, 2, 3.5, 3] * 5, [1, 0, 0, 1] * 5, strict=True)
    ]
    scores = judged(WordScorer(), answers)
    found = compared(answers, scores, ours("log-odds"))
    assert list(found) == [*map(ours, JOINS), "other", "word coverage"]
    assert "less" not in found[ours("log-odds")]
    for name, figures in found.items():
        expected = roc_auc_score([a.supported for a in answers], scores[name])
        assert figures["auroc"][0] == pytest.approx(expected)
    assert found[ours("min")]["less"] == [0.0, 0.0, 0.0]
    value, low, high = found["other"]["less"]
    assert low < value == -0.5 < high < 0


def near(count: int) -> list[Case]:
    return [Case(f"Question {n}?", f"Text {n // 4}.", "en", n % 3 == 0) for n in range(count)]


def test_near_misses_are_drawn_evenly_and_a_small_draw_begins_a_large_one() -> None:
    few, many = drawn(near(60), 9, 1), drawn(near(60), 100, 1)
    assert (len(few), len(many), len(set(many))) == (8, 40, 40)
    assert many[:8] == few != drawn(near(60), 9, 2)
    assert sum(case.answered for case in few) == 4


def test_near_misses_are_of_articles_that_no_training_sees(tmp_path: Path) -> None:
    context = "Warsaw has a river. The river is wide."
    answer = {"text": "wide", "answer_start": context.index("wide")}
    asked = [
        {"question": "How wide?", "answers": [answer], "is_impossible": False},
        {"question": "How deep?", "answers": [], "is_impossible": True},
    ]
    articles = [
        {"title": title, "paragraphs": [{"context": context, "qas": asked}]}
        for title in ("Warsaw", "Elsewhere")
    ]
    path = tmp_path / "squad2_en.json"
    path.write_text(json.dumps({"data": articles}))
    assert cases_of(path, every=False) == [
        Case("How wide?", context, "en", True),
        Case("How deep?", context, "en", False),
    ]
    assert len(cases_of(path, every=True)) == 4


def test_the_cross_encoder_reads_the_paragraph_and_its_sentences() -> None:
    case = Case("When?", PASSAGE, "en", True)
    best = -len("It opens at nine.")
    found = read(case, FakeEmbedder(), LengthReader())
    assert found == {"whole": -len(PASSAGE), "sentence": best, "reader": best}


def test_the_models_word_is_asked_once_and_kept(tmp_path: Path) -> None:
    case, chat = Case("When?", PASSAGE, "en", True), FakeChat(tokens=[("Yes", 0.6), ("No", 0.2)])
    kept = tmp_path / "words.jsonl"
    for _ in range(2):
        found = own_logit(case, OwnWord(chat), "model", Cache(kept))
        assert found == pytest.approx(math.log(3))
    assert len(chat.checks) == 1
    own_logit(case, OwnWord(chat), "another", Cache(kept))
    assert len(chat.checks) == 2
    silent = OwnWord(FakeChat())
    assert own_logit(case, silent, "silent", Cache(kept)) == 0.0


def test_both_signals_are_joined_on_paragraphs_that_were_not_fitted_on() -> None:
    cases = near(60)
    rows = [{"reader": 0.1 * (n % 7), "own": 4.0 * case.answered} for n, case in enumerate(cases)]
    logits = joined(cases, rows)
    yes = [logit for logit, case in zip(logits, cases, strict=True) if case.answered]
    no = [logit for logit, case in zip(logits, cases, strict=True) if not case.answered]
    assert min(yes) > 0 > max(no)


def test_the_stand_in_speaks_to_a_chat_model() -> None:
    server = stand_in.StandIn(first_s=0.0, rate=1e6, places=1)
    prompt = "Passages:\n<<<\n[1] (lease, Rent) The rent is 900 euros.\n>>>\nQuestion: What is it?"
    with TestClient(stand_in.app(server)) as client:
        asked = {"messages": [{"role": "user", "content": prompt}], "stream": True}
        told = client.post("/v1/chat/completions", json=asked).text
        checked = client.post("/v1/chat/completions", json={**asked, "max_tokens": 1}).text
        assert client.get("/running").json() == {"running": 0}
    deltas = [json.loads(line[6:])["choices"] for line in told.split("\n\n")[:-3]]
    assert "".join(c[0]["delta"].get("content", "") for c in deltas) == "The rent is 900 euros. "
    assert '"token": "Yes"' in checked


def test_a_load_is_summed_up() -> None:
    seen = load.Seen(
        {0: [1.0, 3.0], 1: [2.0]}, 4, Counter({"500": 1}), [0.004, 0.002, 0.2], [900.0]
    )
    told = dict(load.rows(seen, 60))
    assert told["answers"] == "3 (3.0 a minute)"
    assert told["answers of one client, fewest / most"] == "1 / 2"
    assert told["errors"] == "1 500"
    assert told["/healthz in ms, median / p95 / worst"] == "4 / 200 / 200"
    assert load.percentile([], 0.5) != load.percentile([], 0.5)
    beside = load.Seen(alone=[2.0, 4.0], beside=[3.0, 4.5], read=7)
    assert dict(load.rows(beside, 0))["slower by reading beside it"] == "25% (7 files read)"


class CountingPairs:
    """Believes everything; counts what it reads."""

    def __init__(self) -> None:
        self.read = 0

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.read += len(pairs)
        held = np.full(len(pairs), 4.0)
        return Scores(held, held, -held, held)


def test_each_part_of_the_support_score_is_held_against_the_whole() -> None:
    said = "The lamp does not cost 12 euros in the shop."
    claims = [
        LabelledPair("true", said, (said,), True, "en"),
        LabelledPair("false", said.replace("does not cost", "costs"), (said,), False, "en"),
    ] * 4
    pairs = CountingPairs()
    found = measured(claims, pairs, FakeEmbedder())
    assert pairs.read == 2  # however many arms, and however often a claim comes
    assert set(found) == {*ARMS, "words alone"}
    assert found[WHOLE]["auroc"][0] == 1.0
    assert "auroc less" not in found[WHOLE]
    assert found["negation off"]["auroc less"][0] == -0.5  # nothing else sees it
    assert found["numbers off"]["auroc less"][0] == 0.0


def test_the_plain_way_reads_the_whole_hits_anew() -> None:
    hits = hits_from_texts(["The lamp costs 12 euros.", "It is made of brass."])
    case = next(iter(open_questions([ITEMS], "jsonl").examples))
    one, other = (plain_prompt(case.question, "en", hits) for _ in range(2))
    assert one[0].text != other[0].text
    assert one[1:] == other[1:]
    assert all(hit.chunk.text in one[-1].text for hit in hits)


def test_the_first_word_is_compared_question_by_question() -> None:
    times = {
        "plain": Times([8.0, 9.0], [900, 900], [10.0]),
        "shipped": Times([2.0, 3.0], [300], [9]),
    }
    assert "| shipped | 2.5 | 300.0 | 9.0 |" in table(times)
    assert "factor of 3.5" in table(times)[-1]


def test_another_decision_is_taken_on_answers_that_are_known(tmp_path: Path) -> None:
    known = [
        {"set": "s", "id": str(number), "shown": shown, "confidence": 0.5, "signals": signals}
        for number, (shown, signals) in enumerate(
            [(True, {"own": 3.0}), (True, {"own": -3.0}), (False, {"own": 3.0}), (False, {})]
        )
    ]
    entry = {"features": ["own"], "weights": [1.0], "bias": 0.0}
    answers, scorer, out = (tmp_path / name for name in ("all.jsonl", "new.json", "out.jsonl"))
    answers.write_text("".join(json.dumps(row) + "\n" for row in known))
    scorer.write_text(json.dumps({"decision": entry}))
    redecide.main([str(answers), "--scorer", str(scorer), "--out", str(out)])
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["shown"] for row in rows] == [True, False, False, False]
    assert [round(row["confidence"], 2) for row in rows] == [0.95, 0.05, 0.95, 0.5]
