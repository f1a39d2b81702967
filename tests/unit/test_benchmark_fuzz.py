"""Damaged copies: the same for the same seed, damaged, and refused or read, never a fault."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.fuzz import damaged, outcome
from rag.config import IngestSettings
from tests.archives import zipped
from tests.documents import pdf, word


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.pdf").write_bytes(pdf(["The kettle is in the cellar, on shelf 3."]))
    (tmp_path / "b.docx").write_bytes(word([("Heading 1", "Kettle"), ("table", [["a", "b"]])]))
    (tmp_path / "c.html").write_text("<table><tr><td colspan=2>Kettle</table><p>In the cellar")
    (tmp_path / "d.zip").write_bytes(zipped({"e.md": "# Kettle\n\n* cellar", "f.json": "[1, 2]"}))
    return tmp_path


def test_the_seed_gives_the_files(folder: Path) -> None:
    one, two, other = (list(islice(damaged(folder, random.Random(s)), 20)) for s in (1, 1, 2))
    assert one == two != other
    assert {name for name, _ in one} == {"a.pdf", "b.docx", "c.html", "d.zip"}
    assert all(data != (folder / name).read_bytes() for name, data in one)


def test_no_damage_is_a_fault(folder: Path) -> None:
    limits = IngestSettings(max_seconds=60)
    became = [
        outcome(name, data, limits)
        for name, data in islice(damaged(folder, random.Random(21)), 120)
    ]
    assert set(became) == {"read", "refused"}
