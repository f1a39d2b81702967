"""Who may read which collection: the one place that decides.

Every route and tool that shows a word of a collection asks here first. Whoever the guard lets in
may read every collection.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import HTTPConnection


def may_read(asker: HTTPConnection | None, collection: str) -> bool:
    """Whether the sender of a request may read the collection; None is the owner of this process,
    who speaks to it over its standard input."""
    return True


def readable(asker: HTTPConnection | None, collections: Iterable[str]) -> list[str]:
    """Those of the collections that the asker may read, in the order given."""
    return [name for name in collections if may_read(asker, name)]
