"""Claims with human labels, for measuring judges: BEGIN, WiCE, OCNLI, Climate-FEVER, MTRAG.

Each reader gives (claim, evidence, supported?) as the set's authors mean it:
BEGIN   `Fully attributable` against `Not fully attributable`; `Generic` is passed over
WiCE    `supported` against `partially_supported` and `not_supported`
OCNLI   `entailment` against `neutral` and `contradiction`; label `-` is passed over
Climate-FEVER   an evidence sentence that `SUPPORTS` against the rest
MTRAG   a whole answer whose mean mark for faithfulness is 3.5 or more, of 4, against the rest; the
        mean and other judges' scores are kept
own     JSONL with `claim`, `evidence` (text or list), `supported` (true or false)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from eval.data.lines import Problems, collect, json_lines, read_text, string_list, text_field
from eval.errors import DataError
from eval.types import LabelledPair
from rag.text import detect_language

BEGIN_LABELS = {"fully attributable": True, "not fully attributable": False, "generic": None}
WICE_LABELS = {"supported": True, "partially_supported": False, "not_supported": False}
OCNLI_LABELS = {"entailment": True, "neutral": False, "contradiction": False, "-": None}
FEVER_LABELS = {"SUPPORTS": True, "REFUTES": False, "NOT_ENOUGH_INFO": False}
FAITHFUL_FROM = 3.5
"""The mean mark, of 1 to 4, from which an answer of MTRAG counts as supported."""

Build = Callable[[int, Mapping[str, Any]], Sequence[LabelledPair]]


def recognise(row: Mapping[str, Any]) -> str | None:
    """The format that a row's fields show, or None."""
    keys = row.keys()
    for name, fields in (
        ("begin", {"knowledge", "response", "begin_label"}),
        ("climate-fever", {"claim", "evidences"}),
        ("ocnli", {"sentence1", "sentence2", "label"}),
        ("claims", {"claim", "evidence", "supported"}),
        ("wice", {"claim", "evidence", "label"}),
        ("mtrag-faithfulness", {"response", "passages", "faithfulness"}),
    ):
        if fields <= keys:
            return name
    return None


def read_pairs(path: Path, format_name: str, problems: Problems) -> list[LabelledPair]:
    """The labelled pairs of the file; broken lines go to `problems`, named with their number."""
    if format_name == "begin":
        return collect(path, tab_rows(path), _begin, problems)
    builders: dict[str, Build] = {
        "wice": _wice,
        "ocnli": _ocnli,
        "climate-fever": _climate_fever,
        "claims": _own,
        "mtrag-faithfulness": _mtrag,
    }
    return collect(path, json_lines(path, problems), builders[format_name], problems)


def tab_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows of a tab-separated file with a header line. Quotes are ordinary characters."""
    reader = csv.DictReader(io.StringIO(read_text(path)), delimiter="\t", quoting=csv.QUOTE_NONE)
    yield from enumerate(reader, start=2)


def _label(row: Mapping[str, Any], name: str, meanings: Mapping[str, bool | None]) -> bool | None:
    value = row.get(name)
    for known, meaning in meanings.items():
        if isinstance(value, str) and value.strip().lower() == known.lower():
            return meaning
    raise DataError(f"field {name!r} is {value!r:.60}; known labels are {', '.join(meanings)}")


def _begin(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    label = _label(row, "begin_label", BEGIN_LABELS)
    if label is None:
        return []
    claim = text_field(row, "response")
    evidence = text_field(row, "knowledge")
    return [LabelledPair(str(number), claim, (evidence,), label, detect_language(claim))]


def _wice(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    label = bool(_label(row, "label", WICE_LABELS))
    claim = text_field(row, "claim")
    evidence = string_list(row.get("evidence"), "evidence")
    meta = row.get("meta")
    identity = meta.get("id", number) if isinstance(meta, dict) else number
    pair = LabelledPair(
        f"{number}-{identity}", claim, evidence, label, detect_language(claim), "", row["label"]
    )
    return [pair]


def _ocnli(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    label = _label(row, "label", OCNLI_LABELS)
    if label is None:
        return []
    claim = text_field(row, "sentence2")
    evidence = text_field(row, "sentence1")
    identity = str(row.get("id", number))
    return [LabelledPair(identity, claim, (evidence,), label, "zh", "", row["label"])]


def _climate_fever(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    claim = text_field(row, "claim")
    entries = row.get("evidences")
    if not isinstance(entries, list):
        raise DataError("field 'evidences' must be a list")
    pairs = []
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise DataError(f"evidence {place} is not an object")
        label = bool(_label(entry, "evidence_label", FEVER_LABELS))
        evidence = (text_field(entry, "evidence"),)
        identity = f"{row.get('claim_id', number)}-{place}"
        kind = entry["evidence_label"]
        pairs.append(LabelledPair(identity, claim, evidence, label, "en", "", kind))
    return pairs


def _mtrag(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    marks = _numbers(row.get("faithfulness"), "faithfulness")
    if not marks:
        raise DataError("field 'faithfulness' holds no mark")
    mark = fmean(marks)
    rivals = row.get("rival_judges", {})
    if not isinstance(rivals, dict):
        raise DataError(f"field 'rival_judges' must be an object, not {rivals!r:.60}")
    claim = text_field(row, "response")
    pair = LabelledPair(
        id="-".join([str(number), *(str(row[key]) for key in ("task_id", "model") if key in row)]),
        claim=claim,
        evidence=string_list(row.get("passages"), "passages"),
        supported=mark >= FAITHFUL_FROM,
        language=detect_language(claim),
        question=str(row.get("question", "")),
        mark=mark,
        rivals=dict(zip(rivals, _numbers([*rivals.values()], "rival_judges"), strict=True)),
    )
    return [pair]


def _numbers(value: Any, name: str) -> list[float]:
    """A list of numbers; DataError for anything else."""
    if not isinstance(value, list) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in value
    ):
        raise DataError(f"field {name!r} must hold numbers, not {value!r:.60}")
    return [float(v) for v in value]


def _own(number: int, row: Mapping[str, Any]) -> list[LabelledPair]:
    supported = row.get("supported")
    if not isinstance(supported, bool):
        raise DataError(f"field 'supported' must be true or false, not {supported!r:.60}")
    claim = text_field(row, "claim")
    value = row["evidence"]
    evidence = string_list([value] if isinstance(value, str) else value, "evidence")
    identity = str(row.get("id", number))
    question = str(row.get("question", ""))
    language = detect_language(claim)
    return [LabelledPair(identity, claim, evidence, supported, language, question)]
