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
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from eval.errors import DataError
from eval.stats import paired_difference
from eval.types import Score

Row = Mapping[str, Any]
Key = tuple[str, str]

_FIGURES = (
    "answerable | unanswerable | right | wrong shown | false refusals | refusal precision | "
    "refusal recall | answered | gold in first five | first word, s | whole answer, s"
)
_NOTE = (
    "Right: shown, and every part of the accepted answer is in it; in a set marked * no answer is "
    "accepted in advance, and right means answered. Wrong shown: answerable and shown but not "
    "right, or unanswerable and shown. A good outcome is a right answer, or a refusal where the "
    "documents have no answer. Seconds are medians, of the first word where one was written."
)


def is_good(row: Row) -> bool:
    """Whether an answerable case was answered rightly, where no answer is known in advance
    answered at all, or an unanswerable one refused."""
    if row["answerable"]:
        return bool(row["shown"] and row["right"] is not False)
    return not row["shown"]


def read(path: Path) -> dict[Key, Row]:
    """The rows by set and id, the last of each; those that failed are left out."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return {(row["set"], row["id"]): row for row in rows if "error" not in row}


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
    """The figures of one run over the cases of a set, as `_FIGURES` names them."""
    kinds = [[row for row in rows if row["answerable"] == kind] for kind in (True, False)]
    answerable, others = (len(kind) for kind in kinds)
    right, rightly = (sum(map(is_good, kind)) for kind in kinds)
    shown = sum(row["shown"] for row in rows)
    golds = [row["gold"] for row in kinds[0] if row["gold"] is not None]
    firsts = [row["first_s"] for row in rows if row["first_s"] is not None]
    return [
        str(answerable),
        str(others),
        _share(right, answerable),
        str(shown - right),
        str(len(rows) - shown - rightly),
        _share(rightly, len(rows) - shown),
        _share(rightly, others),
        _share(shown, len(rows)),
        _share(sum(golds), len(golds)),
        f"{median(firsts):.1f}" if firsts else "–",
        f"{median(row['seconds'] for row in rows):.1f}",
    ]


def differences(a: Sequence[Row], b: Sequence[Row]) -> list[str]:
    """`b - a` in right answers, right refusals and good outcomes, each with its interval."""
    pairs = list(zip(a, b, strict=True))
    right, refused = (
        [(is_good(x), is_good(y)) for x, y in pairs if x["answerable"] == kind]
        for kind in (True, False)
    )
    return [_difference(right), _difference(refused), _difference([*right, *refused])]


def _difference(pairs: Sequence[tuple[bool, bool]]) -> str:
    if not pairs:
        return "–"
    before, after = ([Score(float(side)) for side in sides] for sides in zip(*pairs, strict=True))
    found = paired_difference(before, after)
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of figures and that of differences."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", type=Path, nargs="+", help="written by benchmarks.answers")
    runs = {str(path): read(path) for path in parser.parse_args(argv).files}
    sets = common(runs)
    for name, rows in runs.items():
        left = len(rows) - sum(len(by_run[name]) for by_run in sets.values())
        made = {(row["system"], row["commit"][:7], row["code"]) for row in rows.values()}
        print(f"{name}: {len(rows)} cases, {left} not in every file; {made}", file=sys.stderr)
    lines = [
        [_marked(name, rows), Path(run).stem, *figures(rows)]
        for name, by_run in sets.items()
        for run, rows in by_run.items()
    ]
    _print_table(["set", "run", *_FIGURES.split(" | ")], lines)
    if len(sets) > 1:
        sets["all"] = {run: [row for by in sets.values() for row in by[run]] for run in runs}
    first, *later = runs
    lines = [
        [name, f"{Path(run).stem} − {Path(first).stem}", *differences(by_run[first], by_run[run])]
        for name, by_run in sets.items()
        for run in later
    ]
    _print_table(["set", "difference", "right", "refused rightly", "good outcome"], lines)
    print(f"\n{_NOTE}")
    return 0


def _marked(name: str, rows: Sequence[Row]) -> str:
    known = any(row["right"] is not None for row in rows if row["answerable"])
    return name if known else f"{name} *"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "–"


def _print_table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    for line in ([], heads, ["---"] * len(heads), *lines) if lines else ():
        print(f"| {' | '.join(line)} |" if line else "")


if __name__ == "__main__":
    raise SystemExit(main())
