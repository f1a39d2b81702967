"""Fixtures shared by all tests: every test runs in a temporary home, some over one PostgreSQL and
one Milvus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from rag.config import Settings
from tests.fakes import FakeEmbedder
from tests.remote_servers import PASSWORD, Milvus, Postgres, server_programs
from web.state import Kept

# The first example of a test may load a dictionary, and the machine may be busy.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PLUMB_HOME."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("PLUMB_HOME", str(folder))
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """The defaults in the temporary home, with the hub switched off."""
    return Settings.model_validate({"home": home, "hub": {"enabled": False}})


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@dataclass(frozen=True)
class Servers:
    """Both servers, running."""

    postgres: Postgres
    milvus: Milvus


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Started once; a test that stops it starts it again."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: make setup")
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = Postgres(programs)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def servers(postgres: Postgres) -> Iterator[Servers]:
    """Started once; a test that stops one starts it again."""
    for package in ("pymilvus", "milvus_lite"):
        pytest.importorskip(package, reason=f"{package} is not installed: make setup")
    milvus = Milvus()
    try:
        yield Servers(postgres, milvus)
    finally:
        milvus.close()


@pytest.fixture
def remote(servers: Servers, settings: Settings) -> Settings:
    """Settings for collections in PostgreSQL and Milvus, of which there are none."""
    return _emptied(settings, servers.postgres, servers.milvus.address)


@pytest.fixture
def postgres_only(postgres: Postgres, settings: Settings) -> Settings:
    """Settings for what PostgreSQL keeps alone, of which there is nothing; no Milvus answers."""
    return _emptied(settings, postgres, "http://127.0.0.1:9")


@pytest.fixture(params=["home", "postgres"])
def state(request: pytest.FixtureRequest, settings: Settings) -> Kept:
    """Each of the places where the app's tables can be kept, with nothing in it."""
    if request.param == "home":
        return settings.home_dir
    far = request.getfixturevalue("postgres_only")
    assert isinstance(far, Settings)
    return far.store


def _emptied(settings: Settings, server: Postgres, milvus: str) -> Settings:
    import psycopg

    store = {
        "postgres": server.address,
        "postgres_password": PASSWORD,
        "milvus": milvus,
        "partitions": 2,
        "timeout_s": 3.0,
    }
    with psycopg.connect(server.address, password=PASSWORD, autocommit=True) as raw:
        raw.execute("SET client_min_messages = warning")
        raw.execute("DROP SCHEMA IF EXISTS plumbline CASCADE")
    return Settings.model_validate({**settings.model_dump(), "store": store})
