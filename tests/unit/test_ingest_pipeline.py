"""A run over files: what is taken in, what is left alone, what fails, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from ingest.pipeline import Progress, ingest, remove
from ingest.receipt import FileResult, Receipt, format_receipt
from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection
from rag.types import FloatArray
from tests.documents import PNG, encrypted_pdf, image_only_pdf, pdf, word
from tests.fakes import FakeEmbedder


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(settings, "shelf", embedder.info, create=True) as opened:
        yield opened


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def by_name(receipt: Receipt) -> dict[str, FileResult]:
    return {Path(result.path).name: result for result in receipt.results}


def test_each_kind_is_taken_in_and_found_again(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    (shelf / "a.txt").write_text("The blue cabinet hums.")
    (shelf / "b.md").write_text("# Care\n\nRinse the green filter.")
    (shelf / "c.html").write_text("<p>Call the red number.</p>")
    (shelf / "d.docx").write_bytes(
        word([("Heading 1", "Rent"), ("Normal", "Pay in yellow coins.")])
    )
    (shelf / "e.pdf").write_bytes(pdf(["The white page.", "", "The black page."]))
    receipt = ingest([shelf], collection, embedder, settings)
    assert [result.change for result in receipt.results] == ["added"] * 5
    assert not receipt.failed
    results = by_name(receipt)
    assert (results["e.pdf"].pages, results["e.pdf"].pages_without_text) == (3, 1)
    assert sum(result.chunks for result in receipt.results) == 6
    for word_sought, name in [("hums", "a.txt"), ("green", "b.md"), ("coins", "d.docx")]:
        [(chunk_id, _)] = collection.search_keywords(word_sought, 1)
        chunk = collection.chunk(chunk_id)
        info = collection.by_id(chunk.document_id)
        assert info is not None
        assert info.name == name
        page = collection.page_text(chunk.document_id, chunk.page)
        assert page[chunk.start : chunk.end] == chunk.text


def test_unchanged_files_are_not_embedded_again(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    (shelf / "a.txt").write_text("Same as ever.")
    ingest([shelf], collection, embedder, settings)
    embedder.embedded.clear()
    receipt = ingest([shelf], collection, embedder, settings)
    assert [(r.change, r.pages, r.chunks) for r in receipt.results] == [("unchanged", 1, 1)]
    assert embedder.embedded == []


def test_a_changed_file_replaces_its_old_self(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    path = shelf / "a.txt"
    path.write_text("The fee is seven.")
    ingest([path], collection, embedder, settings)
    old = collection.documents()[0].document_id
    path.write_text("The fee is eight.")
    receipt = ingest([path], collection, embedder, settings)
    assert [result.change for result in receipt.results] == ["replaced"]
    assert collection.search_keywords("seven", 5) == []
    collection.prove_absent(old)


def test_the_same_content_under_two_names_is_kept_once(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    for name in ("a.txt", "b.txt"):
        (shelf / name).write_text("One and the same.")
    for _ in range(2):
        results = by_name(ingest([shelf], collection, embedder, settings))
        assert results["b.txt"].change == "unchanged"
    assert len(embedder.embedded) == 1
    (shelf / "c.txt").write_text("One and the same.")
    result = by_name(ingest([shelf], collection, embedder, settings))["c.txt"]
    assert (result.change, result.chunks) == ("unchanged", 1)
    assert result.reason.startswith("the same content as ")
    assert len(collection.documents()) == 1


def test_bad_files_get_one_sentence_each_and_the_rest_goes_on(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    bad = {
        "locked.pdf": encrypted_pdf("x", "secret"),
        "scan.pdf": image_only_pdf(2),
        "photo.pdf": PNG,
        "data.txt": bytes(range(256)) * 9,
        "blank.txt": b" \n ",
        "letter.docx": b"PK\x03\x04 and nothing",
        "big.txt": b"long line of text\n" * 70_000,
    }
    for name, data in bad.items():
        (shelf / name).write_bytes(data)
    (shelf / "empty.txt").write_bytes(b"")
    Image.new("RGB", (90, 90), "red").save(shelf / "photo.png")
    (shelf / "good.txt").write_text("All is well.")
    small = settings.model_copy(
        update={"ingest": settings.ingest.model_copy(update={"max_text_mb": 1})}
    )
    receipt = ingest([shelf, shelf / "missing.txt"], collection, embedder, small)
    results = by_name(receipt)
    assert {n for n, r in results.items() if r.change == "failed"} == {*bad, "missing.txt"}
    assert {n for n, r in results.items() if r.change == "skipped"} == {"empty.txt", "photo.png"}
    assert results["good.txt"].change == "added"
    assert receipt.failed
    reasons = {name: result.reason for name, result in results.items()}
    assert "needs a password" in reasons["locked.pdf"]
    assert "OCR" in reasons["scan.pdf"]
    assert "is a PNG image, not a PDF file" in reasons["photo.pdf"]
    assert "binary data" in reasons["data.txt"]
    assert "split it into smaller files" in reasons["big.txt"]
    assert "0 bytes" in reasons["empty.txt"]
    assert all("\n" not in reason and "Traceback" not in reason for reason in reasons.values())
    assert all(name not in reason for name, reason in reasons.items())


def test_a_file_over_the_limit_is_refused_unread(
    shelf: Path,
    collection: Collection,
    embedder: FakeEmbedder,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (shelf / "huge.txt").open("wb") as file:
        file.write(b"text")
        file.truncate(600 << 20)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    result = ingest([shelf], collection, embedder, settings).results[0]
    assert result.change == "failed"
    assert result.reason.startswith("is 600 MiB; files up to 512 MiB are read")


def test_a_version_read_earlier_survives_a_broken_one(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    path = shelf / "a.pdf"
    path.write_bytes(pdf(["The fee is seven."]))
    ingest([path], collection, embedder, settings)
    path.write_bytes(b"%PDF-1.4 broken")
    result = ingest([path], collection, embedder, settings).results[0]
    assert result.change == "failed"
    assert result.reason.endswith("the version read earlier stays in the collection")
    assert collection.search_keywords("seven", 1)


class Interrupting(FakeEmbedder):
    """Stands for Ctrl-C during the n-th batch."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        self.at -= 1
        if self.at == 0:
            raise KeyboardInterrupt
        return super().embed_passages(texts)


def test_an_interrupted_run_is_taken_up_again(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    for number in range(6):
        (shelf / f"{number}.txt").write_text(f"Document number {number}. " * 3000)
    receipt = ingest([shelf], collection, Interrupting(at=2), settings)
    done = len(collection.documents())
    assert receipt.interrupted
    assert 0 < done < 6
    assert len(receipt.results) == done
    assert receipt.unread == 6 - done
    assert "run the same command again" in format_receipt(receipt)
    receipt = ingest([shelf], collection, embedder, settings)
    assert receipt.counts["unchanged"] == done
    assert receipt.counts["added"] == 6 - done
    assert not receipt.interrupted


def test_small_documents_share_a_batch(
    shelf: Path, collection: Collection, settings: Settings
) -> None:
    sizes: list[int] = []

    class Counting(FakeEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> FloatArray:
            sizes.append(len(texts))
            return super().embed_passages(texts)

    for number in range(40):
        (shelf / f"{number}.txt").write_text(f"Small document {number}.")
    ingest([shelf], collection, Counting(), settings)
    assert sizes == [40]


def test_progress_goes_up_to_the_end(
    shelf: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    for number in range(3):
        (shelf / f"{number}.txt").write_text(f"Document number {number}. " * 300)
    seen: list[Progress] = []
    ingest([shelf], collection, embedder, settings, seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert seen[-1].files_done == seen[-1].files_total == 3
    assert seen[-1].chunks_done == sum(info.chunks for info in collection.documents())


def test_remove_by_path_name_or_id(
    shelf: Path,
    collection: Collection,
    embedder: FakeEmbedder,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (shelf / name).write_text(f"About {name}")
    ingest([shelf], collection, embedder, settings)
    monkeypatch.chdir(shelf)
    by_path = remove(collection, "./a.txt")
    (shelf / "b.txt").unlink()
    remove(collection, "b.txt")
    remove(collection, collection.documents()[0].document_id)
    assert collection.documents() == []
    collection.prove_absent(by_path.document_id)
    with pytest.raises(CollectionError, match=r"a\.txt"):
        remove(collection, "a.txt")
