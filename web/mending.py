"""Events of a language model that may have died on the way: it is started again, and that is told.

Knows nothing of models but whether one still answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rag.errors import ModelError
from rag.types import Event

STARTED_AGAIN = "the language model had stopped and was started again: ask once more"


def mended(
    events: Iterator[Event], alive: Callable[[], bool], restart: Callable[[], None]
) -> Iterator[Event]:
    """The events; where the model fails and is dead, `restart` is called and ModelError says so.
    What `restart` raises is raised."""
    try:
        yield from events
    except ModelError as err:
        if alive():
            raise
        restart()
        raise ModelError(STARTED_AGAIN) from err
