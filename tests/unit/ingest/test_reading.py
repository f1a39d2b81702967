"""`plumb text`: the pages of one file on stdout, what is missing on stderr, the exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.reading import print_text
from rag.config import Settings
from rag.errors import UsageError
from tests.documents import PNG, pdf

ROOT = Path(__file__).parents[3]


def test_pages_are_shown_one_by_one(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "a.pdf").write_bytes(pdf(["First", "Second"]))
    assert print_text(settings, path) == 0
    assert capsys.readouterr().out == ("--- page 1 of 2 ---\nFirst\n--- page 2 of 2 ---\nSecond\n")


def test_what_is_missing_is_said_on_stderr(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "a.html").write_text("<p>New <s>old</s> price</p><img src=x.png>")
    assert print_text(settings, path) == 0
    shown = capsys.readouterr()
    assert shown.out == "New price\n"
    assert shown.err == "1 struck-out passage left out\n1 picture without text\n"


def test_a_file_that_cannot_be_read_ends_with_1(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "a.pdf").write_bytes(PNG)
    assert print_text(settings, path) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("plumb: a.pdf is a PNG image")


def test_no_file_and_a_folder_are_wrong_usage(tmp_path: Path, settings: Settings) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UsageError):
            print_text(settings, path)


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    (path := tmp_path / "a.txt").write_text("Hello")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ingest.reading import print_text\n"
        "from rag.config import Settings\n"
        "print_text(Settings(), Path(sys.argv[1]))\n"
        "heavy = {'torch', 'faiss', 'gradio', 'transformers', 'sentence_transformers'}\n"
        "sys.exit(len(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "Hello\n")
