"""A whole run: read the data, ask every arm, judge, summarise, write the reports.

Knows the order of things; each thing is done elsewhere.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval import judge_book, summary
from eval.arms import Arm, base_arm, challenge_arm, noise_arm, system_arm
from eval.cache import Cache
from eval.data import open_questions, sample, with_corpus
from eval.errors import DataError
from eval.journal import Journal
from eval.judges import JudgeOptions, check_judge, open_judge
from eval.judges.asking import CachedJudge
from eval.past_runs import remember
from eval.provenance import provenance
from eval.report import write_reports
from eval.runner import ArmResult, run_arms
from eval.score import score_item
from eval.summary import ArmItems
from eval.systems import EndpointOptions, System, open_system
from eval.types import Dataset, Example, Prediction
from rag.config import Settings

SCHEMA = 1
CHECK_DOCUMENTS = 50
REFERENCE_CHARS = 4000
"""How much of a gold document is shown to the judge as reference evidence."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `plumb eval run` was asked for; see its help for the meaning of each."""

    data: tuple[Path, ...]
    out: Path
    format: str | None = None
    corpus: Path | None = None
    documents: tuple[Path, ...] = ()
    system: str = "plumbline"
    also: tuple[str, ...] = ()
    ablate: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()
    noise: tuple[float, ...] = ()
    judge: str = "plumbline"
    sample: int | None = None
    limit: int | None = None
    seed: int = 0
    workers: int = 1
    strict: bool = False
    resume: bool = True
    use_cache: bool = True
    judge_check: int = 100
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)
    judge_options: JudgeOptions = field(default_factory=JudgeOptions)


def run(options: RunOptions, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Carry the run out, write `results.json`, `report.html` and `report.md` into `out`, and
    return the results. Raises PlumbError for what cannot work."""
    began = time.perf_counter()
    if options.judge != "none":
        check_judge(options.judge, options.judge_options)
    dataset = _dataset(options, options.noise[0] if options.noise else 0.0)
    examples = tuple(sample(dataset.examples, options.sample, options.limit, options.seed))
    if not examples:
        raise DataError("--sample and --limit leave no question")
    dataset, settings = _with_documents(dataset, options, settings, examples, progress)
    arms = _arms(options, settings, examples)
    origin = provenance()
    journal = Journal(options.out)
    journal.begin(_plan(options, settings, dataset, arms, origin), resume=options.resume)
    folder = settings.home_dir / "eval" / "cache"
    cache = Cache(folder if options.use_cache else None)
    results = run_arms(arms, journal, cache, progress, options.workers)
    judged = _judge_all(options, settings, cache, dataset, results, progress)
    outcome = {
        "schema": SCHEMA,
        "name": f"{options.system} on {dataset.name}",
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began, 1),
        "seed": options.seed,
        "data": _data_json(dataset, examples, options),
        "settings": settings.model_dump(mode="json"),
        "provenance": origin,
        **judged,
        "notes": _notes(options, results),
    }
    write_reports(outcome, options.out)
    remember(options.out, settings.home_dir)
    return outcome


def _dataset(options: RunOptions, noise: float) -> Dataset:
    dataset = open_questions(
        options.data, options.format, noise=noise, seed=options.seed, strict=options.strict
    )
    if options.corpus is None:
        return dataset
    corpus = open_questions([options.corpus], options.format, strict=options.strict)
    return with_corpus(dataset, corpus)


def _with_documents(
    dataset: Dataset,
    options: RunOptions,
    settings: Settings,
    examples: Sequence[Example],
    progress: Progress,
) -> tuple[Dataset, Settings]:
    """Put the documents that came along into a collection, where the system retrieves at all."""
    if options.system not in ("plumbline", "retrieval"):
        return dataset, settings
    if all(e.passages for e in examples):
        return dataset, settings
    from eval.systems.collection import check_documents, prepare_collection

    if dataset.documents or options.documents:
        settings = prepare_collection(dataset, options.documents, settings, progress)
    missing = check_documents(settings, examples)
    problems = (*dataset.problems, *missing)
    return (
        Dataset(
            dataset.name,
            dataset.format,
            dataset.digest,
            dataset.examples,
            dataset.documents,
            problems,
        ),
        settings,
    )


def _arms(options: RunOptions, settings: Settings, examples: tuple[Example, ...]) -> list[Arm]:
    def opener(spec: str) -> Callable[[], System]:
        return lambda: open_system(spec, settings, options.endpoint)

    own = opener(options.system)
    what = f"{options.noise[0]:.0%} noise" if options.noise else "as it is"
    arms = [base_arm(examples, own, f"{options.system}, {what}")]
    wanted = [e.id for e in examples]
    for noise in options.noise[1:]:
        others = {e.id: e for e in _dataset(options, noise).examples}
        arms.append(noise_arm(noise, [others[i] for i in wanted if i in others], own))
    arms += [challenge_arm(kind, examples, own, options.seed) for kind in options.challenges]
    if options.ablate:
        from eval.systems.ablation import ABLATIONS, open_ablation

        for name in options.ablate:
            if name.split("=", 1)[0] not in ABLATIONS:
                raise DataError(f"unknown ablation {name!r}; known are {', '.join(ABLATIONS)}")
            make = _ablation_opener(open_ablation, name, settings)
            arms.append(system_arm(name, ABLATIONS[name.split("=", 1)[0]], examples, make))
    arms += [
        system_arm(spec, f"the system {spec}", examples, opener(spec)) for spec in options.also
    ]
    return arms


def _ablation_opener(
    open_ablation: Callable[[str, Settings], System], name: str, settings: Settings
) -> Callable[[], System]:
    return lambda: open_ablation(name, settings)


def _plan(
    options: RunOptions,
    settings: Settings,
    dataset: Dataset,
    arms: Sequence[Arm],
    origin: Mapping[str, Any],
) -> dict[str, Any]:
    """What must be the same for a stopped run to be taken up again."""
    return {
        "data": dataset.digest,
        "format": dataset.format,
        "arms": [arm.name for arm in arms],
        "system": options.system,
        "judge": options.judge,
        "seed": options.seed,
        "sample": options.sample,
        "limit": options.limit,
        "settings": settings.model_dump(mode="json"),
        "code": origin["code_sha256"],
    }


def _judge_all(
    options: RunOptions,
    settings: Settings,
    cache: Cache,
    dataset: Dataset,
    results: Sequence[ArmResult],
    progress: Progress,
) -> dict[str, Any]:
    """The arms scored and compared, and the judge with its rows."""
    if options.judge == "none" or all(p.retrieval_only for r in results for p in r.predictions):
        arms = _score(results, dataset, None, progress)
        return {"judge": None, **_results(arms, options.seed)}
    judge = open_judge(options.judge, settings, options.judge_options)
    try:
        asked = CachedJudge(judge, cache)
        arms = _score(results, dataset, asked, progress)
        texts = _texts(results, dataset)
        rows = judge_book.rows_for(judge, settings, texts, options.judge_check, options.seed)
        described = {
            "name": judge.name,
            "fingerprint": dict(judge.fingerprint),
            "threshold": judge.threshold,
            "rows": rows,
        }
    finally:
        judge.close()
    return {"judge": described, **_results(arms, options.seed)}


def _score(
    results: Sequence[ArmResult], dataset: Dataset, judge: CachedJudge | None, progress: Progress
) -> list[ArmItems]:
    gold = {d.name: d.text[:REFERENCE_CHARS] for d in dataset.documents}
    base = {p.id: p for p in results[0].predictions}
    scored = []
    for result in results:
        items = []
        pairs = list(zip(result.examples, result.predictions, strict=True))
        for done, (example, prediction) in enumerate(pairs, start=1):
            reference = _reference(example, prediction, base.get(example.id), gold)
            items.append(score_item(example, prediction, reference, judge))
            progress(f"judging {result.arm.name}", done, len(pairs))
        arm = result.arm
        scored.append(ArmItems(arm.name, arm.what, result.system, tuple(items), result.reused))
    return scored


def _reference(
    example: Example,
    prediction: Prediction,
    base: Prediction | None,
    gold: Mapping[str, str],
) -> list[str]:
    """The gold evidence, and what the base arm found where this one has no passages."""
    texts = [e.quote or gold.get(e.document, "") for e in example.evidence]
    if not prediction.hits and not example.passages and base is not None:
        texts += [h.text for h in base.hits]
    return [t for t in texts if t]


def _results(arms: Sequence[ArmItems], seed: int) -> dict[str, Any]:
    base = arms[0]
    return {
        "arms": [summary.arm_results(arm, seed) for arm in arms],
        "comparisons": {
            arm.name: summary.compare_items(base.items, arm.items, seed) for arm in arms[1:]
        },
        "parity": summary.parity(base.items, seed),
    }


def _texts(results: Sequence[ArmResult], dataset: Dataset) -> list[str]:
    """The run's own passages, for checking the judge on them: each once, in order."""
    base = results[0]
    texts = [h.text for p in base.predictions for h in p.hits[:2]]
    texts += [t for e in base.examples for t in e.passages[:2]]
    texts += [d.text for d in dataset.documents[:CHECK_DOCUMENTS]]
    return list(dict.fromkeys(texts))


def _data_json(
    dataset: Dataset, examples: Sequence[Example], options: RunOptions
) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "format": dataset.format,
        "sha256": dataset.digest,
        "files": [str(p) for p in options.data],
        "questions_in_file": len(dataset.examples),
        "questions_asked": len(examples),
        "sample": options.sample,
        "limit": options.limit,
        "problems": list(dataset.problems),
    }


def _notes(options: RunOptions, results: Sequence[ArmResult]) -> list[str]:
    """What the reader must know to read the figures right."""
    notes = []
    if options.judge == "plumbline" and options.system == "plumbline":
        notes.append(
            "The judge is the verifier that the system itself uses to drop sentences, so its "
            "faithfulness is an upper bound; run again with --judge model or overlap for a "
            "judge of its own."
        )
    said = (str(r.system["deterministic"]) for r in results if "deterministic" in r.system)
    notes += [f"Repeating it: {words}." for words in dict.fromkeys(said)]
    for result in results:
        if failed := [p.error for p in result.predictions if p.error]:
            notes.append(
                f"{result.arm.name}: {len(failed)} of {len(result.predictions)} questions failed, "
                f"the first with: {failed[0]}"
            )
        if result.reused:
            notes.append(
                f"{result.arm.name}: {result.reused} answers come from the cache or an earlier "
                "part of this run; their times are those of the first asking."
            )
    return notes


def load_results(path: Path) -> dict[str, Any]:
    """The results of a run from its folder or its `results.json`. Raises DataError if unusable."""
    file = path / "results.json" if path.is_dir() else path
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path} holds no results.json: run `plumb eval run` first") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as err:
        raise DataError(f"{file} cannot be read as results: {err}") from None
    if not isinstance(values, dict) or values.get("schema") != SCHEMA or "arms" not in values:
        raise DataError(f"{file} holds no results of schema {SCHEMA}; make it again")
    return values
