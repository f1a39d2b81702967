"""A run's results as Markdown, for commits, issues and terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.metrics.catalogue import METRICS
from eval.report import figures

WORST = 10


def render_markdown(results: Mapping[str, Any]) -> str:
    """The page as text: figures, comparisons, judge, worst cases, and how to repeat it."""
    base = results["arms"][0]
    parts = [f"# {results['name']}", _summary(results)]
    parts += [f"> {note}" for note in results["notes"]]
    parts += ["## Figures", _metrics(base["metrics"])]
    for arm in results["arms"][1:]:
        rows = results["comparisons"][arm["name"]]
        parts += [
            f"## {arm['name']} against {base['name']}",
            arm["what"] + ".",
            _paired(rows, base["name"], arm["name"]),
        ]
    if results["parity"]:
        parts += [
            "## Chinese against English, same questions",
            _paired(results["parity"], "English", "Chinese"),
        ]
    if results["judge"]:
        parts += [f"## Judge: {results['judge']['name']}", judge_table(results["judge"]["rows"])]
    parts += ["## Worst cases", _worst(base["items"]), "## Repeat it", _repeat(results)]
    if results["data"]["problems"]:
        parts += ["## Trouble with the data", *[f"- {p}" for p in results["data"]["problems"]]]
    return "\n\n".join(p for p in parts if p) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    cleaned = ([c.replace("|", "\\|").replace("\n", " ") for c in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cleaned)


def judge_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Judges' rows with intervals."""
    head = [
        "judge",
        "data",
        "lang",
        "n",
        "AUROC",
        "balanced acc.",
        "F1",
        "kappa",
        "ECE",
        "unscored",
        "ms / claim",
    ]
    body = []
    for row in rows:
        measured = [
            _with_interval(row[n]) for n in ("auroc", "balanced_accuracy", "f1", "kappa", "ece")
        ]
        body.append(
            [
                row["judge"],
                row["data"],
                row["language"],
                str(row["n"]),
                *measured,
                f"{100 * row['unscored']:.1f} %",
                f"{row['ms_per_claim']:.1f}",
            ]
        )
    return table(head, body) if body else "Not measured: run `plumb eval judges`."


def _summary(results: Mapping[str, Any]) -> str:
    data = results["data"]
    return (
        f"{data['questions_asked']} of {data['questions_in_file']} questions, seed "
        f"{results['seed']}, finished {results['finished']}, {results['seconds']:.0f} s."
    )


def _metrics(metrics: Mapping[str, Any]) -> str:
    rows = []
    for name, estimate in metrics.items():
        rows.append(
            [
                METRICS[name].title,
                f"`{name}`",
                figures.value(name, estimate["value"]),
                figures.interval(name, estimate),
                str(estimate["n"]),
                str(estimate["unscored"]),
            ]
        )
    return table(["metric", "name", "value", "95 % interval", "n", "unscored"], rows)


def _paired(comparison: Mapping[str, Any], before: str, after: str) -> str:
    rows = []
    for name, diff in comparison.items():
        rows.append(
            [
                METRICS[name].title,
                figures.value(name, diff["a"]),
                figures.value(name, diff["b"]),
                figures.difference(name, diff["value"]),
                figures.interval(name, diff),
                figures.p_value(diff["p"]),
                diff["test"],
                str(diff["n"]),
            ]
        )
    head = ["metric", before, after, "difference", "95 % interval", "p", "test", "n"]
    return table(head, rows) if rows else "No metric in common."


def _worst(items: Sequence[Mapping[str, Any]]) -> str:
    bad = sorted((i for i in items if i["badness"] > 0), key=lambda i: -i["badness"])[:WORST]
    rows = []
    for item in bad:
        example, prediction = item["example"], item["prediction"]
        wanted = " + ".join(" or ".join(part) for part in example["answers"]) or "a refusal"
        rows.append(
            [
                example["id"],
                example["question"],
                wanted,
                (prediction["answer"] or prediction["error"])[:300],
            ]
        )
    return table(["id", "question", "expected", "given"], rows) if rows else "None."


def _repeat(results: Mapping[str, Any]) -> str:
    origin, data = results["provenance"], results["data"]
    machine = origin["machine"]
    lines = [
        f"- commit {origin['commit']}"
        + (" with uncommitted changes" if origin["uncommitted_changes"] else ""),
        f"- code {origin['code_sha256']}",
        f"- data {', '.join(data['files'])} ({data['format']}), SHA-256 {data['sha256']}",
        f"- seed {results['seed']}, sample {data['sample']}, limit {data['limit']}",
        f"- machine {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}",
    ]
    lines += [f"- {arm['name']}: `{arm['system']}`" for arm in results["arms"]]
    return "\n".join(lines)


def _with_interval(figure: Mapping[str, Any]) -> str:
    low, high = figures.plain(figure["low"]), figures.plain(figure["high"])
    return f"{figures.plain(figure['value'])} ({low}–{high})"
