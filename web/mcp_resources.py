"""Documents as MCP resources: each document, and by a template each of its pages.

plumbline://collections/COLLECTION/documents/ID
plumbline://collections/COLLECTION/documents/ID/pages/NUMBER
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import mcp_types as types
from starlette.requests import HTTPConnection

from rag.errors import UsageError
from rag.types import DocumentInfo, Page
from web.engine import Engine
from web.mcp_records import document_uri
from web.mcp_tools import LISTED_AT_ONCE, Tools, paged

PAGES_AT_ONCE = 200
"""Of a document read whole; the others by the template."""
TEMPLATE = "plumbline://collections/{collection}/documents/{document}/pages/{page}"

_URI = re.compile(
    r"plumbline://collections/([^/?#]+)/documents/([^/?#]+)(?:/pages/([1-9][0-9]{0,8}))?"
)


@dataclass(frozen=True, slots=True)
class _Place:
    collection: str
    document: str
    page: int | None


class Resources:
    """The resources over one engine. They raise UsageError for what is not there."""

    def __init__(self, engine: Engine, tools: Tools) -> None:
        self._engine = engine
        self._tools = tools

    async def listed(
        self, asker: HTTPConnection | None, cursor: str | None
    ) -> types.ListResourcesResult:
        """The documents of all collections that the asker may read."""
        every = [
            (name, info)
            for name in await self._tools.collections(asker)
            for info in await self._engine.documents(name)
        ]
        part, following = paged(every, cursor, LISTED_AT_ONCE)
        resources = [_resource(name, info) for name, info in part]
        return types.ListResourcesResult(resources=resources, next_cursor=following)

    def templates(self) -> types.ListResourceTemplatesResult:
        """The one template."""
        template = types.ResourceTemplate(
            uri_template=TEMPLATE,
            name="page",
            title="A page of a document",
            description="The text of one page, from 1.",
            mime_type="text/plain",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read(self, asker: HTTPConnection | None, uri: str) -> types.ReadResourceResult:
        """The text of a page, or the pages of a document, each a text of its own."""
        place = _place(uri)
        name = await self._tools.collection(place.collection, asker)
        info = await self._tools.document(name, place.document)
        numbers = range(1, info.pages + 1)
        if place.page is not None:
            if place.page not in numbers:
                raise UsageError(f"{info.name!r} has {info.pages} pages: there is no {place.page}")
            numbers = range(place.page, place.page + 1)
        elif info.pages > PAGES_AT_ONCE:
            raise UsageError(
                f"{info.name!r} has {info.pages} pages, more than {PAGES_AT_ONCE}: read them one "
                f"by one, as {document_uri(name, info.document_id, 1)}"
            )
        pages = await self._engine.pages(name, info.document_id, numbers)
        return types.ReadResourceResult(contents=[_contents(name, info, page) for page in pages])


def _resource(collection: str, info: DocumentInfo) -> types.Resource:
    return types.Resource(
        uri=document_uri(collection, info.document_id),
        name=info.name,
        title=info.name,
        description=f"{info.pages} page{'s' if info.pages != 1 else ''} in {collection}",
        mime_type="text/plain",
    )


def _contents(collection: str, info: DocumentInfo, page: Page) -> types.TextResourceContents:
    uri = document_uri(collection, info.document_id, page.number)
    return types.TextResourceContents(uri=uri, mime_type="text/plain", text=page.text)


def _place(uri: str) -> _Place:
    found = _URI.fullmatch(uri)
    if found is None:
        raise UsageError(f"{uri!r} names no document: see resources/list")
    collection, document, page = found.groups()
    return _Place(unquote(collection), unquote(document), int(page) if page else None)
