"""The collection: what goes in comes out, what leaves is gone, whatever happens in between."""

from __future__ import annotations

import io
import multiprocessing
import random
import sqlite3
import threading
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError, UsageError
from rag.store import Collection, list_collections, remove_collection
from rag.store.database import SCHEMA_VERSION
from rag.types import Change, Chunk, Document, EmbedderInfo, Heading, Page
from tests.fakes import FakeEmbedder


def make(text: str, path: str = "/docs/a.txt") -> tuple[Document, list[Chunk]]:
    """A document of one page, and a chunk for each of its lines."""
    identity = sha256(text.encode()).hexdigest()
    page = Page(1, text, (Heading(1, "Top", 0),))
    document = Document(identity, Path(path).name, path, "text/plain", (page,), len(text.encode()))
    chunks, start = [], 0
    for ordinal, line in enumerate(text.split("\n")):
        end = start + len(line)
        name = sha256(f"{identity}:{start}".encode()).hexdigest()[:16]
        chunks.append(Chunk(name, identity, 1, start, end, line, "Top", len(line), ordinal))
        start = end + 1
    return document, chunks


def put(
    collection: Collection, embedder: FakeEmbedder, text: str, path: str = "/docs/a.txt"
) -> Change:
    """Add a document; says what that changed."""
    document, chunks = make(text, path)
    return collection.add(document, chunks, embedder.embed_passages([c.text for c in chunks]))


def upload(collection: Collection, embedder: FakeEmbedder, text: str, name: str) -> Path:
    """Add a document that was uploaded under that name, its file too; the path it is known by."""
    path = collection.upload_path(name)
    document, chunks = make(text, str(path))
    document = replace(document, name=name)
    collection.add(document, chunks, embedder.embed_passages([c.text for c in chunks]))
    collection.keep_file(path, io.BytesIO(text.encode()))
    return path


def found(collection: Collection, embedder: FakeEmbedder, question: str) -> list[str]:
    """The texts that the two searches return for the question, best of the vectors first."""
    vector = embedder.embed_queries([question])[0]
    ids = [i for i, _ in collection.search_vectors(vector, 3)]
    ids += [i for i, _ in collection.search_keywords(question, 3)]
    return [collection.chunk(i).text for i in dict.fromkeys(ids)]


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Collection:
    return Collection.open(settings, "shelf", embedder.info, create=True)


def test_what_goes_in_comes_out(collection: Collection, embedder: FakeEmbedder) -> None:
    text = "The pump runs at 40 bar.\n报销须在三十天内提交。"
    assert put(collection, embedder, text) == "added"
    (info,) = collection.documents()
    assert (info.name, info.pages, info.chunks, info.bytes) == ("a.txt", 1, 2, len(text.encode()))
    assert collection.state("/docs/a.txt") == info == collection.by_id(info.document_id)
    assert collection.page(info.document_id, 1).headings == (Heading(1, "Top", 0),)
    first, second = collection.document_chunks(info.document_id)
    assert collection.page_text(info.document_id, 1)[second.start : second.end] == second.text
    assert collection.neighbours(first) == (None, second)
    assert collection.neighbours(second) == (first, None)
    assert found(collection, embedder, "at how many bar runs the pump")[0] == first.text
    assert collection.search_keywords("報銷", 3)[0][0] == second.chunk_id


def test_vectors_come_back_in_order_of_their_cosine(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    lines = [f"word{i} word{i % 7} word{i % 3} common" for i in range(300)]
    put(collection, embedder, "\n".join(lines))
    query = embedder.embed_queries(["word5 word3 common"])[0]
    expected = np.sort(embedder.embed_passages(lines) @ query)[::-1][:40]
    scores = [score for _, score in collection.search_vectors(query, 40)]
    assert scores == pytest.approx(expected.tolist(), abs=2e-3)


def test_same_bytes_enter_once_and_stay_while_a_path_holds_them(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    assert put(collection, embedder, "shared words", "/docs/a.txt") == "added"
    assert put(collection, embedder, "shared words", "/docs/a.txt") == "unchanged"
    assert put(collection, embedder, "shared words", "/docs/b.txt") == "unchanged"
    assert len(collection.documents()) == 1
    assert put(collection, embedder, "other words", "/docs/a.txt") == "replaced"
    assert [d.path for d in collection.documents()] == ["/docs/a.txt", "/docs/b.txt"]
    assert put(collection, embedder, "other words", "/docs/b.txt") == "replaced"
    assert len(collection.documents()) == 1


def test_a_replaced_document_leaves_every_index(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    put(collection, embedder, "the zebra clause")
    old = collection.documents()[0].document_id
    put(collection, embedder, "the heron clause")
    collection.prove_absent(old)
    assert found(collection, embedder, "zebra") == ["the heron clause"]
    assert collection.search_keywords("zebra", 5) == []


@pytest.mark.parametrize("key", ["id", "/docs/a.txt", "a.txt"])
def test_removed_words_are_gone_from_the_bytes(
    collection: Collection, embedder: FakeEmbedder, key: str
) -> None:
    put(collection, embedder, "ordinary words\nxylophonist quorum 密语七七", "/docs/a.txt")
    put(collection, embedder, "others stay\nordinary too", "/docs/b.txt")
    doomed = collection.state("/docs/a.txt")
    assert doomed is not None
    with pytest.raises(CollectionError, match="still holds"):
        collection.prove_absent(doomed.document_id)
    assert collection.remove(doomed.document_id if key == "id" else key) == doomed
    collection.prove_absent(doomed.document_id)
    everything = b"".join(p.read_bytes() for p in collection.folder.iterdir() if p.is_file())
    for word in ("xylophonist", "quorum", "密语", doomed.document_id):
        assert word.encode() not in everything
    assert b"others stay" in everything
    assert found(collection, embedder, "xylophonist quorum") != []
    assert collection.search_keywords("xylophonist quorum", 5) == []


def test_prove_absent_sees_what_an_interrupted_removal_left(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    put(collection, embedder, "some words")
    (info,) = collection.documents()
    with sqlite3.connect(collection.folder / "store.db") as raw:
        raw.execute("DELETE FROM paths")
        raw.execute("DELETE FROM documents")
    raw.close()
    with pytest.raises(CollectionError, match=r"pages \(1\).*chunks \(1\).*vectors \(1\)"):
        collection.prove_absent(info.document_id)


def test_removing_an_unknown_or_ambiguous_name_says_so(
    collection: Collection, embedder: FakeEmbedder
) -> None:
    put(collection, embedder, "one", "/x/report.txt")
    put(collection, embedder, "two", "/y/report.txt")
    with pytest.raises(CollectionError, match=r"no document 'nowhere\.txt'"):
        collection.remove("nowhere.txt")
    with pytest.raises(CollectionError, match="names 2 files"):
        collection.remove("report.txt")
    assert collection.remove("/x/report.txt").path == "/x/report.txt"


@pytest.mark.parametrize(
    "question",
    [
        '"',
        "NEAR(pump valve) AND NOT terms:*",
        "' OR 1=1 --",
        "pump* ^valve {terms heading}: -x",
        "\x00\ud800",
        "()",
        "的" * 100_000,
        " ".join(f"word{i}" for i in range(20_000)),
    ],
)
def test_no_question_breaks_the_keyword_search(
    collection: Collection, embedder: FakeEmbedder, question: str
) -> None:
    put(collection, embedder, "the pump and its valve")
    collection.search_keywords(question, 5)
    assert len(collection.search_keywords(question[:100] + " pump", 5)) == 1


def test_an_empty_collection_finds_nothing(collection: Collection, embedder: FakeEmbedder) -> None:
    assert collection.search_vectors(embedder.embed_queries(["x"])[0], 5) == []
    assert collection.search_keywords("x", 5) == []
    assert collection.documents() == []


def test_a_reader_follows_a_writer_and_a_remade_collection(
    collection: Collection, settings: Settings, embedder: FakeEmbedder
) -> None:
    with Collection.open(settings, "shelf") as reader:
        assert found(reader, embedder, "first") == []
        put(collection, embedder, "first words")
        assert found(reader, embedder, "first") == ["first words"]
        collection.remove("a.txt")
        assert found(reader, embedder, "first") == []
        remove_collection(settings, "shelf")
        with pytest.raises(CollectionError, match="is gone"):
            found(reader, embedder, "first")
        with Collection.open(settings, "shelf", embedder.info, create=True) as anew:
            put(anew, embedder, "second words")
        assert found(reader, embedder, "second") == ["second words"]


def test_readers_go_on_while_one_writes_and_a_second_writer_is_told(
    collection: Collection, settings: Settings, embedder: FakeEmbedder
) -> None:
    put(collection, embedder, "first words")
    with Collection.open(settings, "shelf") as other, collection.writing():
        put(collection, embedder, "second words", "/docs/b.txt")
        assert found(other, embedder, "second")[0] == "second words"
        with pytest.raises(CollectionBusy, match="wait until it has finished"):
            put(other, embedder, "third words", "/docs/c.txt")
        failures: list[BaseException] = []

        def write_too() -> None:
            try:
                collection.remove("a.txt")
            except CollectionBusy as err:
                failures.append(err)

        thread = threading.Thread(target=write_too)
        thread.start()
        thread.join()
        assert len(failures) == 1


def test_a_failed_addition_leaves_no_trace(collection: Collection, embedder: FakeEmbedder) -> None:
    document, chunks = make("one\ntwo")
    twins = [chunks[0], chunks[0]]
    with pytest.raises(sqlite3.IntegrityError):
        collection.add(document, twins, embedder.embed_passages(["one", "one"]))
    with pytest.raises(ValueError, match="finite vectors of shape"):
        collection.add(document, chunks, np.full((2, 64), np.nan, dtype=np.float32))
    collection.prove_absent(document.document_id)
    assert collection.generation == 0


def test_another_embedder_is_refused_with_the_mend(
    collection: Collection, settings: Settings
) -> None:
    other = EmbedderInfo("fake", "f" * 64, 64)
    with pytest.raises(CollectionError, match="ingest the documents into another collection"):
        Collection.open(settings, "shelf", other)


def test_damage_and_newer_formats_are_explained(
    collection: Collection, settings: Settings, embedder: FakeEmbedder
) -> None:
    path = collection.folder / "store.db"
    collection.close()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    with pytest.raises(CollectionError, match="made by a newer Plumbline"):
        Collection.open(settings, "shelf")
    path.write_bytes(b"this is not a database, it is a letter" * 99)
    with pytest.raises(CollectionError, match="plumb collections remove shelf"):
        Collection.open(settings, "shelf")
    path.write_bytes(b"")
    with pytest.raises(CollectionError, match="not a Plumbline collection"):
        Collection.open(settings, "shelf")
    remove_collection(settings, "shelf")
    assert list_collections(settings) == []


def test_a_damaged_page_in_the_middle_is_explained(
    collection: Collection, settings: Settings, embedder: FakeEmbedder
) -> None:
    put(collection, embedder, "\n".join(f"line number {i} of many" for i in range(500)))
    path = collection.folder / "store.db"
    collection.close()
    data = bytearray(path.read_bytes())
    data[8192:] = random.Random(0).randbytes(len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(CollectionError, match="damaged"):
        _read_everything(settings)


def _read_everything(settings: Settings) -> None:
    with Collection.open(settings, "shelf") as collection:
        collection.documents()
        collection.search_keywords("line", 5)


def test_names_cannot_leave_the_folder(settings: Settings) -> None:
    for name in ("../x", "", "a/b", ".locks", "x" * 65):
        with pytest.raises(UsageError, match="cannot name a collection"):
            Collection.open(settings, name)
    with pytest.raises(CollectionError, match="plumb ingest PATH --collection nowhere"):
        Collection.open(settings, "nowhere")


def letters(number: int) -> str:
    """A word of its own for every number."""
    return "q" + str(number).translate(str.maketrans("0123456789", "abcdefghij")) + "q"


def _write_without_end(home: str, progress: str, first: int) -> None:
    """Add document after document, noting each number in `progress` once it is in."""
    embedder = FakeEmbedder()
    settings = Settings.model_validate({"home": home})
    with (
        Path(progress).open("a", buffering=1) as log,
        Collection.open(settings, "shelf", embedder.info, create=True) as shelf,
    ):
        log.write("ready\n")
        for i in range(first, 10**6):
            text = f"{i} alpha\n{letters(i)} beta\n" + "filler words here " * 40
            put(shelf, embedder, text, f"/docs/{i % 25}.txt")
            log.write(f"{i}\n")


def _killed_writer(home: Path, first: int, after_s: float, at_least: int) -> int:
    """Run a writer, kill it `after_s` seconds after it began and `at_least` so many documents are
    in; the last number it noted."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    progress = home / "progress"
    progress.write_text("")
    child = context.Process(target=_write_without_end, args=(str(home), str(progress), first))
    child.start()
    while len(progress.read_text().split()) <= at_least:
        time.sleep(0.005)
    time.sleep(after_s)
    child.kill()
    child.join()
    return int(progress.read_text().split()[-1].replace("ready", str(first - 1)))


def test_a_kill_at_any_instant_loses_at_most_the_document_in_hand(
    settings: Settings, embedder: FakeEmbedder
) -> None:
    chance = random.Random(7)
    newest = -1
    for at_least in (0, 0, 0, 0, 0, 2):
        noted = _killed_writer(settings.home, newest + 1, chance.uniform(0.01, 0.2), at_least)
        with Collection.open(settings, "shelf") as shelf:
            texts = [shelf.document_chunks(d.document_id) for d in shelf.documents()]
            held = {int(chunks[0].text.split()[0]) for chunks in texts}
            newest = max(held, default=-1)
            assert newest in (noted, noted + 1)
            assert held == set(range(max(0, newest - 24), newest + 1))
            assert all(len(chunks) == 3 for chunks in texts)
            for number in held:
                ids = [i for i, _ in shelf.search_keywords(letters(number), 5)]
                assert [shelf.chunk(i).text for i in ids] == [f"{letters(number)} beta"]
            vector = embedder.embed_queries(["alpha"])[0]
            assert len(shelf.search_vectors(vector, 1000)) == 3 * len(held)
    assert newest > 0
