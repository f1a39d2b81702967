"""The log: lines of text, or of JSON without content.

A line of JSON has the moment, the level, the logger and the event: a message's words without what
was filled in, for that may be a question or a document's text. An error is told by its class and
the places it passed. With `content` the whole message is there too.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rag.config import LogSettings
from rag.text.personal import redacted

EVENTS = "plumbline"
"""The logger of events, which are told by `tell`."""


def set_up(settings: LogSettings) -> None:
    """Send all logging of this process to stderr, in the form that the settings name."""
    handler = logging.StreamHandler()
    lines = JsonLines if settings.format == "json" else TextLines
    handler.setFormatter(Redacting(lines(content=settings.content)))
    root = logging.getLogger()
    for before in list(root.handlers):
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(EVENTS).setLevel(logging.INFO if settings.events else logging.WARNING)


def tell(event: str, fields: Mapping[str, Any], content: Mapping[str, str] | None = None) -> None:
    """Log an event with its fields; `content` is written only where the settings say so."""
    more = {"fields": dict(fields), "content": dict(content or {})}
    logging.getLogger(EVENTS).info(event, extra=more)


class Redacting(logging.Formatter):
    """Another formatter's lines, without personal data."""

    def __init__(self, lines: logging.Formatter) -> None:
        super().__init__()
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines."""
        return redacted(self._lines.format(record))


class JsonLines(logging.Formatter):
    """One object a line."""

    def __init__(self, *, content: bool) -> None:
        super().__init__()
        self._content = content

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["stack"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
        if self._content:
            line["message"] = record.getMessage()
            line.update(getattr(record, "content", {}))
            if record.exc_info and record.exc_info[1] is not None:
                line["error_message"] = str(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """Lines to read in a terminal: messages as they are, events with their fields behind them."""

    def __init__(self, *, content: bool) -> None:
        super().__init__("%(levelname)s: %(message)s")
        self._content = content

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The first line."""
        if not hasattr(record, "fields"):
            return super().formatMessage(record)
        fields = {**record.fields, **(getattr(record, "content", {}) if self._content else {})}
        at = datetime.fromtimestamp(record.created).isoformat(" ", "seconds")
        return " ".join([at, record.message, *(f"{key}={value}" for key, value in fields.items())])
