"""The benchmark over Debian's manuals: pages copied from a folder like theirs, and questions."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import manuals
from benchmarks.manuals import MANUALS, Manual, copy_pages, main, read_questions
from eval.errors import DataError

PAGES = {
    "handbook-en": ("en-US/sect.apt-get.html", "handbook-en-apt-get.html"),
    "handbook-zh": ("zh-CN/sect.apt-get.html", "handbook-zh-apt-get.html"),
    "reference-en": ("ch02.en.html.gz", "reference-en-ch02.html"),
    "reference-zh": ("ch02.zh-cn.html", "reference-zh-ch02.html"),
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /usr/share, with a page of every manual."""
    root = tmp_path / "share"
    moved = []
    for manual in MANUALS:
        sub = Path(PAGES[manual.label][0]).parent
        base = "handbook" if manual.label.startswith("handbook") else "reference"
        moved.append(replace(manual, folder=root / base / sub))
        page = root / base / PAGES[manual.label][0]
        page.parent.mkdir(parents=True, exist_ok=True)
        text = f"<p>{manual.label}</p>".encode()
        page.write_bytes(gzip.compress(text) if page.suffix == ".gz" else text)
    (root / "reference/index.fr.html").write_text("<p>fr</p>")
    (root / "handbook/en-US/style.html.css").write_text("p {}")
    monkeypatch.setattr(manuals, "MANUALS", tuple(moved))
    return root


def test_every_manual_is_copied_unpacked_under_its_label(installed: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep/out"
    assert main([str(out)]) == 0
    assert {p.name: p.read_text() for p in out.iterdir()} == {
        name: f"<p>{label}</p>" for label, (_, name) in PAGES.items()
    }


def test_what_is_missing_is_named_once_with_how_to_install_it(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for page in (installed / "handbook").rglob("*.html"):
        page.unlink()
    assert main([str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert "handbook-en: 0 pages" in told.out
    assert "reference-en: 1 pages" in told.out
    assert told.err.count("apt-get install") == 1
    assert "not found: debian-handbook. " in told.err
    assert "debian-reference" not in told.err


def test_a_folder_that_is_not_there_has_no_pages(tmp_path: Path) -> None:
    assert copy_pages(Manual("x", "x", tmp_path / "nowhere", "*.html*"), tmp_path) == 0


GOOD: dict[str, Any] = {
    "id": "q1",
    "language": "en",
    "question": "Which command upgrades?",
    "answer": ["apt", ["upgrade", "dist-upgrade"]],
    "answerable": True,
    "evidence": ["apt upgrade"],
    "half": "first",
}


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[manuals.ManualQuestion]:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return read_questions(path)


def test_an_answers_parts_have_alternatives(tmp_path: Path) -> None:
    missing = {**GOOD, "id": "q2", "answer": [], "evidence": [], "answerable": False}
    told, untold = read(tmp_path, GOOD, missing)
    assert told.answer == (("apt",), ("upgrade", "dist-upgrade"))
    assert (told.evidence, told.half, told.answerable) == (("apt upgrade",), "first", True)
    assert (untold.answer, untold.evidence, untold.answerable) == ((), (), False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"answerable": False},
        {"evidence": []},
        {"answer": []},
        {"answer": "apt"},
        {"answer": [None]},
        {"half": "third"},
        {"language": "fr"},
        {"question": ""},
    ],
)
def test_a_question_that_is_not_as_it_should_be_is_named_with_its_line(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="line 2"):
        read(tmp_path, GOOD, {**GOOD, **wrong})


def test_the_questions_that_ship_are_sound() -> None:
    questions = read_questions()
    assert len({q.id for q in questions}) == len(questions)
    for half in ("first", "second"):
        of_half = [q for q in questions if q.half == half]
        assert {q.language for q in of_half} == {"en", "zh"}
        assert {q.answerable for q in of_half} == {True, False}
