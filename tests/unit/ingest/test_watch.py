"""A watched folder: what comes, changes, moves and goes is followed without being told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ingest import pipeline
from ingest import watch as watch_module
from ingest.watch import follow
from ingest.watch_state import Watched, forget_watched, watched
from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError
from rag.store import Collection
from tests.fakes import FakeEmbedder


class Followed:
    """A folder with a follower of its own, and what the collection holds of it."""

    def __init__(self, root: Path, settings: Settings, embedder: FakeEmbedder) -> None:
        self.root = root
        self.embedder = embedder
        self.settings = settings
        self.collection = Collection.open(settings, "shelf", embedder.info, create=True)
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self, *, as_json: bool = False) -> None:
        def run() -> None:
            follow(
                [self.root],
                self.collection,
                self.embedder,
                self.settings,
                stop=self.stop,
                as_json=as_json,
            )

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def texts(self) -> dict[str, str]:
        found = {}
        for held in self.collection.documents():
            with suppress(CollectionError):  # it may leave after it was listed
                found[held.name] = self.collection.page_text(held.document_id, 1)
        return found

    def until(self, fulfilled: Callable[[], bool], within_s: float = 120.0) -> None:
        end = time.monotonic() + within_s
        while not fulfilled():
            assert time.monotonic() < end, self.texts()
            time.sleep(0.02)

    def close(self) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join(10)
            assert not self.thread.is_alive()
        self.collection.close()


@pytest.fixture
def followed(tmp_path: Path, settings: Settings, embedder: FakeEmbedder) -> Iterator[Followed]:
    quick = settings.ingest.model_copy(update={"settle_s": 0.3, "grace_s": 0.3})
    root = tmp_path / "shelf"
    root.mkdir()
    folder = Followed(root, settings.model_copy(update={"ingest": quick}), embedder)
    yield folder
    folder.close()


def test_new_changed_moved_and_deleted_files_are_followed(
    followed: Followed, capsys: pytest.CaptureFixture[str]
) -> None:
    (followed.root / "a.txt").write_text("The apple clause.")
    followed.start()
    followed.until(lambda: followed.texts() == {"a.txt": "The apple clause."})
    (followed.root / "sub").mkdir()
    (followed.root / "sub" / "b.txt").write_text("The banana clause.")
    followed.until(lambda: "b.txt" in followed.texts())
    (followed.root / "a.txt").write_text("The apricot clause.")
    followed.until(lambda: followed.texts()["a.txt"] == "The apricot clause.")
    followed.embedder.embedded.clear()
    (followed.root / "sub" / "b.txt").rename(followed.root / "c.txt")
    followed.until(lambda: set(followed.texts()) == {"a.txt", "c.txt"})
    assert followed.embedder.embedded == []
    (followed.root / "a.txt").unlink()
    followed.until(lambda: set(followed.texts()) == {"c.txt"})
    followed.close()
    said = capsys.readouterr().out
    for word in ("watching", "added", "replaced", "renamed", "vanished", "removed", "stopped"):
        assert f"  {word}" in said, word


def test_a_half_copied_file_waits(followed: Followed) -> None:
    slow = followed.settings.ingest.model_copy(update={"settle_s": 2.0})
    followed.settings = followed.settings.model_copy(update={"ingest": slow})
    followed.start()
    with (followed.root / "a.txt").open("w") as file:
        for number in range(8):
            file.write(f"Line {number}.\n")
            file.flush()
            time.sleep(0.1)
            assert followed.texts() == {}
    followed.until(lambda: followed.texts() != {})
    assert followed.texts()["a.txt"].endswith("Line 7.")


def test_a_share_that_is_gone_takes_nothing_with_it(
    followed: Followed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.txt", "b.txt"):
        (followed.root / name).write_text(name)
    followed.start()
    followed.until(lambda: len(followed.texts()) == 2)
    for name in ("a.txt", "b.txt"):
        (followed.root / name).rename(tmp_path / name)
    said = ""

    def told() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return "not mounted" in said

    followed.until(told)
    assert len(followed.texts()) == 2
    (tmp_path / "a.txt").rename(followed.root / "a.txt")
    followed.until(lambda: set(followed.texts()) == {"a.txt"})
    followed.close()
    said += capsys.readouterr().out
    assert said.count("not mounted") == 1


def test_a_folder_that_is_taken_away_and_comes_back_is_followed_again(
    followed: Followed, tmp_path: Path
) -> None:
    often = followed.settings.ingest.model_copy(update={"rescan_s": 0.3})
    followed.settings = followed.settings.model_copy(update={"ingest": often})
    (followed.root / "a.txt").write_text("The apple clause.")
    followed.start()
    followed.until(lambda: "a.txt" in followed.texts())
    followed.root.rename(tmp_path / "away")
    time.sleep(1.0)
    assert set(followed.texts()) == {"a.txt"}
    followed.root.mkdir()
    (followed.root / "b.txt").write_text("The banana clause.")
    followed.until(lambda: set(followed.texts()) == {"b.txt"})


def test_trouble_and_broken_files_are_told_once_and_tried_again(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch_module, "_AGAIN_S", 0.1)
    real, refused = pipeline.ingest, [1, 2, 3]

    def busy_at_first(*given: object) -> object:
        if refused:
            refused.pop()
            raise CollectionBusy("another process is writing")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(watch_module, "ingest", busy_at_first)
    (followed.root / "a.txt").write_text("The apple clause.")
    (followed.root / "broken.txt").write_bytes(bytes(range(256)) * 9)
    followed.start()
    followed.until(lambda: "a.txt" in followed.texts())
    (followed.root / "b.txt").write_text("The banana clause.")
    followed.until(lambda: "b.txt" in followed.texts())
    followed.close()
    said = capsys.readouterr().out
    assert said.count("another process is writing") == 1
    assert said.count("broken.txt") == 1


def test_json_is_a_line_for_each_look(
    followed: Followed, capsys: pytest.CaptureFixture[str]
) -> None:
    (followed.root / "a.txt").write_text("The apple clause.")
    followed.start(as_json=True)
    followed.until(lambda: "a.txt" in followed.texts())
    followed.close()
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["counts"]["added"] == 1


def test_how_it_stands_is_told_to_others(followed: Followed, tmp_path: Path) -> None:
    (followed.root / "a.txt").write_text("The apple clause.")
    (followed.root / "broken.txt").write_bytes(bytes(range(256)) * 9)
    followed.start()
    folder = followed.collection.folder

    def now() -> Watched:
        return watched(folder)[0]

    followed.until(lambda: bool(watched(folder)) and now().counts[1] == 1)
    told = now()
    assert told.running
    assert told.folders == (str(followed.root.resolve()),)
    assert told.looked
    assert told.unread[0].path.endswith("broken.txt")
    assert told.unread[0].change in ("failed", "skipped")
    assert told.unread[0].reason
    with pytest.raises(CollectionBusy, match="already"):
        follow([followed.root], followed.collection, followed.embedder, followed.settings)
    assert not forget_watched(folder, told.key)
    (followed.root / "broken.txt").unlink()
    (followed.root / "a.txt").unlink()
    (followed.root / "b.txt").write_text("The banana clause.")
    followed.until(lambda: now().counts[1] == 0 and "b.txt" in followed.texts())
    followed.close()
    assert not now().running
    (folder / "watches" / f"{'0' * 16}.json").write_text("[")
    assert forget_watched(folder, told.key)
    assert watched(folder) == []
