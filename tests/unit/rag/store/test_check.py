"""Damage of every kind is found, said and mended; what cannot be mended is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection, vectors
from rag.store.check import check_collection
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, put

TEXTS = {"/docs/a.txt": "the zebra clause\nsecond line", "/docs/b.txt": "the heron clause"}


@pytest.fixture
def folder(settings: Settings, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection of two documents, closed; to have an index it counts as a large one."""
    monkeypatch.setattr(vectors, "EXACT", 1)
    monkeypatch.setattr(vectors, "BATCH", 0)
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        for path, text in TEXTS.items():
            put(collection, embedder, text, path)
        return collection.folder


def _cut(folder: Path) -> None:
    path = folder / "index.db"
    path.write_bytes(path.read_bytes()[:5000])


def _other_kind(folder: Path) -> None:
    (folder / "index.db").write_bytes((folder / "store.db").read_bytes())


def _sql(*statements: str, file: str = "store.db") -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        with sqlite3.connect(folder / file) as raw:
            for statement in statements:
                raw.execute(statement)
        raw.close()

    return act


def _draft(folder: Path) -> None:
    (folder / "index.db.new").write_bytes(b"half")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut": (_cut, "index.db"),
    "no index": (lambda f: (f / "index.db").unlink(), "no vector index"),
    "other version": (_sql("PRAGMA user_version = 99", file="index.db"), "another version"),
    "other kind": (_other_kind, "another version"),
    "other vectors": (
        _sql("UPDATE packed SET entries = zeroblob(length(entries))", file="index.db"),
        "holds vectors of removed documents",
    ),
    "fewer vectors": (_sql("DELETE FROM packed WHERE id = 1", file="index.db"), "lacks vectors"),
    "stale": (_sql("UPDATE settings SET value = '99' WHERE key = 'generation'"), "out of date"),
    "keywords": (_sql("DELETE FROM lengths"), "not in the keyword index"),
    "orphans": (
        _sql("INSERT INTO vectors VALUES (999, x'00')"),
        "1 rows of vectors belong to nothing",
    ),
    "draft": (_draft, "left by a run that was killed"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_found_and_mended(
    settings: Settings, embedder: FakeEmbedder, folder: Path, kind: str
) -> None:
    damage, told = DAMAGES[kind]
    assert check_collection(settings, "shelf") == []
    damage(folder)
    findings = check_collection(settings, "shelf")
    assert any(told in finding.text for finding in findings), findings
    assert not any(finding.mended for finding in findings)
    assert all(finding.mended for finding in check_collection(settings, "shelf", repair=True))
    assert check_collection(settings, "shelf") == []
    with Collection.open(settings, "shelf") as collection:
        assert found(collection, embedder, "the zebra clause")[0] == "the zebra clause"
        assert found(collection, embedder, "the heron clause")[0] == "the heron clause"
        assert len(collection.search_vectors(embedder.embed_queries(["clause"])[0], 9)) == 3


@pytest.mark.parametrize("kind", ["cut", "other version", "other kind"])
def test_readers_never_trust_an_unfit_index(
    settings: Settings, embedder: FakeEmbedder, folder: Path, kind: str
) -> None:
    DAMAGES[kind][0](folder)
    with Collection.open(settings, "shelf") as collection:
        assert found(collection, embedder, "the zebra clause")[0] == "the zebra clause"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM vectors WHERE chunk = 1", "1 chunks without a vector"),
        ("UPDATE vectors SET vector = x'0000' WHERE chunk = 1", "of another length"),
        ("UPDATE chunks SET text = 'lies' WHERE id = 1", "not on their page"),
        (
            "DELETE FROM pages WHERE document_id = (SELECT document_id FROM chunks WHERE id = 1)",
            "not on their",
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_taken_out_to_be_read_again(
    settings: Settings, embedder: FakeEmbedder, folder: Path, statement: str, told: str
) -> None:
    _sql(statement)(folder)
    findings = check_collection(settings, "shelf", repair=True)
    assert any(told in finding.text for finding in findings)
    assert check_collection(settings, "shelf") == []
    with Collection.open(settings, "shelf") as collection:
        assert [document.name for document in collection.documents()] == ["b.txt"]
        assert put(collection, embedder, TEXTS["/docs/a.txt"]) == "added"
    assert check_collection(settings, "shelf") == []


def test_what_can_be_read_of_a_damaged_database_is_saved(
    settings: Settings, embedder: FakeEmbedder
) -> None:
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        folder = collection.folder
        for number in range(20):
            lines = "\n".join(f"line {i} of document {number} says q{number}q" for i in range(40))
            put(collection, embedder, lines, f"/docs/{number}.txt")
    data = bytearray((folder / "store.db").read_bytes())
    place = data.find(b"line 20 of document 7 says") // 4096 * 4096
    data[place : place + 4096] = b"\xff" * 4096
    (folder / "store.db").write_bytes(data)
    assert any("damaged" in f.text for f in check_collection(settings, "shelf"))
    findings = check_collection(settings, "shelf", repair=True)
    assert all(finding.mended for finding in findings), findings
    assert any("saved into a new one" in finding.text for finding in findings)
    assert check_collection(settings, "shelf") == []
    with Collection.open(settings, "shelf") as collection:
        kept = {document.path for document in collection.documents()}
        lost = {f.text.split()[0] for f in findings if "could not be saved" in f.text}
        assert kept | lost == {f"/docs/{number}.txt" for number in range(20)}
        assert 15 <= len(kept) < 20
        assert found(collection, embedder, "q3q")


def test_what_is_past_saving_is_refused_with_the_mend(settings: Settings, folder: Path) -> None:
    data = (folder / "store.db").read_bytes()
    (folder / "store.db").write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    (finding,) = check_collection(settings, "shelf", repair=True)
    assert not finding.mended
    assert "plumb collections remove shelf" in finding.text
    with pytest.raises(CollectionError, match="no collection 'nowhere'"):
        check_collection(settings, "nowhere")
