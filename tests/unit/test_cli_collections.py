"""The command line around collections: exit codes, and one line for a user's mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from rag.errors import PlumbError, UsageError
from rag.models import embedder as embedder_module
from tests.fakes import FakeEmbedder


def plumb(*arguments: str) -> tuple[int, str]:
    """Exit code and stdout, or the code and message that `cli.main` would end with."""
    result = CliRunner().invoke(cli.app, list(arguments))
    if isinstance(result.exception, PlumbError):
        return (2 if isinstance(result.exception, UsageError) else 1), str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def shelf(
    home: Path, tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of one file, read into the collection "shelf"."""
    monkeypatch.setattr(embedder_module, "load_embedder", lambda _: embedder)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "a.txt").write_text("The zebra clause holds for a month.\n")
    (folder / "a.txt.meta.toml").write_text('department = "legal"\n')
    assert plumb("ingest", str(folder), "-c", "shelf")[0] == 0
    return folder


def test_check_repair_backup_restore_and_proof(shelf: Path, home: Path, tmp_path: Path) -> None:
    assert plumb("collections", "check") == (0, "shelf\tall is well\n")
    (home / "collections" / "shelf" / "index.db").write_bytes(b"cut")
    code, told = plumb("collections", "check", "shelf")
    assert code == 1
    assert "shelf\twrong\tindex.db is cut short" in told
    code, told = plumb("collections", "check", "shelf", "--repair")
    assert code == 0
    assert "shelf\tmended" in told
    assert plumb("collections", "check", "none")[0] == 1

    backup = str(tmp_path / "shelf.zip")
    assert plumb("collections", "backup", "shelf", backup)[0] == 0
    assert plumb("collections", "backup", "shelf", backup)[0] == 2
    assert plumb("collections", "restore", backup)[0] == 1
    assert plumb("collections", "restore", backup, "--name", "second")[0] == 0
    assert "department = legal" in plumb("collections", "show", "second")[1]

    path = str(shelf / "a.txt")
    assert plumb("ingest", "--remove", path, "-c", "shelf")[0] == 0
    assert plumb("collections", "verify-removed", path, "-c", "shelf")[0] == 0
    code, told = plumb("collections", "verify-removed", path)
    assert code == 1
    assert "collection 'second' holds what was read from" in told
    assert plumb("collections", "restore", backup, "--yes")[0] == 0
    assert plumb("collections", "verify-removed", path, "-c", "shelf")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", "shelf", "--yes"], "--prune"),
        (["ingest", "shelf/a.txt", "--watch"], "follows folders"),
        (["ingest", "--watch"], "give files or folders"),
        (["ingest", "shelf", "--watch", "--remove", "x"], "without --remove"),
        (["ingest", "shelf", "--ignore", "!"], ".gitignore"),
        (["ask", "q", "--where", "department"], "department = legal"),
    ],
)
def test_wrong_usage_is_exit_code_two(shelf: Path, arguments: list[str], told: str) -> None:
    code, message = plumb(*arguments)
    assert code == 2
    assert told in message
