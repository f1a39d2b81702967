"""What is said of documents beside them and at their top, and how it is kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.loaders import Losses
from ingest.metadata import read_front_matter
from ingest.pipeline import ingest
from ingest.receipt import FileResult
from rag.config import RetrievalSettings, Settings
from rag.errors import CollectionError
from rag.retrieval import Retriever
from rag.store import Collection, parse_where
from tests.fakes import FakeEmbedder


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(settings, "shelf", embedder.info, create=True) as opened:
        yield opened


def matching(collection: Collection, text: str) -> set[str]:
    where = parse_where([text])
    assert where is not None
    return set(collection.names(collection.matching(where)).values())


def test_sidecars_folders_and_front_matter_say_what_counts_nearest(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    shelf = tmp_path / "shelf"
    (shelf / "sub").mkdir(parents=True)
    (shelf / "folder.meta.toml").write_text('department = "legal"\nyear = 2024\n')
    (shelf / "sub" / "folder.meta.toml").write_text("year = 2025\n")
    (shelf / "sub" / "a.txt").write_text("The apple clause.")
    (shelf / "sub" / "a.txt.meta.toml").write_text('tags = ["x", "y"]\n[contact]\nname = "Ann"\n')
    (shelf / "b.md").write_text(
        "---\ntitle: Bananas\ndate: 2026-11-29\nyear: 1999\n---\n# Bananas\n\nAre yellow.\n"
    )
    receipt = ingest([shelf], collection, embedder, settings)
    assert [Path(result.path).name for result in receipt.results] == ["b.md", "a.txt"]
    a, b = collection.documents()
    assert a.metadata == {
        "department": "legal", "year": 2025, "tags": ["x", "y"], "contact.name": "Ann"
    }  # fmt: skip
    assert b.metadata == {
        "title": "Bananas", "date": "2026-11-29", "department": "legal", "year": 2024
    }  # fmt: skip
    assert matching(collection, "department = legal") == {"a.txt", "b.md"}
    assert matching(collection, "contact.name = ann and tags = y") == {"a.txt"}
    assert matching(collection, "date >= 2026-11") == {"b.md"}
    assert matching(collection, "name = b.md") == {"b.md"}
    assert collection.fields()["year"] == [2024, 2025]


def test_a_changed_sidecar_is_followed_without_a_vector(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "a.txt").write_text("The apple clause.")
    ingest([shelf], collection, embedder, settings)
    embedder.embedded.clear()
    sidecar = shelf / "a.txt.meta.toml"
    for value in ("legal", "hr"):
        sidecar.write_text(f'department = "{value}"')
        ingest([shelf], collection, embedder, settings)
        assert matching(collection, f"department = {value}") == {"a.txt"}
    sidecar.unlink()
    ingest([shelf], collection, embedder, settings)
    assert collection.documents()[0].metadata == {}
    assert embedder.embedded == []


def test_a_broken_sidecar_keeps_its_file_out(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The apple clause.")
    for broken in (b"department = ", b"\xff", b"when = 12:00:00\nx = nan\n"):
        (tmp_path / "a.txt.meta.toml").write_bytes(broken)
        (result,) = ingest([path], collection, embedder, settings).results
        assert isinstance(result, FileResult)
        assert result.change == "failed"
        assert "a.txt.meta.toml cannot be followed" in result.reason


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [1\n", "a: {b: !!python/none x}\n", "x" * 99])
def test_front_matter_that_says_nothing_is_told(text: str) -> None:
    losses = Losses()
    assert read_front_matter(text, losses) == {}
    assert losses.sentences() == ("front matter that cannot be used to filter by",)


def test_toml_front_matter_is_read_too() -> None:
    assert read_front_matter('title = "x"\nyear = 2025\n', Losses()) == {"title": "x", "year": 2025}


def test_a_filter_never_empties_what_has_an_answer(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    shelf = tmp_path / "shelf"
    for department in ("sales", "legal"):
        (shelf / department).mkdir(parents=True)
        (shelf / department / "folder.meta.toml").write_text(f'department = "{department}"')
    for number in range(30):
        (shelf / "sales" / f"{number}.txt").write_text(f"The notice period is {number} days.")
    (shelf / "legal" / "z.txt").write_text("Whoever leaves tells us a quarter before.")
    ingest([shelf], collection, embedder, settings)
    few = RetrievalSettings(k=3, candidates=3, read=0)
    finder = Retriever(collection, embedder, few)
    question = "What is the notice period in days?"
    assert {hit.document for hit in finder.retrieve(question)}.isdisjoint({"z.txt"})
    where = parse_where(["department = legal"])
    assert where is not None
    assert [hit.document for hit in finder.narrowed(where).retrieve(question)] == ["z.txt"]
    nowhere = parse_where(["department = hr"])
    assert nowhere is not None
    with pytest.raises(CollectionError, match=r"has department = hr; .*department: legal, sales"):
        finder.narrowed(nowhere).retrieve(question)
