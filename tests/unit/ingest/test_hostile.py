"""A folder of files that were made to do harm, in one run: each has its line, none hurts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.pipeline import ingest
from ingest.receipt import FileResult, Receipt, format_receipt
from rag.config import Settings
from rag.store import Collection
from tests.builders import switched
from tests.fakes import FakeEmbedder
from tests.hostile import traps, write_all
from tests.hostile.kinds import Trap
from tests.hostile.places import SECRET

TRAPS = list(traps())


def test_there_are_sixty_at_least() -> None:
    assert len({trap.name for trap in TRAPS}) >= 60


def test_each_has_its_line_and_none_does_harm(tmp_path: Path) -> None:
    (shelf := tmp_path / "shelf").mkdir()
    names = write_all(shelf)
    settings = switched(
        Settings(home=tmp_path / "home"), ingest={"max_memory_mb": 1024, "max_text_mb": 12}
    )
    embedder = FakeEmbedder()
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        receipt = ingest([shelf], collection, embedder, settings)
        assert not [fault for trap in TRAPS if (fault := fault_of(receipt, trap))]
        for name in names:
            result = line_of(receipt, name)
            assert result.change == "added" or result.reason
        for name in ("out.txt", "out", "zero.txt"):
            assert "leads out of the folder" in line_of(receipt, name).reason
        assert len(list(texts_of(collection))) > 40
        for text in texts_of(collection):
            assert SECRET not in text
            assert "root:x:0:0" not in text
        lines = format_receipt(receipt).split("\n")
        assert len(lines) == len(receipt.results) + 2  # sums, and why so many failed
        assert all(line.replace("\u200d", "").isprintable() for line in lines)


def fault_of(receipt: Receipt, trap: Trap) -> str:
    """What is wrong with the line of a file, "" if nothing is."""
    result = line_of(receipt, trap.name)
    said = "; ".join([result.reason, *result.missing])
    met = result.change in trap.changes and trap.reason in said
    told = result.change == "added" or said
    return "" if met and told and "crashes" not in said else f"{result.change} {trap.name}: {said}"


def line_of(receipt: Receipt, name: str) -> FileResult:
    (result,) = [one for one in receipt.results if one.path.endswith(f"/{name}")]
    return result


def texts_of(collection: Collection) -> Iterator[str]:
    """The first pages of all documents."""
    for info in collection.documents():
        for number in range(1, min(info.pages, 5) + 1):
            yield collection.page_text(info.document_id, number)
