"""Our own routes about collections, and about the documents that come into them and out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from fastapi import File, UploadFile
from pydantic import BaseModel, ConfigDict

from rag.config import Settings
from rag.errors import CollectionError
from web.engine import Engine
from web.openai_format import ApiError
from web.openai_input import Text
from web.streams import known
from web.work import FileOutcome, Upload


class NamedCollection(BaseModel):
    """A request to make a collection, or to rename one."""

    model_config = ConfigDict(extra="forbid")
    name: Text


class DocumentRoutes:
    """The endpoints, over one engine."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    async def collections(self) -> dict[str, Any]:
        """The collections' names."""
        names = await self._engine.collections()
        default = self._settings.collection
        return {"object": "list", "data": names, "default": default if default in names else None}

    async def collection(self, name: str) -> dict[str, Any]:
        """What a collection holds and what refers to it: what would go if it were deleted."""
        found = await self._engine.belongings(await known(self._engine, name))
        return {"name": name, "object": "collection", **asdict(found)}

    async def create(self, body: NamedCollection) -> dict[str, Any]:
        """Make an empty collection."""
        await self._engine.create(body.name)
        return {"name": body.name, "object": "collection", "created": True}

    async def rename(self, name: str, body: NamedCollection) -> dict[str, Any]:
        """Give a collection another name."""
        await self._engine.rename(await known(self._engine, name), body.name)
        return {"name": body.name, "object": "collection", "before": name}

    async def discard(self, name: str) -> dict[str, Any]:
        """Delete a collection and all that refers to it."""
        await self._engine.discard(await known(self._engine, name))
        return {"name": name, "object": "collection", "deleted": True}

    async def documents(self, collection: str | None = None) -> dict[str, Any]:
        """What a collection holds."""
        name = await self._named(collection)
        found = await self._engine.documents(name)
        return {"object": "list", "collection": name, "data": [asdict(info) for info in found]}

    async def upload(
        self, files: Annotated[list[UploadFile], File()], collection: str | None = None
    ) -> dict[str, Any]:
        """Take files in; the receipt says what became of each."""
        name = await self._named(collection)
        with tempfile.TemporaryDirectory(prefix="plumb-upload-") as folder:
            # The name is the sender's: it names the document, never a place on this disk.
            uploads = [
                spooled(file.file, Path(folder, str(n)), file.filename or "unnamed")
                for n, file in enumerate(files)
            ]
            outcomes = await self.take(name, uploads)
        data = [asdict(outcome) for outcome in outcomes]
        return {"object": "list", "collection": name, "data": data}

    async def take(self, name: str, uploads: Sequence[Upload]) -> list[FileOutcome]:
        """Take files into the collection of that name; what became of each."""
        outcomes: list[FileOutcome] = []
        async with aclosing(self._engine.ingest(name, uploads)) as steps:
            async for step in steps:
                if isinstance(step, list):
                    outcomes = step
        return outcomes

    async def remove(self, document_id: str, collection: str | None = None) -> dict[str, Any]:
        """Take a document out."""
        name = await self._named(collection)
        if all(info.document_id != document_id for info in await self._engine.documents(name)):
            message = f"there is no document {document_id!r} in the collection {name!r}"
            raise ApiError(404, message, code="document_not_found")
        try:
            gone = await self._engine.remove(name, document_id)
        except CollectionError as err:
            raise ApiError(409, str(err)) from err
        return {"id": gone.document_id, "name": gone.name, "object": "document", "deleted": True}

    async def _named(self, collection: str | None) -> str:
        return await known(self._engine, collection or self._settings.collection)


def spooled(file: BinaryIO, path: Path, name: str) -> Upload:
    """The bytes at `path`, as an upload of that name."""
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)
    return Upload(name, path)
