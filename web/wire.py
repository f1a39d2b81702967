"""JSON and server-sent events as bytes on the wire. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse

DONE = "data: [DONE]\n\n"
"""Ends a stream of OpenAI's."""
ALIVE = ": waiting\n\n"
"""A comment: keeps the connection open, and readers of events pass over it."""


class Reply(JSONResponse):
    """JSON that is valid UTF-8 whatever the sender's text held."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return _encoded(content)


def data(value: Mapping[str, Any], event: str | None = None) -> str:
    """One server-sent event."""
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {_encoded(value).decode()}\n\n"


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
