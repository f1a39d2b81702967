"""Files and vector stores, spoken to by OpenAI's own client."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import openai
import pytest

from rag.errors import DocumentError, StoreUnavailable
from rag.types import DocumentInfo
from tests.unit.test_web_openai import Running, served, settings_in
from tests.web_fakes import FakeBackend, document, hit
from web.access.identity import Forbidden
from web.work import FileOutcome, Upload


@dataclass
class Keeping(FakeBackend):
    """Keeps a document under the digest of its bytes; fails for those that begin with "bad"."""

    files: dict[str, bytes] = field(default_factory=dict)

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        info, _ = super().file(collection, document_id)
        return info, io.BytesIO(self.files[document_id])

    def _take(self, collection: str, upload: Upload) -> FileOutcome:
        data = upload.path.read_bytes()
        if data.startswith(b"bad"):
            raise DocumentError("it is damaged: save it again")
        if data.startswith(b"song"):
            return FileOutcome(upload.name, "skipped", "a recording", 0, 0, 0)
        ident = hashlib.sha256(data).hexdigest()
        self.files[ident] = data
        if all(info.document_id != ident for info in self.held[collection]):
            info = replace(document(upload.name, ident), bytes=len(data))
            self.held[collection].append(info)
        return FileOutcome(upload.name, "added", "", 1, 1, 0)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running[Keeping]]:
    with served(Keeping(), settings_in(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture
def backend(running: Running[Keeping]) -> Keeping:
    running.backend.held = {"default": [document()], "law": []}
    return running.backend


@pytest.fixture
def client(running: Running[Keeping], backend: Keeping) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=running.url, api_key="none", max_retries=0) as client:
        yield client


def test_a_file_goes_into_the_collection_and_out(client: openai.OpenAI, backend: Keeping) -> None:
    file = client.files.create(file=("key.txt", b"With the porter."), purpose="assistants")
    assert (file.filename, file.status) == ("key.txt", "processed")
    assert client.files.retrieve(file.id) == file
    assert {f.id for f in client.files.list()} == {file.id, "id-travel.md"}
    again = client.files.create(file=("other.txt", b"With the porter."), purpose="assistants")
    assert again.id == file.id
    assert client.files.delete(file.id).deleted
    assert [info.name for info in backend.held["default"]] == ["travel.md"]
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_the_clients_helper_uploads_into_a_collection(client: openai.OpenAI) -> None:
    stored = client.vector_stores.files.upload_and_poll(
        vector_store_id="default", file=("key.txt", b"With the porter.")
    )
    assert (stored.status, stored.vector_store_id) == ("completed", "default")
    extra: Any = {"collection": "law"}
    file = client.files.create(
        file=("law.txt", b"Paragraph 1."), purpose="assistants", extra_body=extra
    )
    assert client.vector_stores.files.retrieve(file.id, vector_store_id="law").id == file.id


def test_a_file_of_one_collection_is_read_into_another(
    client: openai.OpenAI, backend: Keeping
) -> None:
    porter, gate = b"With the porter.", b"At the gate."
    file = client.files.create(file=("key.txt", porter), purpose="assistants")
    assert client.files.content(file.id).content == porter
    for _ in range(2):
        stored = client.vector_stores.files.create_and_poll(file.id, vector_store_id="law")
        assert (stored.id, stored.vector_store_id, stored.status) == (file.id, "law", "completed")
    assert [info.name for info in backend.held["law"]] == ["key.txt"]
    other = client.files.create(file=("gate.txt", gate), purpose="assistants")
    made = client.vector_stores.create(name="hr", file_ids=[file.id, other.id])
    assert (made.id, made.file_counts.total) == ("hr", 2)
    extra: Any = {"collection": "law"}
    same = client.files.create(
        file=("gate.txt", b"No gate."), purpose="assistants", extra_body=extra
    )
    with pytest.raises(openai.ConflictError, match=r"gate\.txt"):
        client.vector_stores.files.create("law", file_id=other.id)
    with pytest.raises(openai.ConflictError, match=r"gate\.txt"):
        client.vector_stores.create(name="empty", file_ids=[other.id, same.id])
    assert [info.document_id for info in backend.held["law"]] == [file.id, same.id]
    with pytest.raises(openai.NotFoundError, match="nowhere"):
        client.vector_stores.create(name="empty", file_ids=["nowhere"])
    assert "empty" not in backend.held
    with pytest.raises(openai.NotFoundError, match="nowhere"):
        client.vector_stores.files.create("law", file_id="nowhere")
    with pytest.raises(openai.NotFoundError, match="nowhere"):
        client.files.content("nowhere")


def test_a_batch_of_files_is_read_into_a_collection(
    client: openai.OpenAI, backend: Keeping
) -> None:
    file = client.files.create(file=("key.txt", b"With the porter."), purpose="assistants")
    batches = client.vector_stores.file_batches
    batch = batches.create_and_poll("law", file_ids=[file.id, "nowhere", file.id])
    counts = batch.file_counts
    assert (counts.completed, counts.failed, counts.total) == (1, 1, 2)
    assert (batch.status, batch.vector_store_id) == ("completed", "law")
    assert batches.create("law", file_ids=["nowhere"]).status == "failed"
    uploaded = batches.upload_and_poll("law", files=[("gate.txt", b"At the gate.")])
    assert uploaded.file_counts.completed == 1
    assert [info.name for info in backend.held["law"]] == ["key.txt", "gate.txt"]
    with pytest.raises(openai.BadRequestError, match="at least one"):
        batches.create("law", file_ids=[])
    with pytest.raises(openai.NotFoundError, match="vsfb"):
        batches.retrieve("vsfb_1_1", vector_store_id="law")


@pytest.mark.parametrize(
    ("error", "status"), [(Forbidden("not yours"), 403), (StoreUnavailable("it is down"), 503)]
)
def test_a_batch_that_nothing_can_come_of_is_an_error(
    client: openai.OpenAI,
    backend: Keeping,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
) -> None:
    def refuse(*_: object) -> None:
        raise error

    backend.files["id-travel.md"] = b"The kettle."
    monkeypatch.setattr(backend, "ingest", refuse)
    with pytest.raises(openai.APIStatusError) as caught:
        client.vector_stores.file_batches.create("law", file_ids=["id-travel.md"])
    assert caught.value.status_code == status


def test_a_collection_is_a_vector_store(client: openai.OpenAI) -> None:
    assert {store.id for store in client.vector_stores.list()} == {"default", "law"}
    store = client.vector_stores.retrieve("default")
    assert (store.name, store.file_counts.completed, store.usage_bytes) == ("default", 1, 10)
    (file,) = client.vector_stores.files.list("default")
    assert file.attributes is not None
    assert file.attributes["filename"] == "travel.md"
    assert [f.id for f in client.vector_stores.files.list("default", filter="completed")]
    assert not list(client.vector_stores.files.list("default", filter="failed"))
    parts = list(client.vector_stores.files.content(file.id, vector_store_id="default"))
    assert [part.text for part in parts] == [f"Page {n} of the handbook." for n in (1, 2, 3)]
    assert client.vector_stores.files.delete(file.id, vector_store_id="default").deleted
    assert list(client.vector_stores.files.list("default")) == []


def test_a_vector_store_is_made_renamed_and_deleted(
    client: openai.OpenAI, backend: Keeping
) -> None:
    store = client.vector_stores.create(name="hr")
    assert (store.id, store.file_counts.total) == ("hr", 0)
    nulls = dict.fromkeys(("file_ids", "expires_after", "chunking_strategy", "metadata"))
    assert client.vector_stores.create(name="law2", extra_body=nulls).id == "law2"
    assert client.vector_stores.delete("law2").deleted
    assert client.vector_stores.update("hr", name="people").id == "people"
    assert client.vector_stores.delete("people").deleted
    assert sorted(backend.held) == ["default", "law"]
    for wrong in ({}, {"name": "law"}):
        more: Any = wrong
        with pytest.raises(openai.BadRequestError):
            client.vector_stores.create(**more)


def test_a_search_gives_passages_with_their_place(client: openai.OpenAI, backend: Keeping) -> None:
    (first, second) = client.vector_stores.search("default", query="travel costs")
    assert (first.file_id, first.filename) == ("id-travel.md", "travel.md")
    assert first.content[0].text == backend.scripted.hits[0].chunk.text
    assert first.attributes is not None
    assert (first.attributes["page"], first.attributes["start"]) == (2, 100)
    assert first.score == backend.scripted.hits[0].score
    assert second.filename == "other.md"


def test_several_queries_take_turns(client: openai.OpenAI, backend: Keeping) -> None:
    a, b, c = (hit(f"Text {n}.", f"{n}.md") for n in "abc")
    backend.scripted = replace(backend.scripted, hits=(a, b, c))
    found = client.vector_stores.search("law", query=["x", "y"], max_num_results=2)
    assert [result.filename for result in found] == ["a.md", "b.md"]


def test_lists_come_in_pages(client: openai.OpenAI, backend: Keeping) -> None:
    backend.held["default"] = [
        replace(document(f"{n}.md"), added_at=f"2026-01-0{n}T00:00:00+00:00") for n in (1, 2, 3)
    ]
    page = client.vector_stores.files.list("default", limit=2, order="asc")
    assert [file.id for file in page.data] == ["id-1.md", "id-2.md"]
    assert page.has_more
    assert [file.id for file in page] == ["id-1.md", "id-2.md", "id-3.md"]
    assert [file.id for file in client.files.list()] == ["id-3.md", "id-2.md", "id-1.md"]
    assert list(client.files.list(purpose="batch")) == []


def test_what_several_collections_hold_is_deleted_from_each(
    client: openai.OpenAI, backend: Keeping
) -> None:
    backend.held["law"] = [document()]
    with pytest.raises(openai.ConflictError, match="default, law"):
        client.files.delete("id-travel.md")
    client.vector_stores.files.delete("id-travel.md", vector_store_id="law")
    assert client.files.delete("id-travel.md").deleted


def test_a_file_that_cannot_be_read_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="save it again") as caught:
        client.files.create(file=("a.pdf", b"bad"), purpose="assistants")
    assert caught.value.code == "invalid_file"
    with pytest.raises(openai.BadRequestError, match="recording") as caught:
        client.files.create(file=("a.mp3", b"song"), purpose="assistants")
    assert caught.value.code == "unsupported_file"


def test_what_cannot_be_done_is_said(client: openai.OpenAI) -> None:
    filters: Any = {"type": "eq", "key": "a", "value": "b"}
    with pytest.raises(openai.BadRequestError, match="filters"):
        client.vector_stores.search("default", query="x", filters=filters)
    with pytest.raises(openai.BadRequestError, match="score_threshold"):
        client.vector_stores.search("default", query="x", ranking_options={"score_threshold": 0.5})
    with pytest.raises(openai.BadRequestError):
        client.vector_stores.search("default", query="")
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.retrieve("none")
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.files.content("none", vector_store_id="default")
    with pytest.raises(openai.BadRequestError, match="after"):
        client.files.list(after="none")


def test_a_long_document_is_not_sent_at_once(client: openai.OpenAI, backend: Keeping) -> None:
    backend.held["default"] = [replace(document(), pages=2001)]
    with pytest.raises(openai.APIStatusError, match="2001 pages"):
        client.vector_stores.files.content("id-travel.md", vector_store_id="default")


def test_a_file_larger_than_json_may_be_is_uploaded(client: openai.OpenAI, tmp_path: Path) -> None:
    file = client.files.create(file=("big.txt", b"x" * 2**22 + b"y" * 2**19), purpose="assistants")
    assert file.filename == "big.txt"
