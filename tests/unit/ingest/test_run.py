"""A run over workers that answer late and in any order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from ingest.receipt import Receipt
from ingest.workers import Done, LocalWorkers
from rag.config import Settings
from rag.errors import ClusterError
from rag.store import Collection
from tests.fakes import FakeEmbedder


class LateWorkers(LocalWorkers):
    """Keeps what is done for a while, and gives it back in any order; fails after `lasts` windows
    of chunks."""

    window = 3

    def __init__(self, embedder: FakeEmbedder, settings: Settings, seed: int) -> None:
        super().__init__(embedder, settings.ingest)
        self._dice = random.Random(seed)
        self._kept: list[Done] = []
        self.read_paths: list[Path] = []
        self.most_kept = 0
        self.lasts = 1000

    @property
    def is_full(self) -> bool:  # type: ignore[override]
        return len(self._kept) + len(self._done) > 5

    def read(self, key: int, data: bytes, path: Path) -> None:
        self.read_paths.append(path)
        super().read(key, data, path)

    def take(self, *, wait: bool) -> list[Done]:
        self._kept += super().take(wait=wait)
        self.most_kept = max(self.most_kept, len(self._kept))
        self._dice.shuffle(self._kept)
        given = self._dice.randint(1 if wait else 0, 3)
        done, self._kept = self._kept[:given], self._kept[given:]
        self.lasts -= len(done)
        if self.lasts <= 0:
            raise ClusterError("the Ray head is gone")
        return done


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number:02}.txt").write_text(f"Heron {number} of the valve. " * (20 * number))
    (folder / "00.txt").write_text("Short.")
    for name in ("x.txt", "y.txt"):
        (folder / name).write_bytes((folder / "07.txt").read_bytes())
    for name in ("bad.docx", "worse.docx"):
        (folder / name).write_bytes(b"PK\x03\x04 and nothing")
    return folder


def run_over(
    shelf: Path, settings: Settings, name: str, workers: LateWorkers | None
) -> tuple[list[tuple[object, ...]], list[object]]:
    """The receipt's lines, and the chunks held."""
    embedder = FakeEmbedder()
    with Collection.open(settings, name, embedder.info, create=True) as collection:
        receipt = ingest([shelf], collection, embedder, settings, workers=workers)
        held = {info.document_id: info for info in collection.documents()}
        chunks: list[object] = [collection.document_chunks(key) for key in sorted(held)]
        return lines(receipt), chunks


def lines(receipt: Receipt) -> list[tuple[object, ...]]:
    return [(r.path, r.change, r.reason, r.pages, r.chunks) for r in receipt.results]


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_answers_does_not_matter(shelf: Path, settings: Settings, seed: int) -> None:
    workers = LateWorkers(FakeEmbedder(), settings, seed)
    assert run_over(shelf, settings, "late", workers) == run_over(shelf, settings, "here", None)
    assert workers.most_kept <= 60  # reading waits for what is under way
    same = [path for path in workers.read_paths if path.name in ("07.txt", "x.txt", "y.txt")]
    assert len(same) == 1  # the others wait for the first, and are known then
    assert {path.name for path in workers.read_paths} >= {"bad.docx", "worse.docx"}


def test_what_was_written_before_a_failure_stays(shelf: Path, settings: Settings) -> None:
    embedder = FakeEmbedder()
    workers = LateWorkers(embedder, settings, 1)
    workers.lasts = 15
    with Collection.open(settings, "cut", embedder.info, create=True) as collection:
        with pytest.raises(ClusterError, match="the Ray head is gone") as caught:
            ingest([shelf], collection, embedder, settings, workers=workers)
        stored = len(collection.documents())
        assert 0 < stored < 8
        assert f"{stored} document" in str(caught.value)
        receipt = ingest([shelf], collection, embedder, settings)
        assert receipt.counts["added"] == 8 - stored
