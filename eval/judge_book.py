"""The measured accuracy of judges, kept so that every run can show its judge's row.

`plumb eval judges` writes what it measured to `<home>/eval/judges.json`, keyed by the judge's
fingerprint; a run adds a check on its own passages, made false on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.cache import key_of
from eval.data import labelled_digest
from eval.judges import Judge
from eval.judges.measure import JudgeRow, ask_all, measure, row_to_json
from eval.perturb import perturbed_pairs
from eval.types import LabelledSet
from rag.config import Settings

FEWEST = 10
"""Below so many claims a judge's figures would say nothing."""
OWN_PASSAGES = "this run's passages, half of the claims made false"


def rows_for(
    judge: Judge, settings: Settings, texts: Sequence[str], check: int, seed: int
) -> list[dict[str, Any]]:
    """The judge's rows, as JSON: measured earlier on human labels, and on up to `check` claims
    about `texts` (0 leaves that out)."""
    rows = list(_read(_book(settings)).get(key_of(dict(judge.fingerprint)), []))
    pairs = perturbed_pairs(texts, check, seed) if check else []
    if len(pairs) >= FEWEST:
        own = LabelledSet(OWN_PASSAGES, "perturbed", labelled_digest(pairs), tuple(pairs))
        rows += [row_to_json(r) for r in measure(judge, own, ask_all(judge, pairs), seed)]
    return rows


def remember(judge: Judge, settings: Settings, rows: Sequence[JudgeRow]) -> None:
    """Keep the rows; those of the same data and language measured earlier are replaced."""
    path = _book(settings)
    book = _read(path)
    key = key_of(dict(judge.fingerprint))
    new = [row_to_json(r) for r in rows]
    taken = {(r["data"], r["language"]) for r in new}
    kept = [r for r in book.get(key, []) if (r["data"], r["language"]) not in taken]
    book[key] = [*kept, *new]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(book, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)


def _book(settings: Settings) -> Path:
    return settings.home_dir / "eval" / "judges.json"


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return values if isinstance(values, dict) else {}
