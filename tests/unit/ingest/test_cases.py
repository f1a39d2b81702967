"""The small files from real complaints, where they lie beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.loaders import Losses, load
from rag.errors import DocumentError

CASES = Path(__file__).parents[4] / "shared" / "cases"
EXPECTED = CASES / "expected.jsonl"
ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in EXPECTED.read_text(encoding="utf-8").splitlines() if line]
    if EXPECTED.exists()
    else []
)
SAID = {"coldstore.pdf": "read by OCR", "portfolio.pdf": "budget.txt"}
"""What the receipt has to say of the files whose line asks for it."""


def read(path: Path) -> tuple[str, str]:
    """The text of a file and its receipt, white space collapsed."""
    losses = Losses()
    try:
        text = " ".join(page.text for page in load(path, losses=losses).pages)
        said = ""
    except DocumentError as err:
        text, said = "", str(err)
    return " ".join(text.split()), " ".join([said, *losses.sentences()])


@pytest.mark.skipif(not ROWS, reason="../shared/cases is not here")
@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_case_holds_what_it_must(row: dict[str, Any]) -> None:
    text, receipt = read(CASES / row["file"])
    for string in row.get("must", ()):
        assert " ".join(string.split()) in text
    for string in row.get("must_not", ()):
        assert " ".join(string.split()) not in text
    if "receipt" in row:
        assert SAID[row["file"]] in receipt
    for ask in row.get("ask", ()):
        assert all(answer.lower() in text.lower() for answer in ask["answer"]) or receipt.strip()
