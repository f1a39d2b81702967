"""A document carried to another collection is the same there, to the last bit."""

from __future__ import annotations

from dataclasses import replace

from rag.config import Settings
from rag.store import Collection
from rag.store.check import check_collection
from rag.types import Page, Place
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, make


def test_a_whole_document_goes_into_another_collection(
    settings: Settings, embedder: FakeEmbedder
) -> None:
    document, chunks = make("The pump runs at 40 bar.\n报销须在三十天内提交。", "/docs/b.txt")
    blank = Page(2, " ", (), "Notes", b"\x01\x02")
    document = replace(document, pages=(*document.pages, blank), metadata={"year": 2025})
    vectors = embedder.embed_passages([chunk.text for chunk in chunks])
    with (
        Collection.open(settings, "one", embedder.info, create=True) as one,
        Collection.open(settings, "two", embedder.info, create=True) as two,
    ):
        one.add(document, chunks, vectors)
        one.add(document, chunks, vectors, Place("/a/a.txt", "a.txt", document.document_id))
        whole = one.whole(document.document_id)
        assert whole is not None
        assert [place.path for place in whole.places] == ["/a/a.txt", "/docs/b.txt"]
        two.add_whole(replace(whole, added_at="2020-01-01T00:00:00+00:00"))
        held = two.whole(document.document_id)
        assert held == replace(whole, added_at="2020-01-01T00:00:00+00:00")
        two.add_whole(whole)
        assert two.whole(document.document_id) == held
        assert two.by_id(document.document_id) == replace(
            one.documents()[0], added_at="2020-01-01T00:00:00+00:00"
        )
        assert found(two, embedder, "at how many bar runs the pump")[0] == chunks[0].text
        assert two.search_keywords("b", 3) == []
        assert two.whole("f" * 64) is None
    assert check_collection(settings, "two") == []
