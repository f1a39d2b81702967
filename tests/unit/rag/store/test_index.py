"""The vector index of a large collection: it finds what exact search finds, and follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.store import Collection, vectors
from rag.store.cells import Cells
from rag.store.check import check_collection
from rag.types import Chunk, Document, EmbedderInfo, FloatArray, Page

D = 16
INFO = EmbedderInfo("points", "1" * 64, D)
EACH = 5
"""Chunks of a document."""


def points(documents: int, seed: int = 0) -> FloatArray:
    """Unit vectors about a few centres, `EACH` for each document."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(8, D))
    made = centres[chance.integers(8, size=documents * EACH)]
    made += 0.3 * chance.normal(size=made.shape)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    stored: FloatArray = made.astype(np.float16).astype(np.float32)
    return stored


def put(collection: Collection, number: int, of_document: FloatArray) -> None:
    """A document whose chunks are Chinese if its number is odd."""
    words = "一二三四五" if number % 2 else "abcde"
    name = f"{number:064x}"
    page = Page(1, words)
    chunks = [Chunk(f"{number}-{i}", name, 1, i, i + 1, words[i], "", 1, i) for i in range(EACH)]
    document = Document(name, f"{number}.txt", f"/{number}.txt", "text/plain", (page,), 5)
    collection.add(document, chunks, of_document)


def exact(held: dict[int, FloatArray], query: FloatArray, k: int) -> list[str]:
    """What is nearest, by comparing all."""
    scores = {
        f"{number}-{i}": float(score)
        for number, of_document in held.items()
        for i, score in enumerate(of_document @ query)
    }
    return sorted(scores, key=lambda key: -scores[key])[:k]


@pytest.fixture
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT", 100)
    monkeypatch.setattr(vectors, "BATCH", 40)


@pytest.fixture
def held() -> dict[int, FloatArray]:
    return dict(enumerate(points(60).reshape(-1, EACH, D)))


@pytest.fixture
def shelf(
    settings: Settings, held: dict[int, FloatArray], small_sizes: None
) -> Iterator[Collection]:
    """300 vectors, which counts as large here."""
    with Collection.open(settings, "shelf", INFO, create=True) as collection:
        with collection.writing():
            for number, of_document in held.items():
                put(collection, number, of_document)
        yield collection


def assert_finds(collection: Collection, held: dict[int, FloatArray]) -> None:
    for query in points(2, seed=5):
        found = [key for key, _ in collection.search_vectors(query, 10)]
        assert found == exact(held, query, 10)


def test_it_finds_what_exact_search_finds(
    shelf: Collection, held: dict[int, FloatArray], settings: Settings
) -> None:
    assert (shelf.folder / "index.db").exists()
    assert_finds(shelf, held)
    assert check_collection(settings, "shelf") == []
    query = points(1, seed=9)[0]
    odd = {number: part for number, part in held.items() if number % 2}
    assert [k for k, _ in shelf.search_vectors(query, 10, "zh")] == exact(odd, query, 10)
    assert shelf.languages() == ["en", "zh"]
    for count in (3, 30):  # few chunks are all compared, many are picked from the cells
        some = {number: part for number, part in held.items() if number < count}
        within = frozenset(f"{number:064x}" for number in some)
        assert [k for k, _ in shelf.search_vectors(query, 10, None, within)] == exact(
            some, query, 10
        )


def test_it_follows_additions_and_removals(
    shelf: Collection, held: dict[int, FloatArray], settings: Settings
) -> None:
    file = (shelf.folder / "index.db").stat().st_ino
    with Collection.open(settings, "shelf") as reader:
        assert_finds(reader, held)
        for number, of_document in enumerate(points(12, seed=3).reshape(-1, EACH, D), start=100):
            put(shelf, number, of_document)
            held[number] = of_document
        for number in (0, 7, 101):
            shelf.remove(f"{number:064x}")
            del held[number]
            shelf.prove_absent(f"{number:064x}")
        assert_finds(reader, held)
    assert (shelf.folder / "index.db").stat().st_ino == file, "it was changed, not made anew"
    cells = Cells(shelf.folder / "index.db")
    assert len(cells.chunks()) > 300, "a batch of new vectors went into it"
    cells.close()
    assert check_collection(settings, "shelf") == []


def test_deletions_of_a_killed_writer_are_found_by_the_next(
    shelf: Collection, held: dict[int, FloatArray], settings: Settings
) -> None:
    before = Path(shelf.folder, "index.db").read_bytes()
    shelf.remove(f"{3:064x}")
    del held[3]
    shelf.close()
    Path(shelf.folder, "index.db").write_bytes(before)
    with Collection.open(settings, "shelf") as collection:
        assert_finds(collection, held)
        put(collection, 200, points(1))
        held[200] = points(1)
        collection.prove_absent(f"{3:064x}")
        assert_finds(collection, held)
    assert check_collection(settings, "shelf") == []


@pytest.mark.parametrize("damage", ["missing", "cut", "zeros", "another's"])
def test_an_unfit_index_is_made_anew(
    shelf: Collection, held: dict[int, FloatArray], settings: Settings, damage: str
) -> None:
    path = shelf.folder / "index.db"
    shelf.close()
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:40_000])
    elif damage == "zeros":
        path.write_bytes(path.read_bytes()[:33_000] + bytes(100_000))
    else:
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE meta SET value = 'other' WHERE key = 'life'")
        raw.close()
    with Collection.open(settings, "shelf") as collection:
        assert_finds(collection, held)
        put(collection, 300, points(1))
        held[300] = points(1)
        assert_finds(collection, held)
    assert check_collection(settings, "shelf") == []


def test_a_collection_that_shrinks_needs_no_index(shelf: Collection) -> None:
    with shelf.writing():
        for number in range(55):
            shelf.remove(f"{number:064x}")
    assert not (shelf.folder / "index.db").exists()
    assert len(shelf.search_vectors(points(1)[0], 100)) == 25
