"""`python -m ingest`: exit codes, what is printed, and no tracebacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.command import progress_bar, run_ingest
from ingest.pipeline import Progress
from rag.config import Settings
from rag.models import embedder as embedder_module
from rag.store import Collection
from tests.fakes import FakeEmbedder


@pytest.fixture(autouse=True)
def _fake_embedder(
    home: Path, embedder: FakeEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder_module, "load_embedder", lambda _: embedder)
    monkeypatch.chdir(tmp_path)


def test_ingest_then_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("Hello there.")
    assert main(["a.txt", "--collection", "shelf"]) == 0
    assert capsys.readouterr().out.startswith("added      a.txt  (1 page, 1 chunk)\n1 added")
    assert main(["--remove", "a.txt", "--collection", "shelf"]) == 0
    assert "removed    " in capsys.readouterr().out
    assert main(["--remove", "a.txt", "--collection", "shelf"]) == 1
    assert "failed     " in capsys.readouterr().out


def test_a_failed_file_makes_exit_code_one_and_a_skipped_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Hello there.")
    (tmp_path / "b.gif").write_bytes(b"GIF89a")
    assert main(["a.txt", "b.gif"]) == 0
    assert main(["a.txt", "missing.txt"]) == 1


@pytest.mark.parametrize("arguments", [[], ["a.txt", "--collection", "no/such name"]])
def test_wrong_usage_is_exit_code_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_removing_from_no_collection_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--remove", "a.txt", "--collection", "none"]) == 1
    assert "'none'" in capsys.readouterr().err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("Hello there.")
    (tmp_path / "b.txt").write_text("Hello again.")
    main(["b.txt", "--json"])
    capsys.readouterr()
    assert main(["a.txt", "--remove", "b.txt", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["collection"] == "default"
    assert [Path(row["path"]).name for row in value["removed"]] == ["b.txt"]
    assert [row["change"] for row in value["files"]] == ["added"]


def test_other_chunk_settings_are_not_taken_in_silence(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("Hello there. " * 200)
    run_ingest(settings, [tmp_path / "a.txt"], [])
    assert capsys.readouterr().err == ""
    smaller = settings.chunking.model_copy(update={"max_tokens": 64})
    other = settings.model_copy(update={"chunking": smaller})
    (tmp_path / "a.txt").write_text("Hello again. " * 200)
    assert run_ingest(other, [tmp_path / "a.txt"], []) == 0
    assert "was made with chunks of 256 tokens" in capsys.readouterr().err
    with Collection.open(settings, "default") as collection:
        chunks = collection.document_chunks(collection.documents()[0].document_id)
    assert max(chunk.tokens for chunk in chunks) > 64


def test_the_bar_shows_rate_and_remaining_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_bar() as show:
        show(Progress("a.pdf", 3, 9, 1200, 8.25, 0.5, 3725.0))
    assert "3/9 files, 1,200 chunks, 8.2/s, 1:02:05 left: a.pdf" in capsys.readouterr().err


def test_names_of_nothing_make_no_collection(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["missing.txt", "nowhere", "--collection", "shelf"]) == 2
    assert "missing.txt, nowhere" in capsys.readouterr().err
    assert not (home / "collections" / "shelf").exists()
