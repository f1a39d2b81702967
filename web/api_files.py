"""OpenAI's routes for files and vector stores, over documents and collections."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from fastapi import File, Form, UploadFile
from fastapi import Query as QueryParameter
from starlette.responses import Response

from rag.config import Settings
from rag.errors import CollectionError, StoreUnavailable
from rag.types import DocumentInfo
from web.api_documents import DocumentRoutes, spooled
from web.engine import Engine
from web.openai_files import (
    AttachRequest,
    BatchRequest,
    Order,
    SearchRequest,
    State,
    StoreRequest,
    batch_id,
    check_names,
    check_search,
    check_store,
    contents,
    file_batch,
    file_object,
    listed,
    results,
    store_file,
    vector_store,
)
from web.openai_format import ApiError
from web.streams import known, sent_file

RESULTS = 10
PAGES_AT_ONCE = 2000
Limit = Annotated[int, QueryParameter(ge=1, le=10_000)]


class FileRoutes:
    """The endpoints, over one engine."""

    def __init__(self, engine: Engine, settings: Settings, documents: DocumentRoutes) -> None:
        self._engine = engine
        self._settings = settings
        self._documents = documents

    async def files(
        self,
        order: Order = "desc",
        after: str | None = None,
        limit: Limit = 10_000,
        purpose: str | None = None,
    ) -> dict[str, Any]:
        """The documents of all collections."""
        known_files = await self._everywhere() if purpose in (None, "assistants") else {}
        infos = [info for info, _ in known_files.values()]
        return listed(infos, file_object, order, after, limit)

    async def file(self, file_id: str) -> dict[str, Any]:
        """One document."""
        info, _ = await self._file(file_id)
        return file_object(info)

    async def upload(
        self,
        file: Annotated[UploadFile, File()],
        purpose: Annotated[str, Form()] = "assistants",
        collection: Annotated[str | None, Form()] = None,
    ) -> dict[str, Any]:
        """Read a file into a collection: the configured one unless `collection` names another."""
        name = await self._store(collection or self._settings.collection)
        ident = hashlib.sha256(await file.read()).hexdigest()
        await file.seek(0)
        await self._take(name, file.file, file.filename or "unnamed", "file")
        return file_object(await self._held(name, ident))

    async def _take(self, name: str, file: BinaryIO, called: str, param: str) -> None:
        """Read a file into a collection. Raises ApiError, which blames `param`, if it cannot be."""
        with tempfile.TemporaryDirectory(prefix="plumb-upload-") as folder:
            upload = spooled(file, Path(folder, "0"), called)
            (outcome,) = await self._documents.take(name, [upload])
        if outcome.change in ("failed", "skipped"):
            code = "unsupported_file" if outcome.change == "skipped" else "invalid_file"
            message = f"{outcome.name}: {outcome.reason}"
            raise ApiError(400, message, code=code, param=param)

    async def file_content(self, file_id: str) -> Response:
        """The file itself."""
        info, holders = await self._file(file_id)
        _, file = await self._engine.file(holders[0], file_id)
        return sent_file(info, file)

    async def delete(self, file_id: str) -> dict[str, Any]:
        """Take a document out of the one collection that holds it."""
        _, holders = await self._file(file_id)
        if len(holders) > 1:
            message = f"several collections hold it ({', '.join(holders)}): delete it from each"
            raise ApiError(409, message, param="file_id")
        await self._documents.remove(file_id, holders[0])
        return {"id": file_id, "object": "file", "deleted": True}

    async def stores(
        self, order: Order = "desc", after: str | None = None, limit: Limit = 20
    ) -> dict[str, Any]:
        """The collections."""
        held = {
            name: await self._engine.documents(name) for name in await self._engine.collections()
        }
        return listed(list(held), lambda name: vector_store(name, held[name]), order, after, limit)

    async def store(self, store_id: str) -> dict[str, Any]:
        """One collection."""
        name = await self._store(store_id)
        return vector_store(name, await self._engine.documents(name))

    async def create_store(self, body: StoreRequest) -> dict[str, Any]:
        """Make a collection, whose name is the store's id, and put the files named into it."""
        name = check_store(body)
        wanted = [await self._file(ident) for ident in dict.fromkeys(body.file_ids or [])]
        check_names([info for info, _ in wanted])
        await self._engine.create(name)
        for info, holders in wanted:
            await self._copy(info, holders[0], name)
        return vector_store(name, await self._engine.documents(name))

    async def rename_store(self, store_id: str, body: StoreRequest) -> dict[str, Any]:
        """Rename a collection, which gives the store another id."""
        name = await self._store(store_id)
        new = check_store(body)
        if new != name:
            await self._engine.rename(name, new)
        return vector_store(new, await self._engine.documents(new))

    async def delete_store(self, store_id: str) -> dict[str, Any]:
        """Delete a collection and all that refers to it."""
        await self._engine.discard(await self._store(store_id))
        return {"id": store_id, "object": "vector_store.deleted", "deleted": True}

    async def search(self, store_id: str, body: SearchRequest) -> dict[str, Any]:
        """The passages that match best, by the retriever that answers use."""
        name = await self._store(store_id)
        check_search(body)
        most = body.max_num_results or RESULTS
        where = body.plumbline.filter()
        found = [await self._engine.search(name, query, most, where) for query in body.query]
        return results(body.query, found, most)

    async def store_files(
        self,
        store_id: str,
        order: Order = "desc",
        after: str | None = None,
        limit: Limit = 20,
        state: Annotated[State | None, QueryParameter(alias="filter")] = None,
    ) -> dict[str, Any]:
        """The documents of a collection; all of them are completed."""
        name = await self._store(store_id)
        infos = await self._engine.documents(name) if state in (None, "completed") else []
        return listed(infos, lambda info: store_file(name, info), order, after, limit)

    async def store_file(self, store_id: str, file_id: str) -> dict[str, Any]:
        """One document of a collection."""
        name = await self._store(store_id)
        return store_file(name, await self._held(name, file_id))

    async def attach(self, store_id: str, body: AttachRequest) -> dict[str, Any]:
        """Read a file of another collection into this one too; done when it answers."""
        name = await self._store(store_id)
        info, holders = await self._file(body.file_id)
        if name not in holders:
            await self._copy(info, holders[0], name)
        return store_file(name, await self._held(name, body.file_id))

    async def _copy(self, info: DocumentInfo, holder: str, name: str) -> None:
        # An upload takes the place of one of its name: nobody who gives an id means that.
        check_names([*await self._engine.documents(name), info])
        _, file = await self._engine.file(holder, info.document_id)
        with file:
            await self._take(name, file, info.name, "file_id")

    async def attach_batch(self, store_id: str, body: BatchRequest) -> dict[str, Any]:
        """Read several files of other collections into this one; done when it answers. One that
        is not there or cannot be read is counted as failed and stops no other."""
        name = await self._store(store_id)
        completed = failed = 0
        for ident in body.idents():
            try:
                await self.attach(name, AttachRequest(file_id=ident))
                completed += 1
            except StoreUnavailable:
                raise
            except (ApiError, CollectionError):
                failed += 1
        return file_batch(name, batch_id(completed, failed))

    async def batch(self, store_id: str, batch: str) -> dict[str, Any]:
        """A batch by its id, which carries its outcome: nothing is kept of it."""
        return file_batch(await self._store(store_id), batch)

    async def content(self, store_id: str, file_id: str) -> dict[str, Any]:
        """A document's text, page by page."""
        name = await self._store(store_id)
        info = await self._held(name, file_id)
        if info.pages > PAGES_AT_ONCE:
            message = f"{info.name} has {info.pages} pages, more than {PAGES_AT_ONCE}"
            raise ApiError(413, message, param="file_id")
        return contents(await self._engine.pages(name, file_id, range(1, info.pages + 1)))

    async def detach(self, store_id: str, file_id: str) -> dict[str, Any]:
        """Take a document out of a collection."""
        name = await self._store(store_id)
        await self._documents.remove(file_id, name)
        return {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}

    async def _store(self, store_id: str) -> str:
        return await known(self._engine, store_id)

    async def _held(self, name: str, file_id: str) -> DocumentInfo:
        for info in await self._engine.documents(name):
            if info.document_id == file_id:
                return info
        message = f"there is no file {file_id!r} in the vector store {name!r}"
        raise ApiError(404, message, code="file_not_found", param="file_id")

    async def _file(self, file_id: str) -> tuple[DocumentInfo, list[str]]:
        found = (await self._everywhere()).get(file_id)
        if found is None:
            message = f"there is no file {file_id!r}"
            raise ApiError(404, message, code="file_not_found", param="file_id")
        return found

    async def _everywhere(self) -> dict[str, tuple[DocumentInfo, list[str]]]:
        """Documents by id, with the collections that hold each."""
        found: dict[str, tuple[DocumentInfo, list[str]]] = {}
        for name in await self._engine.collections():
            for info in await self._engine.documents(name):
                found.setdefault(info.document_id, (info, []))[1].append(name)
        return found
