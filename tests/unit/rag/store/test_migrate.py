"""An older collection is named as such, and brought up to date without losing anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection
from rag.store.check import check_collection
from rag.store.database import SCHEMA_VERSION
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, put


def age(path: Path) -> None:
    """Make the database one of format 2."""
    with sqlite3.connect(path) as raw:
        for table in ("postings", "lengths"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("CREATE VIRTUAL TABLE keywords USING fts5 (terms, heading)")
        raw.execute("INSERT INTO settings VALUES ('unscrubbed', '0')")
        raw.execute("ALTER TABLE pages DROP COLUMN label")
        raw.execute("ALTER TABLE pages DROP COLUMN boxes")
        raw.execute("ALTER TABLE documents DROP COLUMN metadata")
        raw.execute("ALTER TABLE paths DROP COLUMN stamp")
        raw.execute("ALTER TABLE paths DROP COLUMN metadata")
        raw.execute("ALTER TABLE vectors RENAME TO newer")
        raw.execute(
            "CREATE TABLE vectors (id INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL "
            "REFERENCES chunks ON DELETE CASCADE, start INTEGER NOT NULL, end INTEGER NOT NULL, "
            "vector BLOB NOT NULL)"
        )
        for part in ("vector", "zeroblob(length(vector))"):  # the chunk's, and a sentence's
            raw.execute(
                f"INSERT INTO vectors (chunk, start, end, vector) SELECT chunk, 0, 1, {part} "
                "FROM newer"
            )
        raw.execute("CREATE INDEX vectors_by_chunk ON vectors (chunk)")
        raw.execute("DROP TABLE newer")
        raw.execute("PRAGMA user_version = 2")
    raw.close()


def test_an_older_collection_is_brought_up_to_date(
    settings: Settings, embedder: FakeEmbedder
) -> None:
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        put(collection, embedder, "the zebra clause")
        before = collection.documents()
        whole = collection.whole(before[0].document_id)
        path = collection.folder / "store.db"
    age(path)
    with pytest.raises(CollectionError, match="plumb collections check shelf --repair"):
        Collection.open(settings, "shelf")
    (finding,) = check_collection(settings, "shelf")
    assert not finding.mended
    (finding,) = check_collection(settings, "shelf", repair=True)
    assert finding.mended
    assert check_collection(settings, "shelf") == []
    with Collection.open(settings, "shelf") as collection:
        assert collection.documents() == before
        assert collection.whole(before[0].document_id) == whole
        assert found(collection, embedder, "zebra") == ["the zebra clause"]
        put(collection, embedder, "the heron clause", "/docs/b.txt")
    (version,) = sqlite3.connect(path).execute("PRAGMA user_version").fetchone()
    assert version == SCHEMA_VERSION


def test_one_too_old_is_refused(settings: Settings, embedder: FakeEmbedder) -> None:
    Collection.open(settings, "shelf", embedder.info, create=True).close()
    path = settings.collections_dir / "shelf" / "store.db"
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 1")
    raw.close()
    (finding,) = check_collection(settings, "shelf", repair=True)
    assert "too old" in finding.text
    assert not finding.mended
