"""Answers under way: whoever looks follows one, whatever becomes of the page it was asked on.

A page that is closed, reloaded or asleep loses no answer: it is finished and kept, and a page that
comes back sees it grow. Knows nothing of HTML or Gradio.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress

ALONE_S = 180.0
"""An answer that nobody has looked at for so long is given up."""
ENDED_S = 5.0
"""Seconds that a stopped answer is waited for."""
Key = tuple[str, str]
"""Whose, and which conversation."""


class Run:
    """One answer under way. `drawn` is how it looks, `version` grows with every change of it;
    `stopped` is whether a person stopped it, `replaced` whether its question was asked anew."""

    def __init__(self, drawn: str) -> None:
        self.drawn = drawn
        self.version = 0
        self.over = False
        self.stopped = False
        self.replaced = False
        self._lookers = 0
        self._left = time.monotonic()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def forsaken(self) -> bool:
        """Whether nobody has looked for long."""
        return not self._lookers and time.monotonic() - self._left > ALONE_S

    def draw(self, drawn: str) -> None:
        """Show this from now on."""
        if drawn == self.drawn:
            return
        self.drawn = drawn
        self.version += 1
        self._wake()

    async def follow(self) -> AsyncGenerator[str, None]:
        """How it looks, now and after each change, until it is over."""
        self._lookers += 1
        try:
            seen = -1
            while True:
                if seen != self.version:
                    seen = self.version
                    yield self.drawn
                elif self.over:
                    return
                else:
                    await self._changed.wait()
        finally:
            self._lookers -= 1
            self._left = time.monotonic()

    async def stop(self) -> None:
        """Stop it as a person does, and wait until it has ended."""
        self.stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=ENDED_S)

    def begin(self, work: Coroutine[None, None, None], ended: Callable[[], None]) -> None:
        """Do the work beside everything else; `ended` is called after it."""

        async def whole() -> None:
            try:
                with suppress(asyncio.CancelledError):
                    await work
            finally:
                self.over = True
                ended()
                self._wake()

        self._task = asyncio.create_task(whole())

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Runs:
    """The answers under way of everyone, by conversation and number of the exchange."""

    def __init__(self) -> None:
        self._runs: dict[Key, dict[int, Run]] = {}

    def of(self, key: Key) -> dict[int, Run]:
        """Those of a conversation by the number of their exchange."""
        return dict(self._runs.get(key, {}))

    def newest(self, key: Key) -> Run | None:
        """That of the latest exchange."""
        found = self._runs.get(key)
        return found[max(found)] if found else None

    async def begin(
        self, key: Key, number: int, run: Run, work: Coroutine[None, None, None]
    ) -> None:
        """Begin one; that of the same exchange ends first."""
        before = self._runs.get(key, {}).get(number)
        if before is not None:
            before.replaced = True
            await before.stop()

        def ended() -> None:
            held = self._runs.get(key, {})
            if held.get(number) is run:
                del held[number]
            if not held:
                self._runs.pop(key, None)

        self._runs.setdefault(key, {})[number] = run
        run.begin(work, ended)
