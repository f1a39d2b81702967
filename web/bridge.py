"""From a worker thread to an async iterator.

Knows nothing of questions or documents.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

TICK_S = 0.5
"""Seconds after which a listener to whom nothing was said hears None."""


class Interrupted(Exception):
    """The executor was shut down before the work began."""


class Submits(Protocol):
    """What runs work in a thread, such as an executor."""

    def submit(self, work: Callable[[], Any], /) -> Future[Any]:
        """Begin, now or later. Raises RuntimeError when shut down."""


class _End:
    pass


_END: Final = _End()


async def items_of(
    executor: Submits,
    produce: Callable[[Callable[[T], None], threading.Event], None],
    tick_s: float = TICK_S,
) -> AsyncGenerator[T | None, None]:
    """Run `produce(emit, stopped)` in the executor and yield what it emits, in order.

    Yields None after every `tick_s` seconds of silence. Raises what `produce` raises, after the
    last item. When the iterator is closed, work that has not begun never begins, and `stopped` is
    set for work that has. Raises Interrupted if the executor was shut down first.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[T | _End | None] = asyncio.Queue()
    stopped = threading.Event()

    def put(item: T | _End) -> None:
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:
            # The loop is closed: nobody listens any more.
            stopped.set()

    def work() -> None:
        try:
            produce(put, stopped)
        finally:
            put(_END)

    try:
        future = executor.submit(work)
    except RuntimeError as err:
        raise Interrupted(str(err)) from None
    try:
        while True:
            # Not `asyncio.wait_for`: up to Python 3.11 it loses a cancellation that comes together
            # with an item, and the work would go on for nobody.
            tick = loop.call_later(tick_s, queue.put_nowait, None)
            try:
                item = await queue.get()
            finally:
                tick.cancel()
            if item is None and future.cancelled():
                raise Interrupted("shut down before the work began")
            if isinstance(item, _End):
                break
            yield item
        await asyncio.wrap_future(future)
    finally:
        stopped.set()
        future.cancel()
