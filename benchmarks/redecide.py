"""What another decision would have shown of answers that are known, asking nothing again.

    PLUMB_ANSWERING__MIN_CONFIDENCE=0 python -m benchmarks.answers SET PATH… --out all.jsonl
    python -m benchmarks.redecide all.jsonl --scorer NEW.json --out new.jsonl
    python -m benchmarks.compare_answers old.jsonl new.jsonl

Reads answers of which none was withheld as unsure, so that the text of each is known; writes the
same rows with the confidence and `shown` that the decision of a scorer file gives them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.compare_answers import read
from rag.models.logistic import WEIGHTS, Logistic, load_logistic


def main(argv: Sequence[str] | None = None) -> int:
    """Decide on each row anew."""
    options = _parser().parse_args(argv)
    decision = load_logistic("decision", options.scorer)
    rows = read(options.answers).values()
    decided = [redecided(row, decision, options.min_confidence) for row in rows]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in decided]
    options.out.write_text("".join(lines), encoding="utf-8")
    return 0


def redecided(row: Mapping[str, Any], decision: Logistic, needed: float) -> dict[str, Any]:
    """The row as it would be with this decision; an answer without signals stays as it is."""
    if not row["signals"]:
        return dict(row)
    sure = decision.probability(row["signals"])
    return {**row, "confidence": round(sure, 4), "shown": row["shown"] and sure >= needed}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("answers", type=Path, help="answers given with a least confidence of 0")
    parser.add_argument("--scorer", type=Path, default=WEIGHTS)
    parser.add_argument("--min-confidence", type=float, default=0.4)
    parser.add_argument("--out", type=Path, required=True)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
