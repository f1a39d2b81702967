"""Asking: every arm's system, every question, once; resumable, cached, in parallel where it may.

The result depends on the examples' order, not on the order in which answers come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.arms import Arm
from eval.cache import Cache, key_of
from eval.errors import SystemFailure
from eval.journal import Journal
from eval.provenance import resident_mb
from eval.systems import System
from eval.types import Example, Prediction, prediction_from_json, to_json
from rag.errors import ModelError, PlumbError

Report = Callable[[str, int, int], None]
"""Called after each answer with the arm's name, how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What an arm gave: the examples as asked, and a prediction for each, in the same order."""

    arm: Arm
    system: Mapping[str, Any]
    examples: tuple[Example, ...]
    predictions: tuple[Prediction, ...]
    reused: int


def run_arms(
    arms: Sequence[Arm],
    journal: Journal,
    cache: Cache,
    report: Report,
    workers: int = 1,
) -> list[ArmResult]:
    """Ask all arms, the base first. What the journal or the cache holds is not asked again."""
    known = _known(journal)
    results: list[ArmResult] = []
    base: Mapping[str, Prediction] = {}
    for arm in arms:
        examples = tuple(arm.examples(base))
        system = arm.open_system()
        try:
            result = _Asking(arm, system, journal, cache, known).all(examples, report, workers)
        finally:
            system.close()
        results.append(result)
        base = base or {p.id: p for p in result.predictions}
    return results


def _known(journal: Journal) -> dict[tuple[str, str], Prediction]:
    known = {}
    for line in journal.done():
        known[line["arm"], line["key"]] = prediction_from_json(line["prediction"])
    return known


class _Asking:
    """One arm's questions."""

    def __init__(
        self,
        arm: Arm,
        system: System,
        journal: Journal,
        cache: Cache,
        known: Mapping[tuple[str, str], Prediction],
    ) -> None:
        self._arm, self._system = arm, system
        self._journal, self._cache, self._known = journal, cache, known
        self._identity = dict(system.fingerprint)

    def all(self, examples: tuple[Example, ...], report: Report, workers: int) -> ArmResult:
        """Predictions in the order of the examples."""
        predictions: list[Prediction] = []
        reused = 0
        for done, (prediction, was_known) in enumerate(self._each(examples, workers), start=1):
            predictions.append(prediction)
            reused += was_known
            report(self._arm.name, done, len(examples))
        return ArmResult(self._arm, self._identity, examples, tuple(predictions), reused)

    def _each(self, examples: Sequence[Example], workers: int) -> Iterator[tuple[Prediction, bool]]:
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            try:
                yield from pool.map(self._one, examples)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one(self, example: Example) -> tuple[Prediction, bool]:
        key = key_of(self._identity, _asked(example))
        if (known := self._known.get((self._arm.name, key))) is not None:
            return replace(known, id=example.id), True
        if (stored := self._cache.get(key)) is not None:
            prediction, reused = replace(prediction_from_json(stored), id=example.id), True
        else:
            prediction, reused = self._ask(example), False
            if not prediction.error:
                self._cache.put(key, to_json(prediction))
        entry = {"arm": self._arm.name, "key": key, "prediction": to_json(prediction)}
        self._journal.append(entry)
        return prediction, reused

    def _ask(self, example: Example) -> Prediction:
        began = time.perf_counter()
        try:
            prediction = self._system.answer(example)
        except ModelError:
            raise
        except (SystemFailure, PlumbError) as err:
            prediction = Prediction(example.id, error=str(err))
        elapsed = 1000 * (time.perf_counter() - began)
        timings = {"total": elapsed, **prediction.timings_ms}
        return replace(prediction, timings_ms=timings, memory_mb=resident_mb())


def _asked(example: Example) -> Mapping[str, Any]:
    """What the system sees of an example; what is expected of it must not change the key."""
    return {
        "id": example.id,
        "question": example.question,
        "history": [asdict(turn) for turn in example.history],
        "passages": list(example.passages),
    }
