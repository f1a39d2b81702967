"""`plumb eval …`: the command line of the evaluation, also `python -m eval …`.

Turns options into calls and errors into one sentence with an exit code; holds no logic of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.command_judges import judges
from eval.command_synth import export, review, synth
from eval.errors import DataError, SystemFailure
from eval.terminal import JUDGE_KEY, SYSTEM_KEY, progress_bars, settings_for, told_plainly

app = typer.Typer(
    help="Measure an answering system: data sets, metrics, judges, reports.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[list[Path], typer.Option("--data", help="Data file; may be given several times.")]
Format = Annotated[str | None, typer.Option("--format", help="Data format, if not recognised.")]
System = Annotated[
    str,
    typer.Option(help="plumbline, retrieval, closed-book, a URL, FILE.jsonl, or module:function."),
]
Ablate = Annotated[
    list[str] | None,
    typer.Option(
        help="Change one thing: naive, closed-book, vectors, keywords, unread, whole-chunks, "
        "all-passages, ask-once, no-own-word, no-numbers, no-negation, no-conflicts, "
        "no-verify, model=NAME."
    ),
]
Challenge = Annotated[
    list[str] | None, typer.Option(help="typos, paraphrased, noise, conflicting, injected.")
]
Seed = Annotated[int, typer.Option(help="Seed of every draw and resample.")]
SampleSize = Annotated[int | None, typer.Option("--sample", min=1, help="Draw so many by seed.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Take only the first so many.")]
JudgeUrl = Annotated[str, typer.Option(help="OpenAI-compatible endpoint of a model judge.")]
JudgeModel = Annotated[str, typer.Option(help="The model's name at --judge-url.")]
RagasPython = Annotated[str, typer.Option(help="Interpreter of an environment with ragas.")]


@app.command()
def run(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for the run and its reports.")],
    format_: Format = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Ask against this file's documents (other language).")
    ] = None,
    documents: Annotated[
        list[Path] | None, typer.Option(help="Files or folders to ask about, ingested first.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Collection to ask.")] = None,
    system: System = "plumbline",
    model: Annotated[str, typer.Option(help="Model at the system's URL.")] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 120.0,
    also: Annotated[list[str] | None, typer.Option(help="Another system to pair with.")] = None,
    ablate: Ablate = None,
    challenge: Challenge = None,
    noise: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="RGB: share of noise; an arm each.")
    ] = None,
    judge: Annotated[
        str, typer.Option(help="plumbline, overlap, model, model-whole, encoder:NAME, ragas, none.")
    ] = "plumbline",
    judge_url: JudgeUrl = "",
    judge_model: JudgeModel = "",
    ragas_python: RagasPython = "",
    judge_check: Annotated[
        int, typer.Option(min=0, help="Claims for checking the judge on this run's passages.")
    ] = 100,
    sample: SampleSize = None,
    limit: Limit = None,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Questions asked at once.")] = 1,
    strict: Annotated[bool, typer.Option(help="Stop at the first broken line.")] = False,
    resume: Annotated[bool, typer.Option(help="Take up a stopped run in --out.")] = True,
    cache: Annotated[bool, typer.Option(help="Reuse answers and verdicts.")] = True,
) -> None:
    """Ask every question, judge the answers, and write report.html, report.md, results.json."""
    from eval.experiment import RunOptions
    from eval.experiment import run as carry_out
    from eval.judges import JudgeOptions
    from eval.systems import EndpointOptions

    with told_plainly():
        settings = settings_for(collection)
        options = RunOptions(
            data=tuple(data),
            out=out,
            format=format_,
            corpus=corpus,
            documents=tuple(documents or ()),
            system=system,
            also=tuple(also or ()),
            ablate=tuple(ablate or ()),
            challenges=tuple(challenge or ()),
            noise=tuple(noise or ()),
            judge=judge,
            sample=sample,
            limit=limit,
            seed=seed,
            workers=workers,
            strict=strict,
            resume=resume,
            use_cache=cache,
            judge_check=judge_check,
            endpoint=EndpointOptions(model, os.environ.get(SYSTEM_KEY, ""), timeout),
            judge_options=JudgeOptions(
                judge_url, judge_model, os.environ.get(JUDGE_KEY, ""), timeout, ragas_python
            ),
        )
        with progress_bars() as progress:
            outcome = carry_out(options, settings, progress)
        _show_run(outcome, out)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="Folder of the earlier run.")],
    b: Annotated[Path, typer.Argument(help="Folder of the later run.")],
    show: Annotated[int, typer.Option(min=0, help="Questions listed of each kind.")] = 10,
    seed: Seed = 0,
) -> None:
    """What got better, worse and changed from run A to run B, on the questions both asked."""
    from eval.compare import compare_runs
    from eval.experiment import load_results
    from eval.report.text import comparison_text

    with told_plainly():
        typer.echo(comparison_text(compare_runs(load_results(a), load_results(b), seed), show))


@app.command()
def gate(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")],
    least: Annotated[list[str] | None, typer.Option("--min", help="metric=value at least.")] = None,
    most: Annotated[list[str] | None, typer.Option("--max", help="metric=value at most.")] = None,
    max_drop: Annotated[
        list[str] | None,
        typer.Option(help="How far shares may fall behind --against: D, or metric=D."),
    ] = None,
    against: Annotated[Path | None, typer.Option(help="Folder of the base run.")] = None,
) -> None:
    """Exit 1, with the reasons, unless the run reaches what is demanded."""
    from eval.experiment import load_results
    from eval.gate import Demands, failures, parse_bounds

    with told_plainly():
        drops = [d for d in max_drop or () if "=" in d]
        demands = Demands(
            parse_bounds(least or (), "--min"),
            parse_bounds(most or (), "--max"),
            _number([d for d in max_drop or () if "=" not in d]),
            parse_bounds(drops, "--max-drop"),
        )
        if not (demands.least or demands.most or max_drop):
            raise DataError("nothing is demanded: give --min, --max or --max-drop")
        base = load_results(against) if against else None
        reasons = failures(load_results(run_folder), base, demands)
    for reason in reasons:
        typer.echo(f"gate: {reason}", err=True)
    if reasons:
        raise typer.Exit(1)
    typer.echo("gate: passed")


def _number(texts: list[str]) -> float | None:
    if not texts:
        return None
    try:
        return float(texts[-1])
    except ValueError:
        raise DataError(f"--max-drop {texts[-1]}: write a number or metric=number") from None


def _show_run(outcome: dict[str, Any], out: Path) -> None:
    from eval.report.text import run_text

    typer.echo(run_text(outcome))
    typer.echo(f"report: {out / 'report.html'}")
    failed = outcome["arms"][0]["metrics"].get("failed")
    if failed is not None and failed["value"] == 1.0:
        raise SystemFailure("every question failed; the note above says with what")


for command in (judges, synth, review, export):
    app.command()(command)
