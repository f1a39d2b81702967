"""What Gradio would do for anyone: page sessions are each one's own, and no address is asked.

Gradio names a page by a hash that the browser draws, and hands the page's events to whoever says
it. A file that is named by an address it would fetch. Wraps the application, inside the guard.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.access.identity import identity_of

PREFIX = "/gradio_api/"
MOST_REMEMBERED = 50_000
_OF_FILE = re.compile(r"/gradio_api/\w+=(.*)", re.DOTALL)
_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|stream)/([^/]+)")


class OwnSessions:
    """Refuses requests about a page session that began as someone else's, and those that name an
    address as a file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._holders: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        if "json" in Headers(scope=scope).get("content-type", ""):
            messages = await _read(receive)
        told = _json(b"".join(message.get("body", b"") for message in messages))
        if any(map(_is_address, (*_files(told), *_OF_FILE.findall(scope["path"])))):
            refusal = PlainTextResponse("a file is one that was uploaded here", status_code=400)
            await refusal(scope, receive, send)
            return
        holder = identity_of(scope).holder
        if all(self._is_of(session, holder) for session in _named(scope, told)):
            await self._app(scope, _again(messages, receive), send)
            return
        refusal = PlainTextResponse("this page belongs to someone else", status_code=403)
        await refusal(scope, receive, send)

    def _is_of(self, session: str, holder: str) -> bool:
        first = self._holders.setdefault(session, holder)
        self._holders.move_to_end(session)
        if len(self._holders) > MOST_REMEMBERED:
            self._holders.popitem(last=False)
        return first == holder


async def _read(receive: Receive) -> list[Message]:
    """All of a body; the guard bounds it."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    left = iter(messages)

    async def replayed() -> Message:
        return next(left, None) or await receive()

    return replayed


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None  # no JSON: Gradio says so


def _files(told: Any) -> Iterator[str]:
    """Whatever is called the path of something, anywhere in it."""
    left = [told]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
            if isinstance(path := one.get("path"), str):
                yield path
        elif isinstance(one, list):
            left += one


def _is_address(path: str) -> bool:
    return path.strip().lower().startswith(("http:", "https:"))


def _named(scope: Scope, told: Any) -> Iterator[str]:
    """The sessions that a request speaks of."""
    yield from parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
    if match := _IN_PATH.match(scope["path"]):
        yield match[1]
    if isinstance(told, dict) and isinstance(told.get("session_hash"), str):
        yield told["session_hash"]
