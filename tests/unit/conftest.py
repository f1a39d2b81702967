"""One PostgreSQL and one Milvus for all tests that want them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from rag.config import Settings
from tests.remote_servers import PASSWORD, Milvus, Postgres, server_programs


@dataclass(frozen=True)
class Servers:
    """Both servers, running."""

    postgres: Postgres
    milvus: Milvus


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Started once; a test that stops one starts it again."""
    for package in ("psycopg", "pymilvus", "milvus_lite"):
        pytest.importorskip(package, reason=f"{package} is not installed: make setup")
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    postgres = Postgres(programs)
    try:
        milvus = Milvus()
        try:
            yield Servers(postgres, milvus)
        finally:
            milvus.close()
    finally:
        postgres.close()


@pytest.fixture
def remote(servers: Servers, settings: Settings) -> Settings:
    """Settings for collections in PostgreSQL and Milvus, of which there are none."""
    import psycopg

    store = {
        "postgres": servers.postgres.address,
        "postgres_password": PASSWORD,
        "milvus": servers.milvus.address,
        "partitions": 2,
        "timeout_s": 3.0,
    }
    with psycopg.connect(servers.postgres.address, password=PASSWORD, autocommit=True) as raw:
        raw.execute("SET client_min_messages = warning")
        raw.execute("DROP SCHEMA IF EXISTS plumbline CASCADE")
    return Settings.model_validate({**settings.model_dump(), "store": store})
