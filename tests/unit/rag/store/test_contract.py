"""What every engine that keeps collections has to do: the same tests over each of them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings, StoreSettings
from rag.errors import CollectionBusy, CollectionError, UsageError
from rag.store import (
    Collection,
    check_collection,
    identity,
    list_collections,
    parse_where,
    remove_collection,
    rename_collection,
    summarise,
)
from rag.store.backup import Backup
from rag.store.engines import back_up, restore
from rag.store.remote import files
from rag.types import EmbedderInfo, Heading, Page, Place
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, make, put, upload


@pytest.fixture(params=["embedded", "remote"])
def kept(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings of either engine."""
    if request.param == "embedded":
        return settings
    remote = request.getfixturevalue("remote")
    assert isinstance(remote, Settings)
    return remote


@pytest.fixture
def shelf(kept: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(kept, "shelf", embedder.info, create=True) as opened:
        yield opened


def test_what_goes_in_comes_out(shelf: Collection, embedder: FakeEmbedder) -> None:
    text = "The pump runs at 40 bar.\n报销须在三十天内提交。"
    document, chunks = make(text)
    blank = Page(2, " ", (), "Notes", b"\x00\x01")
    document = replace(document, pages=(*document.pages, blank), metadata={"year": 2025})
    vectors = embedder.embed_passages([chunk.text for chunk in chunks])
    assert shelf.add(document, chunks, vectors) == "added"
    (info,) = shelf.documents()
    assert (info.name, info.pages, info.pages_without_text, info.chunks) == ("a.txt", 2, 1, 2)
    assert info.bytes == len(text.encode())
    assert shelf.state("/docs/a.txt") == info == shelf.by_id(info.document_id)
    assert shelf.page(info.document_id, 1).headings == (Heading(1, "Top", 0),)
    assert shelf.page(info.document_id, 2) == blank
    with pytest.raises(CollectionError, match="no page 3"):
        shelf.page(info.document_id, 3)
    first, second = shelf.document_chunks(info.document_id)
    assert [first, second] == chunks
    assert shelf.page_text(info.document_id, 1)[second.start : second.end] == second.text
    assert shelf.neighbours(first) == (None, second)
    assert shelf.neighbours(second) == (first, None)
    assert shelf.page_names([second]) == {second.chunk_id: ("page", "")}
    assert shelf.names([info.document_id, "f" * 64]) == {info.document_id: "a.txt"}
    assert shelf.languages() == ["en", "zh"]
    assert shelf.unsaid(["40 bar", "50 bar"]) == ["50 bar"]
    assert (shelf.info, shelf.generation) == (embedder.info, 1)
    assert found(shelf, embedder, "at how many bar runs the pump")[0] == first.text
    assert shelf.search_keywords("報銷", 3)[0][0] == second.chunk_id
    with pytest.raises(CollectionError, match="has no chunk"):
        shelf.chunk("nothing")


def test_an_empty_collection_finds_nothing(shelf: Collection, embedder: FakeEmbedder) -> None:
    assert shelf.search_vectors(embedder.embed_queries(["x"])[0], 5) == []
    assert shelf.search_keywords("x", 5) == []
    assert (shelf.documents(), shelf.places(), shelf.languages()) == ([], [], [])
    assert shelf.fields() == {}


def test_vectors_come_back_in_order_of_their_cosine(
    shelf: Collection, embedder: FakeEmbedder
) -> None:
    lines = [f"word{i} word{i % 7} word{i % 3} common" for i in range(300)]
    lines += [f"字{i}号 common 大家" for i in range(20)]
    put(shelf, embedder, "\n".join(lines))
    query = embedder.embed_queries(["word5 word3 common"])[0]
    expected = np.sort(embedder.embed_passages(lines) @ query)[::-1][:40]
    scores = [score for _, score in shelf.search_vectors(query, 40)]
    assert scores == pytest.approx(expected.tolist(), abs=2e-3)
    chinese = [shelf.chunk(name).text for name, _ in shelf.search_vectors(query, 5, "zh")]
    assert len(chinese) == 5
    assert all("大家" in text for text in chinese)


def test_both_engines_rank_words_alike(
    settings: Settings, remote: Settings, embedder: FakeEmbedder
) -> None:
    chance = np.random.default_rng(3)
    texts = [
        "\n".join(
            " ".join(f"w{min(int(n), 60)}" for n in chance.zipf(1.4, chance.integers(3, 30)))
            for _ in range(12)
        )
        for _ in range(6)
    ]
    with (
        Collection.open(settings, "one", embedder.info, create=True) as one,
        Collection.open(remote, "one", embedder.info, create=True) as other,
    ):
        for engine in (one, other):
            with engine.writing():
                for number, text in enumerate(texts):
                    put(engine, embedder, text, f"/docs/w{number + 10}.txt")
                engine.remove("/docs/w12.txt")
        some = frozenset(info.document_id for info in one.documents()[:2])
        for question in ("w1", "w2 w40 w7", "w10", "w13 w3", "nothing w1 w60", "w1 w2 w3 w4"):
            for k, within in ((5, None), (200, None), (10, some)):
                first = one.search_keywords(question, k, within)
                second = other.search_keywords(question, k, within)
                assert dict(second) == pytest.approx(dict(first), rel=1e-4, abs=1e-6)
                wanted = pytest.approx([score for _, score in first], rel=1e-4, abs=1e-6)
                assert [score for _, score in second] == wanted


def test_same_bytes_enter_once_and_stay_while_a_path_holds_them(
    shelf: Collection, embedder: FakeEmbedder
) -> None:
    assert put(shelf, embedder, "shared words", "/docs/b.txt") == "added"
    assert put(shelf, embedder, "shared words", "/docs/b.txt") == "unchanged"
    assert put(shelf, embedder, "shared words", "/docs/a.txt") == "unchanged"
    (info,) = shelf.documents()
    assert (info.name, shelf.paths(info.document_id)) == ("a.txt", ["/docs/a.txt", "/docs/b.txt"])
    assert [name for name, _ in shelf.search_keywords("b", 3)] == []
    assert put(shelf, embedder, "other words", "/docs/a.txt") == "replaced"
    assert len(shelf.search_keywords("b", 3)) == 1
    assert [d.path for d in shelf.documents()] == ["/docs/a.txt", "/docs/b.txt"]
    assert put(shelf, embedder, "other words", "/docs/b.txt") == "replaced"
    assert len(shelf.documents()) == 1
    shelf.prove_absent(info.document_id)


def test_places_are_noted_moved_and_forgotten(shelf: Collection, embedder: FakeEmbedder) -> None:
    put(shelf, embedder, "some words")
    (info,) = shelf.documents()
    place = Place("/docs/z.txt", "z.txt", info.document_id, "stamp", {"team": ["law", "tax"]})
    assert shelf.put(place, instead_of="/docs/a.txt") == "renamed"
    assert shelf.places() == [place] == [shelf.place("/docs/z.txt")]
    assert shelf.by_id(info.document_id) == replace(
        info, name="z.txt", path="/docs/z.txt", metadata={"team": ["law", "tax"]}
    )
    generation = shelf.generation
    shelf.note([replace(place, metadata={"team": "hr"}), Place("/no", "no", info.document_id)])
    assert shelf.places() == [replace(place, metadata={"team": "hr"})]
    assert shelf.generation == generation
    with pytest.raises(CollectionError, match="no longer holds"):
        shelf.put(Place("/docs/y.txt", "y.txt", "f" * 64))
    assert shelf.forget(["/docs/z.txt", "/unknown"]) == [replace(place, metadata={"team": "hr"})]
    assert shelf.documents() == []
    shelf.prove_absent(info.document_id)


def test_filters_narrow_both_searches(shelf: Collection, embedder: FakeEmbedder) -> None:
    for number, team in enumerate(["law", "tax", "law"]):
        document, chunks = make(f"clause {number} of the lease", f"/docs/{number}.txt")
        place = Place(document.path, document.name, document.document_id, "", {"team": team})
        shelf.add(document, chunks, embedder.embed_passages([chunks[0].text]), place=place)
    where = parse_where(["team = law"])
    assert where is not None
    meant = shelf.matching(where)
    assert shelf.fields() == {"team": ["law", "tax"], "type": ["text/plain"]}
    query = embedder.embed_queries(["clause 1 of the lease"])[0]
    by_vectors = [shelf.chunk(name).text for name, _ in shelf.search_vectors(query, 5, None, meant)]
    assert sorted(by_vectors) == ["clause 0 of the lease", "clause 2 of the lease"]
    by_words = {shelf.chunk(name).text for name, _ in shelf.search_keywords("lease", 5, meant)}
    assert by_words == set(by_vectors)
    assert shelf.search_vectors(query, 5, None, frozenset()) == []
    assert shelf.search_keywords("lease", 5, frozenset()) == []
    place = shelf.places()[1]
    shelf.note([replace(place, metadata={"team": "law"})])
    assert len(shelf.matching(where)) == 3


def test_what_is_removed_is_gone_from_both_searches(
    shelf: Collection, embedder: FakeEmbedder
) -> None:
    put(shelf, embedder, "the zebra clause", "/x/report.txt")
    put(shelf, embedder, "the heron clause", "/y/report.txt")
    old = shelf.state("/x/report.txt")
    assert old is not None
    with pytest.raises(CollectionError, match=r"no document 'nowhere\.txt'"):
        shelf.remove("nowhere.txt")
    with pytest.raises(CollectionError, match="names 2 files"):
        shelf.remove("report.txt")
    with pytest.raises(CollectionError, match="still holds"):
        shelf.prove_absent(old.document_id)
    assert shelf.remove("/x/report.txt") == old
    shelf.prove_absent(old.document_id)
    assert found(shelf, embedder, "zebra") == ["the heron clause"]
    assert shelf.search_keywords("zebra", 5) == []


def test_a_failed_addition_leaves_no_trace(
    kept: Settings, shelf: Collection, embedder: FakeEmbedder
) -> None:
    document, chunks = make("one\ntwo")
    twins = [chunks[0], chunks[0]]
    with pytest.raises(Exception, match=r"UNIQUE|duplicate key"):
        shelf.add(document, twins, embedder.embed_passages(["one", "one"]))
    with pytest.raises(ValueError, match="finite vectors of shape"):
        shelf.add(document, chunks, np.full((2, 64), np.nan, dtype=np.float32))
    shelf.prove_absent(document.document_id)
    assert shelf.generation == 0
    assert check_collection(kept, "shelf") == []


def test_readers_go_on_while_one_writes_and_a_second_writer_is_told(
    kept: Settings, shelf: Collection, embedder: FakeEmbedder
) -> None:
    put(shelf, embedder, "first words")
    with Collection.open(kept, "shelf") as other, shelf.writing():
        put(shelf, embedder, "second words", "/docs/b.txt")
        assert found(other, embedder, "second")[0] == "second words"
        shelf.remove("a.txt")
        assert found(other, embedder, "first") == ["second words"]
        with pytest.raises(CollectionBusy, match="wait until it has finished"):
            put(other, embedder, "third words", "/docs/c.txt")
        failures: list[BaseException] = []

        def write_too() -> None:
            try:
                shelf.remove("b.txt")
            except CollectionBusy as err:
                failures.append(err)

        thread = threading.Thread(target=write_too)
        thread.start()
        thread.join()
        assert len(failures) == 1


def test_a_reader_follows_a_collection_made_anew(
    kept: Settings, shelf: Collection, embedder: FakeEmbedder
) -> None:
    put(shelf, embedder, "first words")
    assert found(shelf, embedder, "first") == ["first words"]
    before = identity(kept, "shelf")
    remove_collection(kept, "shelf")
    assert identity(kept, "shelf") is None
    with pytest.raises(CollectionError, match="is gone"):
        found(shelf, embedder, "first")
    with Collection.open(kept, "shelf", embedder.info, create=True) as anew:
        put(anew, embedder, "second words")
    assert identity(kept, "shelf") not in (None, before)
    assert found(shelf, embedder, "second") == ["second words"]


def test_collections_are_listed_renamed_and_removed(
    kept: Settings, shelf: Collection, embedder: FakeEmbedder
) -> None:
    uploaded = shelf.folder / "uploads" / "a.txt"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_text("some words")
    put(shelf, embedder, "some words", str(uploaded.resolve()))
    told = summarise(kept, "shelf")
    assert (told.name, told.documents, told.chunks, told.embedder) == ("shelf", 1, 1, "fake")
    rename_collection(kept, "shelf", "board")
    assert list_collections(kept) == ["board"]
    with pytest.raises(CollectionError, match="known: board"):
        rename_collection(kept, "shelf", "other")
    with Collection.open(kept, "board") as board:
        assert [place.path for place in board.places()] == [
            str((board.folder / "uploads" / "a.txt").resolve())
        ]
        assert found(board, embedder, "words") == ["some words"]
        board.remove("a.txt")
        assert not (board.folder / "uploads" / "a.txt").exists()
    with (
        Collection.open(kept, "third", embedder.info, create=True),
        pytest.raises(UsageError, match="already"),
    ):
        rename_collection(kept, "board", "third")
    remove_collection(kept, "board")
    assert list_collections(kept) == ["third"]
    with pytest.raises(CollectionError, match="board"):
        remove_collection(kept, "board")


def test_wrong_names_and_other_embedders_are_refused(kept: Settings, shelf: Collection) -> None:
    other = EmbedderInfo("fake", "f" * 64, 64)
    with pytest.raises(CollectionError, match="ingest the documents into another collection"):
        Collection.open(kept, "shelf", other)
    for name in ("../x", "", "a/b", ".locks", "x" * 65):
        with pytest.raises(UsageError, match="cannot name a collection"):
            Collection.open(kept, name)
    with pytest.raises(CollectionError, match="plumb ingest PATH --collection nowhere"):
        Collection.open(kept, "nowhere")


def test_no_question_breaks_the_keyword_search(shelf: Collection, embedder: FakeEmbedder) -> None:
    put(shelf, embedder, "the pump and its valve")
    odd = ['"', "NEAR(pump) AND NOT *", "' OR 1=1 --", "%s pump*", "\x00\ud800", "的" * 9000]
    for question in odd:
        shelf.search_keywords(question, 5)
        assert len(shelf.search_keywords(question[:100] + " pump", 5)) == 1


def test_the_file_of_an_upload_is_kept_as_long_as_its_document(
    shelf: Collection, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", 1000)
    big = "x" * 5000
    for name, text in (("a.txt", "first words"), ("b.txt", big)):
        path = upload(shelf, embedder, text, name)
        shelf.keep_file(path, io.BytesIO(b"not looked at"))
        identity = sha256(text.encode()).hexdigest()
        file = shelf.file(identity)
        assert file is not None
        with file:
            assert file.read() == text.encode()
    put(shelf, embedder, "other words", str(shelf.upload_path("b.txt")))
    shelf.upload_path("b.txt").unlink(missing_ok=True)
    assert shelf.file(sha256(big.encode()).hexdigest()) is None
    shelf.remove("a.txt")
    assert shelf.file(sha256(b"first words").hexdigest()) is None
    shelf.keep_file(shelf.upload_path("none.txt"), io.BytesIO(b"of no document"))
    assert shelf.file(sha256(b"of no document").hexdigest()) is None


def test_a_file_that_lies_elsewhere_is_opened_while_it_is_the_same(
    shelf: Collection, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    (path := tmp_path / "lies.txt").write_text("first words")
    put(shelf, embedder, "first words", str(path))
    (info,) = shelf.documents()
    file = shelf.file(info.document_id)
    assert file is not None
    file.close()
    path.write_text("other words")
    assert shelf.file(info.document_id) is None


def test_a_backup_is_restored_by_either_engine(
    kept: Settings, shelf: Collection, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    upload(shelf, embedder, "the zebra clause", "a.txt")
    put(shelf, embedder, "the heron clause", "/docs/b.txt")
    assert back_up(kept, "shelf", tmp_path / "x.zip") == Backup("shelf", 2, 1)
    with pytest.raises(UsageError, match="is there already"):
        back_up(kept, "shelf", tmp_path / "x.zip")
    with pytest.raises(CollectionError, match="--yes"):
        restore(kept, tmp_path / "x.zip")
    put(shelf, embedder, "the stork clause", "/docs/c.txt")
    restore(kept, tmp_path / "x.zip", replace=True)
    restore(kept, tmp_path / "x.zip", "second")
    home = kept.model_copy(update={"home": tmp_path / "other", "store": StoreSettings()})
    restore(home, tmp_path / "x.zip", "second")
    for settings, name in ((kept, "shelf"), (kept, "second"), (home, "second")):
        with Collection.open(settings, name) as restored:
            assert sorted(info.name for info in restored.documents()) == ["a.txt", "b.txt"]
            assert found(restored, embedder, "zebra")[0] == "the zebra clause"
            file = restored.file(sha256(b"the zebra clause").hexdigest())
            assert file is not None
            file.close()
        assert check_collection(settings, name) == []
    assert list_collections(kept) == ["second", "shelf"]
