"""RGB's noise robustness and negative rejection: the naive prompt beside Plumbline's stages.

    python -m benchmarks.rgb PATH --cache rgb.cache.jsonl --questions 30 --noise 0.6 1.0

Protocol of Chen et al., "Benchmarking Large Language Models in Retrieval-Augmented Generation"
(AAAI 2024): five passages are given with each question, a share of them without the answer; at
ratio 1.0 none has it and only a refusal is right. The same language model answers twice: naively
(whole passages, one instruction, its text taken as it is) and through Plumbline. From one run of
the latter each stage is read off: what the model wrote from the chosen sentences ("choose"), what
remains of it after verification ("verify"), and after the decision to refuse ("refuse", the shipped
whole). Every generation is kept in the cache. Settings come from plumb.toml and PLUMB_*.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from benchmarks.cache import Cache
from eval.data import open_questions, sample
from eval.metrics.answers import contains
from eval.stats import estimate
from eval.types import Example, Score
from rag.config import Settings, load_settings
from rag.models.endpoint import model_errors
from rag.pipeline import Answerer, open_answerer
from rag.checking.decide import is_refusal
from rag.types import Delta, Done

STAGES = ("naive", "choose", "verify", "refuse")
_NAIVE = {
    "zh": "根据以下资料回答问题。如果资料中没有答案，请说不知道。\n\n"
    "{passages}\n\n问题：{question}",
    "en": "Answer the question from these passages. If they do not hold the answer, say that you "
    "do not know.\n\n{passages}\n\nQuestion: {question}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An example with what `ask_naively` and `ask_plumbline` gave for it."""

    example: Example
    naive: dict[str, Any]
    plumbline: dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print one JSON object per noise ratio and stage."""
    options = _parser().parse_args(argv)
    settings = load_settings()
    cache = Cache(options.cache)
    everything = settings.answering.model_copy(update={"min_confidence": 0.0})
    unrefused = settings.model_copy(update={"answering": everything})
    with open_answerer(unrefused, with_collection=False) as answerer:
        for noise in options.noise:
            dataset = open_questions([options.path], "rgb", noise=noise, seed=options.seed)
            examples: list[Example] = sample(
                dataset.examples, options.questions, None, options.seed
            )
            asked = []
            for number, example in enumerate(examples, start=1):
                asked.append(ask_both(example, answerer, unrefused, cache, options.seed))
                print(f"noise {noise}: {number}/{len(examples)}", file=sys.stderr)
            threshold = settings.answering.min_confidence
            rows = [_stages(both, threshold) for both in asked]
            for stage in STAGES:
                print(json.dumps(_summary(noise, stage, rows), ensure_ascii=False))
            for step in range(1, 20) if options.sweep else ():
                swept = [_stages(both, step / 20) for both in asked]
                shown = _summary(noise, "refuse", swept) | {"min_confidence": step / 20}
                print(json.dumps(shown, ensure_ascii=False))
    return 0


def ask_naively(chat: BaseChatModel, example: Example) -> dict[str, Any]:
    """The model's text for the naive prompt: all passages whole, no checks."""
    passages = "\n\n".join(f"[{n}] {p}" for n, p in enumerate(example.passages, start=1))
    prompt = _NAIVE[example.language].format(passages=passages, question=example.question)
    begin = time.perf_counter()
    with model_errors():
        text = str(chat.invoke([HumanMessage(prompt)]).text)
    return {"text": text, "seconds": time.perf_counter() - begin}


def ask_plumbline(answerer: Answerer, example: Example) -> dict[str, Any]:
    """The model's raw text, what verification leaves of it, and the confidence, none refused."""
    raw, answer = "", None
    for event in answerer.stream_from(example.question, example.passages):
        if isinstance(event, Delta):
            raw += event.text
        elif isinstance(event, Done):
            answer = event.answer
    assert answer is not None  # every stream ends with Done
    return {
        "raw": raw,
        "answer": "" if answer.status == "abstained" else answer.answer,
        "confidence": answer.confidence,
        "timings_ms": dict(answer.timings_ms),
    }


def judge(example: Example, said: str) -> tuple[bool, bool]:
    """(right, refused): right holds every part of the accepted answer, refused says nothing."""
    refused = not said.strip() or is_refusal(said)
    right = bool(example.answers) and contains(said, example.answers) == 1.0
    return right, refused and not right


def ask_both(
    example: Example, answerer: Answerer, settings: Settings, cache: Cache, seed: int
) -> Asked:
    """What both systems say to the example, from the cache where it is known."""
    item = f"{answerer.models['generator']}|{seed}|{example.kind}|{example.id}"
    how = f"{settings.answering.model_dump_json()}|{json.dumps(dict(answerer.models))}"
    return Asked(
        example,
        cache.get(f"naive|{item}", partial(ask_naively, answerer.chat, example)),
        cache.get(f"plumbline|{item}|{how}", partial(ask_plumbline, answerer, example)),
    )


def _stages(asked: Asked, threshold: float) -> dict[str, tuple[bool, bool]]:
    """(right, refused) by stage."""
    ours = asked.plumbline
    said: Mapping[str, str] = {
        "naive": asked.naive["text"],
        "choose": ours["raw"],
        "verify": ours["answer"],
        "refuse": ours["answer"] if ours["confidence"] >= threshold else "",
    }
    return {stage: judge(asked.example, said[stage]) for stage in STAGES}


def _summary(
    noise: float, stage: str, rows: Sequence[Mapping[str, tuple[bool, bool]]]
) -> dict[str, Any]:
    """Shares of right and refused answers with their 95 % bootstrap intervals."""
    shown: dict[str, Any] = {"noise": noise, "stage": stage, "n": len(rows)}
    for place, name in enumerate(("right", "refused")):
        result = estimate([Score(float(row[stage][place])) for row in rows])
        shown[name] = [round(x, 3) for x in (result.value, result.low, result.high)]
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("path", type=Path, help="a file in RGB's format")
    parser.add_argument("--cache", type=Path, required=True, help="where results are kept")
    parser.add_argument("--questions", type=int, default=30, help="how many, drawn by the seed")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.6, 1.0])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument(
        "--sweep", action="store_true", help="also the last stage at each min_confidence"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
