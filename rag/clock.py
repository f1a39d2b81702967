"""How long each stage of an answer took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rag.stopping import check


class Clock:
    """Collects milliseconds by stage; a stage entered twice adds up."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside the `with` block. Raises Stopped if nobody listens any more."""
        check()
        begin = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - begin) * 1000
            self._stages[name] = self._stages.get(name, 0.0) + spent

    def mark(self, name: str) -> None:
        """Note once how long after the start something happened."""
        self._stages.setdefault(name, (time.perf_counter() - self._begin) * 1000)

    def timings_ms(self) -> Mapping[str, float]:
        """Milliseconds by stage so far, and `total` since the start."""
        total = (time.perf_counter() - self._begin) * 1000
        return {name: round(ms, 1) for name, ms in {**self._stages, "total": total}.items()}
