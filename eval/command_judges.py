"""`plumb eval judges`: measure judges against people's labels, in one table."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.data import labelled_digest, open_labelled, open_questions, recognise, sample
from eval.judge_book import remember
from eval.judges import Judge, JudgeOptions, check_judge, open_judge
from eval.judges.measure import JudgeRow, ask_all, measure, row_to_json
from eval.perturb import perturbed_pairs
from eval.provenance import provenance
from eval.report.markdown import judge_table
from eval.terminal import JUDGE_KEY, progress_bars, settings_for, told_plainly
from eval.types import LabelledPair, LabelledSet


def judges(
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Labelled claims; or texts, with --perturb."),
    ],
    judge: Annotated[
        list[str] | None,
        typer.Option(
            help="plumbline, overlap, model, model-whole, encoder:NAME, ragas; several times."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for judges.json and .md.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Data format.")] = None,
    perturb: Annotated[
        int,
        typer.Option(min=0, help="Make so many claims from each file's texts, half of them false."),
    ] = 0,
    judge_url: Annotated[str, typer.Option(help="Endpoint of model judges.")] = "",
    judge_model: Annotated[str, typer.Option(help="The model's name there.")] = "",
    ragas_python: Annotated[str, typer.Option(help="Interpreter that has ragas.")] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one call.")] = 120.0,
    size: Annotated[int | None, typer.Option("--sample", min=1, help="Claims per file.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of draws and resamples.")] = 0,
    strict: Annotated[bool, typer.Option(help="Stop at the first broken line.")] = False,
) -> None:
    """AUROC, balanced accuracy, F1, kappa, calibration, unscored share and time of each judge."""
    with told_plainly():
        settings = settings_for(None)
        key = os.environ.get(JUDGE_KEY, "")
        options = JudgeOptions(judge_url, judge_model, key, timeout, ragas_python)
        sets = [_labelled(p, format_, perturb, seed, strict) for p in data]
        sets = [_drawn(s, size, limit, seed) for s in sets]
        for spec in judge or ():
            check_judge(spec, options)
        rows: list[JudgeRow] = []
        silent: list[str] = []
        for spec in judge or ["plumbline", "overlap"]:
            opened = open_judge(spec, settings, options)
            try:
                measured, unscored = _measured(opened, sets, seed)
                remember(opened, settings, measured)
            finally:
                opened.close()
            rows += measured
            silent += unscored
        table = judge_table([row_to_json(r) for r in rows])
        typer.echo(table)
        for problem in [p for s in sets for p in s.problems]:
            typer.echo(f"data: {problem}", err=True)
        for why in silent:
            typer.echo(why, err=True)
        if out is not None:
            _write(out, rows, sets, seed, table)


def _labelled(
    path: Path, format_name: str | None, perturb: int, seed: int, strict: bool
) -> LabelledSet:
    """The labelled claims of a file, or claims made from the texts of a question set."""
    if not perturb:
        return open_labelled(path, format_name, strict=strict)
    kind = format_name or recognise(path)
    dataset = open_questions([path], kind, seed=seed, strict=strict)
    texts = [d.text for d in dataset.documents]
    texts += [p for e in dataset.examples for p in e.passages]
    pairs = perturbed_pairs(list(dict.fromkeys(texts)), perturb, seed)
    return LabelledSet(f"{path.stem} perturbed", "perturbed", labelled_digest(pairs), tuple(pairs))


def _drawn(labelled: LabelledSet, size: int | None, limit: int | None, seed: int) -> LabelledSet:
    pairs: tuple[LabelledPair, ...] = tuple(sample(labelled.pairs, size, limit, seed))
    return LabelledSet(labelled.name, labelled.format, labelled.digest, pairs, labelled.problems)


def _measured(
    judge: Judge, sets: Sequence[LabelledSet], seed: int
) -> tuple[list[JudgeRow], list[str]]:
    """(rows, a line for each set of which claims went unscored)."""
    rows: list[JudgeRow] = []
    silent: list[str] = []
    with progress_bars() as progress:
        for labelled in sets:
            name, total = f"{judge.name}: {labelled.name}", len(labelled.pairs)
            done = 0

            def tick(name: str = name, total: int = total) -> None:
                nonlocal done
                done += 1
                progress(name, done, total)

            verdicts = ask_all(judge, labelled.pairs, tick)
            rows += measure(judge, labelled, verdicts, seed)
            reasons = Counter(j.reason for j in verdicts.judgements if j.score is None)
            if reasons:
                silent.append(
                    f"{name}: {reasons.total()} of {total} claims unscored, most often because: "
                    f"{reasons.most_common(1)[0][0]}"
                )
    return rows, silent


def _write(
    out: Path, rows: Sequence[JudgeRow], sets: Sequence[LabelledSet], seed: int, table: str
) -> None:
    digests: Mapping[str, str] = {s.name: s.digest for s in sets}
    values: dict[str, Any] = {
        "rows": [row_to_json(r) for r in rows],
        "data": digests,
        "seed": seed,
        "provenance": provenance(),
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(values, ensure_ascii=False, indent=1)
    (out / "judges.json").write_text(text, encoding="utf-8")
    (out / "judges.md").write_text(f"# Judges\n\n{table}\n", encoding="utf-8")
    typer.echo(f"written: {out / 'judges.json'}")
