"""JSON and server-sent events as bytes on the wire. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse

DONE = "data: [DONE]\n\n"
"""Ends a stream of OpenAI's."""


class Reply(JSONResponse):
    """JSON that is valid UTF-8 whatever the sender's text held."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return _encoded(content)


def alive(ahead: int) -> str:
    """A comment with the place in the line: keeps the connection open, and readers of events pass
    over it."""
    return f": waiting, {ahead} ahead\n\n" if ahead else ": waiting\n\n"


def data(value: Mapping[str, Any], event: str | None = None) -> str:
    """One server-sent event."""
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {_encoded(value).decode()}\n\n"


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
