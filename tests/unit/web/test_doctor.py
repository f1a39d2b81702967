from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rag.models.cpu
import web.doctor
from cli import app
from ingest.pipeline import ingest
from rag.config import Settings
from rag.store import Collection
from rag.store.folder import DATABASE, collection_folder
from tests.builders import switched
from tests.fakes import FakeEmbedder
from web.doctor import Finding, all_well, examine


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two light packages stand for the heavy ones."""
    monkeypatch.setattr(web.doctor, "NATIVE", ("json", "sqlite3"))


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(settings)}


def put_models(settings: Settings) -> None:
    """Folders that look like the models that the settings name."""
    for name, kind in (
        (settings.embedder.model, "embedder"),
        (settings.generator.model, "generator"),
    ):
        folder = settings.models_dir / name
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"w")
        files = {"weights": {"bytes": 1, "sha256": "0" * 64}}
        manifest = {"name": name, "kind": kind, "source": "", "weights": "weights", "files": files}
        (folder / "manifest.json").write_text(json.dumps(manifest))


def test_an_adapter_that_cannot_be_used_is_told(settings: Settings, tmp_path: Path) -> None:
    adapter = tmp_path / "none.gguf"
    named = settings.generator.model_copy(update={"adapter": adapter})
    finding = found(settings.model_copy(update={"generator": named}))["generator.adapter"]
    assert finding.state == "wrong"
    assert str(adapter) in finding.told


def make_collection(settings: Settings, tmp_path: Path, embedder: FakeEmbedder) -> None:
    path = tmp_path / "a.md"
    path.write_text("Thirty days.")
    with Collection.open(settings, "default", embedder.info, create=True) as collection:
        ingest([path], collection, embedder, settings)


def test_where_all_is_well_nothing_is_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.models.cpu, "usable_memory", lambda: 16_000_000_000)
    put_models(settings)
    make_collection(settings, tmp_path, FakeEmbedder(settings.embedder.model))
    findings = found(switched(settings, server={"port": 0}))
    assert {finding.state for finding in findings.values()} == {"fine"}, findings
    assert findings["collection default"].told.startswith("1 document, embedder multilingual")


def test_a_missing_model_is_named_with_its_command(settings: Settings) -> None:
    put_models(settings)
    (settings.models_dir / settings.generator.model / "weights").unlink()
    findings = found(settings)
    missing = findings[f"model {settings.generator.model}"]
    assert missing.state == "wrong"
    assert missing.mend == f"plumb models pull {settings.generator.model}"
    assert findings[f"model {settings.embedder.model}"].state == "fine"
    assert not all_well(findings.values())


def test_a_model_of_no_known_name_is_wrong(settings: Settings, tmp_path: Path) -> None:
    named = switched(settings, generator={"model": str(tmp_path / "none.gguf")})
    assert found(named)[f"model {tmp_path / 'none.gguf'}"].state == "wrong"
    (tmp_path / "none.gguf").touch()
    assert f"model {tmp_path / 'none.gguf'}" not in found(named)


def test_little_memory_and_disk_are_warnings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.models.cpu, "usable_memory", lambda: 2_000_000_000)
    monkeypatch.setattr(web.doctor, "LEAST_DISK", 10**18)
    findings = found(settings)
    assert findings["memory"].state == findings["disk"].state == "warning"
    assert "0.5b" in findings["memory"].mend


def test_a_full_disk_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.doctor, "LEAST_DISK", 10**18)
    monkeypatch.setattr(web.doctor, "FULL_DISK", 10**18)
    disk = found(settings)["disk"]
    assert (disk.state, "plumb collections remove" in disk.mend) == ("wrong", True)


@contextmanager
def as_nobody() -> Iterator[None]:
    """The rights of a user without any, where root runs the tests; others have none of theirs."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize("closed", [".", "collections", "collections/default"])
def test_a_folder_that_may_not_be_written_to_is_named(closed: str) -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders let nobody in
        home = Path(made)
        (home / "collections/default").mkdir(parents=True)
        for path in (home, home / "collections", home / "collections/default"):
            path.chmod(0o777)
        (home / closed).chmod(0o555)
        with as_nobody():
            first = next(iter(examine(Settings(home=home))))
        (home / closed).chmod(0o777)
    assert (first.check, first.state) == ("home", "wrong")
    assert first.mend.startswith(f"sudo chown -R $USER {home / closed},")


def test_on_a_broken_machine_each_finding_has_its_mend(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.models.cpu, "usable_memory", lambda: None)
    monkeypatch.setattr(web.doctor, "LEAST_DISK", 10**18)
    monkeypatch.setattr(web.doctor, "NATIVE", ("nowhere_to_be_found",))
    make_collection(settings, tmp_path, FakeEmbedder(settings.embedder.model))
    for name, version in (("older", 2), ("newer", 10_000)):
        shutil.copytree(collection_folder(settings, "default"), collection_folder(settings, name))
        connection = sqlite3.connect(collection_folder(settings, name) / DATABASE)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
    broken = found(switched(settings, server={"host": "0.0.0.0"}))
    bad = {check for check, finding in broken.items() if finding.state != "fine"}
    assert {"disk", "memory", "server", "packages", "collection older", "collection newer"} < bad
    assert [check for check in bad if not broken[check].mend] == []


def test_a_home_that_is_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    findings = found(Settings(home=tmp_path / "home" / "below"))
    assert findings["home"].state == "wrong"
    assert "PLUMB_HOME" in findings["home"].mend


def test_an_older_or_foreign_collection_is_told(settings: Settings, tmp_path: Path) -> None:
    make_collection(settings, tmp_path, FakeEmbedder("another"))
    assert "PLUMB_EMBEDDER__MODEL=another" in found(settings)["collection default"].mend
    database = collection_folder(settings, "default") / DATABASE
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    older = found(settings)["collection default"]
    assert (older.state, older.mend) == ("wrong", "plumb collections check default --repair")
    database.write_bytes(b"no database at all, and long enough to be looked at" * 20)
    assert found(settings)["collection default"].state == "wrong"


def test_a_taken_port_and_an_open_address_are_told(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = found(switched(settings, server={"port": port}))["server"]
    assert told.state == "warning"
    open_to_all = found(switched(settings, server={"host": "0.0.0.0"}))["server"]
    assert open_to_all.state == "wrong"


def test_an_endpoint_is_asked_whether_it_is_there(settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    away = found(switched(settings, generator={"base_url": url, "model": "m"}))
    assert away["generator.base_url"].state == "wrong"
    assert "model m" not in away
    odd = found(switched(settings, generator={"base_url": "file:///etc/passwd", "model": "m"}))
    assert "no address" in odd["generator.base_url"].told


def test_a_package_that_cannot_be_imported_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.doctor, "NATIVE", ("json", "nowhere_to_be_found", "sqlite3"))
    told = found(settings)["packages"]
    assert "nowhere_to_be_found cannot be imported" in told.told
    crash = "os, signal; os.kill(os.getpid(), signal.SIGILL)"
    monkeypatch.setattr(web.doctor, "NATIVE", ("json", crash))
    assert "ended by signal 4" in found(settings)["packages"].told


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_the_command_ends_with_1_where_something_is_wrong(home: Path) -> None:
    result = run()
    assert result.exit_code == 1
    assert "plumb models pull multilingual-e5-small" in result.output
    findings = json.loads(run("--json").output)
    assert {"check", "state", "told", "mend"} == set(findings[0])


def test_wrong_settings_are_a_finding(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMB_SERVER__PORT", "many")
    result = run()
    assert result.exit_code == 1
    assert "server.port" in result.output
