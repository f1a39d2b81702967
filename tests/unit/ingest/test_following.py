"""A folder read again: what vanished, what moved, and what is not read a second time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.pipeline import Prune, ingest, remove
from ingest.receipt import Receipt, format_receipt
from rag.config import Settings
from rag.models import embedder as embedder_module
from rag.store import Collection
from tests.fakes import FakeEmbedder


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(settings, "shelf", embedder.info, create=True) as opened:
        yield opened


class Shelf:
    """A folder and the runs over it."""

    def __init__(
        self, root: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
    ) -> None:
        self.root, self.collection = root, collection
        self.embedder, self.settings = embedder, settings
        root.mkdir()

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def read(self, prune: Prune = "no") -> Receipt:
        return ingest([self.root], self.collection, self.embedder, self.settings, None, prune)

    def names(self) -> list[str]:
        return [document.name for document in self.collection.documents()]

    def found(self, question: str) -> list[str]:
        return [i for i, _ in self.collection.search_keywords(question, 5)]


@pytest.fixture
def shelf(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> Shelf:
    return Shelf(tmp_path / "shelf", collection, embedder, settings)


def changes(receipt: Receipt) -> dict[str, str]:
    return {Path(result.path).name: result.change for result in receipt.results}


def test_what_vanished_is_named_and_removed_when_asked(shelf: Shelf) -> None:
    shelf.write("a.txt", "The apple clause.")
    gone = shelf.write("sub/b.txt", "The banana clause.")
    shelf.read()
    (document,) = [d for d in shelf.collection.documents() if d.name == "b.txt"]
    gone.unlink()
    receipt = shelf.read()
    assert receipt.vanished == (str(gone),)
    assert not receipt.failed
    assert f"vanished   {gone}\n" in format_receipt(receipt)
    assert "with --prune" in format_receipt(receipt)
    assert shelf.names() == ["a.txt", "b.txt"]
    receipt = shelf.read("yes")
    assert (receipt.vanished, receipt.removed) == ((), (str(gone),))
    assert shelf.names() == ["a.txt"]
    assert shelf.found("banana") == []
    shelf.collection.prove_absent(document.document_id)


def test_everything_at_once_is_removed_only_when_said_twice(shelf: Shelf) -> None:
    paths = [shelf.write(name, name) for name in ("a.txt", "b.txt")]
    shelf.read()
    for path in paths:
        path.unlink()
    receipt = shelf.read("yes")
    assert receipt.failed
    assert "not mounted" in receipt.kept
    assert shelf.names() == ["a.txt", "b.txt"]
    assert len(shelf.read("all").removed) == 2
    assert shelf.names() == []


def test_a_share_beside_others_that_is_not_mounted_keeps_its_documents(
    shelf: Shelf, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_text("The banana clause.")
    kept = shelf.write("a.txt", "The apple clause.")
    roots = [shelf.root, other]
    ingest(roots, shelf.collection, shelf.embedder, shelf.settings)
    kept.unlink()
    receipt = ingest(roots, shelf.collection, shelf.embedder, shelf.settings, None, "yes")
    assert str(shelf.root) in receipt.kept
    assert str(other) not in receipt.kept
    assert shelf.names() == ["a.txt", "b.txt"]


def test_what_lies_elsewhere_or_cannot_be_looked_into_has_not_vanished(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("The cherry clause.")
    ingest([elsewhere], shelf.collection, shelf.embedder, shelf.settings)
    elsewhere.unlink()
    shelf.write("a.txt", "The apple clause.")
    shelf.write("locked/b.txt", "The banana clause.")
    shelf.read()
    real = os.scandir

    def refuse(path: Path) -> os.PathLike[str]:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)  # type: ignore[return-value]

    monkeypatch.setattr(os, "scandir", refuse)
    receipt = shelf.read("yes")
    assert (receipt.vanished, receipt.removed) == ((), ())
    assert len(shelf.names()) == 3


def test_what_is_ignored_by_now_is_out_and_what_was_named_outright_stays(shelf: Shelf) -> None:
    hidden = shelf.write(".notes.txt", "The cherry clause.")
    shelf.write("a.txt", "The apple clause.")
    shelf.write("drafts/b.txt", "The banana clause.")
    paths = [shelf.root, hidden]
    ingest(paths, shelf.collection, shelf.embedder, shelf.settings)
    assert shelf.names() == [".notes.txt", "a.txt", "b.txt"]
    shelf.write(".plumbignore", "drafts/\n")
    assert shelf.read("yes").removed == (str(shelf.root / "drafts" / "b.txt"),)
    assert shelf.names() == [".notes.txt", "a.txt"]
    hidden.unlink()
    assert shelf.read("yes").removed == (str(hidden),)


def test_a_rename_costs_no_vector_and_shows_the_new_name(shelf: Shelf) -> None:
    old = shelf.write("walrus.txt", "The apple clause.")
    shelf.write("other.txt", "Something else.")
    shelf.read()
    old.rename(shelf.root / "heron.txt")
    shelf.embedder.embedded.clear()
    receipt = shelf.read()
    assert changes(receipt) == {"heron.txt": "renamed", "other.txt": "unchanged"}
    assert f"was {old}" in format_receipt(receipt)
    assert receipt.vanished == ()
    assert shelf.embedder.embedded == []
    assert shelf.names() == ["heron.txt", "other.txt"]
    assert shelf.found("walrus") == []
    assert len(shelf.found("heron")) == 1


def test_a_document_pushed_aside_by_a_new_one_is_not_read_again(shelf: Shelf) -> None:
    shelf.write("report.txt", "The report of May.")
    shelf.read()
    (shelf.root / "report.txt").rename(shelf.root / "report.old.txt")
    shelf.write("report.txt", "The report of June.")
    shelf.embedder.embedded.clear()
    receipt = shelf.read()
    assert changes(receipt) == {"report.old.txt": "unchanged", "report.txt": "replaced"}
    assert shelf.embedder.embedded == ["The report of June."]


def test_two_places_are_two_places(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.write("a.txt", "One and the same.")
    shelf.write("b.txt", "One and the same.")
    shelf.write("c.txt", "Something else.")
    shelf.read()
    (document,) = shelf.collection.documents()[:1]
    assert document.name == "a.txt"
    places = shelf.collection.places(document.document_id)
    assert [place.name for place in places] == ["a.txt", "b.txt"]
    (shelf.root / "a.txt").unlink()
    assert shelf.read("yes").removed == (str(shelf.root / "a.txt"),)
    assert shelf.names() == ["b.txt", "c.txt"]
    assert len(shelf.found("same")) == 1
    shelf.write("d.txt", "One and the same.")
    shelf.read()
    monkeypatch.chdir(shelf.root)
    assert remove(shelf.collection, "b.txt").path == str(shelf.root / "b.txt")
    assert shelf.names() == ["c.txt", "d.txt"]
    remove(shelf.collection, document.document_id)
    assert shelf.names() == ["c.txt"]


def test_a_file_that_is_as_it_was_is_not_opened(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.write("a.txt", "The apple clause.")
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 60_000_000_000)
    shelf.read()
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened"))
    assert changes(shelf.read()) == {"a.txt": "unchanged"}
    monkeypatch.undo()
    status = path.stat()
    path.write_text("The grape clause.")  # as long as before, and the time of change put back
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert changes(shelf.read()) == {"a.txt": "replaced"}


def test_a_file_changed_just_now_is_read_again(shelf: Shelf) -> None:
    shelf.write("a.txt", "The apple clause.")
    shelf.read()
    (place,) = shelf.collection.places()
    assert place.stamp == ""


def test_the_command_prunes_and_says_so(
    tmp_path: Path,
    home: Path,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(embedder_module, "load_embedder", lambda _: embedder)
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("One and the same.")
    assert main([str(folder)]) == 0
    assert main(["--remove", str(folder / "a.txt")]) == 0
    assert f"the same content stays as {folder / 'b.txt'}" in capsys.readouterr().out
    for name in ("a.txt", "b.txt"):
        (folder / name).unlink()
    assert main([str(folder), "--prune"]) == 1
    assert "add --yes" in capsys.readouterr().out
    assert main([str(folder), "--prune", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pruned"] == [str(folder / "b.txt")]
