"""The command line over PostgreSQL and Milvus: the same commands, the same output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import StoreUnavailable
from tests.fakes import FakeEmbedder
from tests.remote_servers import PASSWORD, free_port
from tests.unit import test_cli_collections
from tests.unit.ingest.test_run import LateWorkers, run_over
from tests.unit.test_cli_collections import plumb
from web.api_errors import status_of
from web.doctor import _collections

shelf = test_cli_collections.shelf


def use(monkeypatch: pytest.MonkeyPatch, remote: Settings) -> None:
    """Set the two lines, and the password."""
    monkeypatch.setenv("PLUMB_STORE__POSTGRES", str(remote.store.postgres))
    monkeypatch.setenv("PLUMB_STORE__MILVUS", str(remote.store.milvus))
    monkeypatch.setenv("PLUMB_STORE__POSTGRES_PASSWORD", PASSWORD)


def test_a_collection_is_moved_used_and_moved_back(
    shelf: Path,
    home: Path,
    remote: Settings,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert plumb("migrate", "shelf", "--to", "elsewhere")[0] == 2
    assert plumb("migrate", "shelf", "--state", "--to", "remote")[0] == 2
    assert plumb("keys", "create", "ci")[0] == 0
    code, told = plumb("migrate", "shelf", "--to", "remote")
    assert code == 2
    assert "set store.postgres and store.milvus" in told
    listed = plumb("collections", "list")
    shown = plumb("collections", "show", "shelf")
    use(monkeypatch, remote)
    assert plumb("migrate", "shelf", "--to", "remote") == (
        0,
        "shelf: 1 documents with 1 chunks moved and compared\n",
    )
    assert not (home / "collections" / "shelf" / "store.db").exists()
    code, told = plumb("migrate", "--state", "--to", "remote")
    assert (code, "keys: 1 moved and compared\n" in told) == (0, True)
    assert "ci" in plumb("keys", "list")[1]
    assert plumb("collections", "list") == listed
    assert plumb("collections", "show", "shelf") == shown
    assert plumb("collections", "check") == (0, "shelf\tall is well\n")
    assert plumb("collections", "backup", "shelf", str(tmp_path / "x.zip"))[0] == 0
    assert plumb("collections", "restore", str(tmp_path / "x.zip"), "--name", "again")[0] == 0
    assert plumb("collections", "remove", "again", "--yes")[0] == 0
    embedder.embedded.clear()
    assert plumb("ingest", str(shelf), "-c", "shelf")[0] == 0
    assert embedder.embedded == []
    (shelf / "b.txt").write_text("The heron clause holds for a year.\n")
    assert plumb("ingest", str(shelf), "-c", "shelf", "--if-new")[0] == 0
    assert plumb("ingest", str(shelf), "-c", "fresh", "--if-new")[0] == 0
    path = str(shelf / "b.txt")
    assert plumb("ingest", "--remove", path, "-c", "shelf")[0] == 0
    assert plumb("collections", "verify-removed", path, "-c", "shelf")[0] == 0
    assert plumb("migrate", "shelf", "--to", "embedded")[0] == 0
    assert [row["name"] for row in json.loads(plumb("collections", "list", "--json")[1])] == [
        "fresh"
    ]
    monkeypatch.delenv("PLUMB_STORE__POSTGRES")
    assert plumb("collections", "list")[0] == 2
    for name in ("MILVUS", "POSTGRES_PASSWORD"):
        monkeypatch.delenv(f"PLUMB_STORE__{name}")
    assert plumb("collections", "show", "shelf") == shown


def test_a_store_that_is_down_is_one_line(
    home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg")
    address = f"postgresql://127.0.0.1:{free_port()}/none"
    monkeypatch.setenv("PLUMB_STORE__POSTGRES", address)
    monkeypatch.setenv("PLUMB_STORE__MILVUS", "http://127.0.0.1:9")
    for command in (["list"], ["show", "shelf"], ["check", "shelf"]):
        code, told = plumb("collections", *command)
        assert (code, "does not answer" in told or not told) == (1, True)
    assert plumb("ingest", str(home))[0] == 1
    store = {"postgres": address, "milvus": "http://127.0.0.1:9"}
    down = Settings.model_validate({**settings.model_dump(), "store": store})
    (finding,) = _collections(down)
    assert finding.state == "wrong"
    assert "start that server" in str(finding)
    assert status_of(StoreUnavailable("x")) == 503


def test_workers_that_answer_late_fill_it_as_they_fill_one_at_home(
    shelf: Path, settings: Settings, remote: Settings
) -> None:
    for number in range(4):
        (shelf / f"{number}.txt").write_text(f"The heron clause holds for {number} years. " * 30)
    workers = LateWorkers(FakeEmbedder(), remote, 5)
    assert run_over(shelf, remote, "late", workers) == run_over(shelf, settings, "here", None)
