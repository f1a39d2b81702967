"""What systems made of the same cases, side by side, as tables in Markdown.

    python -m benchmarks.compare_answers plumbline.jsonl rival.jsonl [more.jsonl ...]

Reads what `benchmarks.answers` writes and counts the cases that are in every file. Differences are
those of each later file from the first, paired by case, with the 95 % interval of the paired
bootstrap (`eval.stats`). Runs no system.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from eval.errors import DataError
from eval.stats import paired_difference
from eval.types import Score

Row = Mapping[str, Any]
Key = tuple[str, str]
Judge = Callable[[Row], bool]

_COLUMNS = (
    "set | run | answerable | unanswerable | right | wrong shown | false refusals | "
    "refusal precision | refusal recall | answered | gold in first five | first word, s | "
    "whole answer, s"
)
_NOTE = (
    "Right: shown, and every part of the accepted answer is in it; in a set marked * nothing is "
    "accepted in advance, and right means answered. Wrong shown: answerable and shown but not "
    "right, or unanswerable and shown. A good outcome is a right answer, or a refusal where the "
    "documents have no answer. Seconds are medians, of the first word where one was written."
)


def is_right(row: Row) -> bool:
    """Whether an answerable case was answered rightly; where no answer is known, answered."""
    return bool(row["answerable"] and row["shown"] and row["right"] is not False)


def is_refused_rightly(row: Row) -> bool:
    """Whether an unanswerable case was refused."""
    return not row["answerable"] and not row["shown"]


def is_good(row: Row) -> bool:
    """One or the other."""
    return is_right(row) or is_refused_rightly(row)


def read(path: Path) -> dict[Key, Row]:
    """The rows by set and id, the last of each; those that failed are left out."""
    rows: dict[Key, Row] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                row = json.loads(line)
                rows[row["set"], row["id"]] = row
            except (ValueError, KeyError, TypeError) as err:
                raise DataError(f"{path} line {number} is no row of answers: {err}") from None
    return {key: row for key, row in rows.items() if "error" not in row}


def common(runs: Mapping[str, Mapping[Key, Row]]) -> dict[str, dict[str, list[Row]]]:
    """By set and run, the rows of the cases that every run has, in the same order."""
    shared = set.intersection(*(set(rows) for rows in runs.values()))
    if not shared:
        raise DataError(f"no case is in all of {', '.join(runs)}")
    sets: dict[str, dict[str, list[Row]]] = {}
    for key in sorted(shared):
        for name, rows in runs.items():
            sets.setdefault(key[0], {}).setdefault(name, []).append(rows[key])
    return sets


def figures(rows: Sequence[Row]) -> list[str]:
    """The columns of one run's line from the second on."""
    answerable = [row for row in rows if row["answerable"]]
    others = [row for row in rows if not row["answerable"]]
    right, refused = sum(map(is_right, rows)), sum(not row["shown"] for row in rows)
    rightly = sum(map(is_refused_rightly, rows))
    shown = len(rows) - refused
    golds = [row["gold"] for row in answerable if row["gold"] is not None]
    firsts = [row["first_s"] for row in rows if row["first_s"] is not None]
    return [
        str(len(answerable)),
        str(len(others)),
        _share(right, len(answerable)),
        str(shown - right),
        str(refused - rightly),
        _share(rightly, refused),
        _share(rightly, len(others)),
        _share(shown, len(rows)),
        _share(sum(golds), len(golds)),
        f"{median(firsts):.1f}" if firsts else "–",
        f"{median(row['seconds'] for row in rows):.1f}",
    ]


def difference(a: Sequence[Row], b: Sequence[Row], judge: Judge, of: Judge) -> str:
    """`b - a` in the share of the cases `of` a kind that `judge` holds for, with its interval."""
    sides = [[Score(float(judge(row))) for row in rows if of(row)] for rows in (a, b)]
    if not sides[0]:
        return "–"
    found = paired_difference(*sides)
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", type=Path, nargs="+", help="written by benchmarks.answers")
    files: list[Path] = parser.parse_args(argv).files
    names = [
        path.stem if len({p.stem for p in files}) == len(files) else str(path) for path in files
    ]
    runs = dict(zip(names, map(read, files), strict=True))
    sets = common(runs)
    for name, rows in runs.items():
        left = len(rows) - sum(len(by_run[name]) for by_run in sets.values())
        code = sorted({f"{row['commit'][:7]} {row['code']}" for row in rows.values()})
        print(f"{name}: {len(rows)} cases, {left} not in every file; {code}", file=sys.stderr)
    _print_table(
        _COLUMNS.split(" | "),
        [
            [_marked(name, rows), run, *figures(rows)]
            for name, by_run in sets.items()
            for run, rows in by_run.items()
        ],
    )
    if len(sets) > 1:
        sets["all"] = {run: [row for by in sets.values() for row in by[run]] for run in runs}
    first, *others = runs
    if others:
        print()
        heads = ["set", "difference", "right", "refused rightly", "good outcome"]
        _print_table(
            heads,
            [
                [name, f"{run} − {first}", *_differences(by_run[first], by_run[run])]
                for name, by_run in sets.items()
                for run in others
            ],
        )
    print(f"\n{_NOTE}")
    return 0


def _differences(a: Sequence[Row], b: Sequence[Row]) -> list[str]:
    return [
        difference(a, b, is_right, lambda row: bool(row["answerable"])),
        difference(a, b, is_refused_rightly, lambda row: not row["answerable"]),
        difference(a, b, is_good, lambda row: True),
    ]


def _marked(name: str, rows: Sequence[Row]) -> str:
    known = any(row["right"] is not None for row in rows if row["answerable"])
    return name if known else f"{name} *"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "–"


def _print_table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    for line in (heads, ["---"] * len(heads), *lines):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    raise SystemExit(main())
