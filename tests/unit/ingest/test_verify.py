"""The proof that a removed document is gone: it finds every kind of trace, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from ingest.verify import tell, verify_removed
from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection
from tests.fakes import FakeEmbedder

TEXT = "The xylophonist leaves the quorum at dawn.\n密语七七只有她一个人知道，谁也不说出去。\n"


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(settings, "shelf", embedder.info, create=True) as opened:
        yield opened


@pytest.fixture
def secret(
    tmp_path: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> Path:
    """A file that was read, beside another that stays."""
    path = tmp_path / "secret.txt"
    path.write_text(TEXT)
    (tmp_path / "other.txt").write_text("Ordinary words, which everybody may know of.\n")
    ingest([path, tmp_path / "other.txt"], collection, embedder, settings)
    return path


def test_what_is_still_there_is_found_and_what_was_removed_is_not(
    secret: Path, collection: Collection, settings: Settings
) -> None:
    verdict = verify_removed(settings, str(secret))
    assert f"holds what was read from {secret}" in verdict.traces[0]
    collection.remove(str(secret))
    verdict = verify_removed(settings, str(secret))
    assert verdict.traces == ()
    assert "nothing of it is left" in tell(verdict)
    assert "2 lines of its text" in tell(verdict)
    assert verify_removed(settings, verdict.wanted.document_id).traces == ()
    assert verify_removed(settings, str(secret), "shelf").traces == ()
    with pytest.raises(CollectionError, match="no collection 'nowhere'"):
        verify_removed(settings, str(secret), "nowhere")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (TEXT.encode(), "is the file itself"),
        (b"..." + TEXT.encode()[:60], "says “The xylophonist"),
        (json.dumps({"quote": TEXT}).encode(), "says “The xylophonist"),
        (json.dumps({"quote": TEXT.split("\n")[1]}).encode(), "says “密语七七"),
        (TEXT.encode("utf-16-le"), "says “The xylophonist"),
    ],
)
def test_a_copy_or_a_quote_anywhere_in_the_home_is_found(
    secret: Path, collection: Collection, settings: Settings, data: bytes, told: str
) -> None:
    collection.remove(str(secret))
    (settings.home_dir / "deep" / "er").mkdir(parents=True)
    (settings.home_dir / "deep" / "er" / "cache.bin").write_bytes(data)
    (trace,) = verify_removed(settings, str(secret)).traces
    assert "cache.bin" in trace
    assert told in trace
    assert verify_removed(settings, str(secret), "shelf").traces == ()


def test_ids_and_paths_are_traces_too(
    secret: Path, collection: Collection, settings: Settings
) -> None:
    collection.remove(str(secret))
    digest = verify_removed(settings, str(secret)).wanted.document_id
    note = settings.home_dir / "note.txt"
    for mention in (digest, str(secret)):
        note.write_text(mention)
        assert len(verify_removed(settings, str(secret)).traces) == 1
    secret.unlink()
    verdict = verify_removed(settings, str(secret))
    assert len(verdict.traces) == 1
    assert "only its path" in tell(verdict)


def test_what_another_document_says_too_is_no_trace(
    secret: Path,
    tmp_path: Path,
    collection: Collection,
    embedder: FakeEmbedder,
    settings: Settings,
) -> None:
    (tmp_path / "copy.txt").write_text(TEXT + "\nAnd a line of its own, which makes it another.\n")
    ingest([tmp_path / "copy.txt"], collection, embedder, settings)
    collection.remove(str(secret))
    assert verify_removed(settings, str(secret)).traces == ()


def test_the_same_bytes_in_another_collection_are_found(
    secret: Path, collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    with Collection.open(settings, "second", embedder.info, create=True) as second:
        ingest([secret], second, embedder, settings)
    collection.remove(str(secret))
    assert any("'second'" in trace for trace in verify_removed(settings, str(secret)).traces)
    assert verify_removed(settings, str(secret), "shelf").traces == ()


def test_an_upload_goes_with_its_document(
    collection: Collection, embedder: FakeEmbedder, settings: Settings
) -> None:
    uploads = collection.folder / "uploads"
    uploads.mkdir()
    path = uploads / "secret.txt"
    path.write_text(TEXT)
    ingest([path], collection, embedder, settings)
    collection.remove(str(path))
    assert not path.exists()
    path.with_name("elsewhere.txt").write_text(TEXT)
    copy = path.with_name("elsewhere.txt")
    assert any(str(copy) in trace for trace in verify_removed(settings, str(copy), "shelf").traces)
