"""Deletes what was kept for as long as the settings say: conversations, opinions, the audit log.

Runs beside the server, at its start and every hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from rag.config import RetentionSettings
from rag.errors import PlumbError
from web.access.audit import Audit
from web.conversations import Conversations
from web.feedback import Feedback
from web.logs import tell

EVERY_S = 3600.0
_log = logging.getLogger(__name__)


class Retention:
    """Over one home's files; `clock` tells the moment in UTC."""

    def __init__(
        self,
        settings: RetentionSettings,
        conversations: Conversations,
        feedback: Feedback,
        audit: Audit,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rules: tuple[tuple[str, int, Callable[[datetime], int]], ...] = (
            ("conversations", settings.conversations_days, conversations.forget_before),
            ("feedback", settings.feedback_days, feedback.forget_before),
        )
        self._audit = audit
        self._clock = clock

    def apply(self) -> dict[str, int]:
        """Delete what is too old; how much of what. What cannot be deleted is said in the log and
        tried again the next time."""
        self._audit.forget()
        gone = {}
        for name, days, forget in self._rules:
            if not days:
                continue
            try:
                gone[name] = forget(self._clock() - timedelta(days=days))
            except PlumbError as err:
                _log.error("%s older than %d days stay: %s", name, days, err)
        if any(gone.values()):
            tell("forgotten", gone)
        return gone

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Apply it now and every hour, until the block ends."""
        task = asyncio.create_task(self._for_ever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _for_ever(self) -> None:
        while True:
            await asyncio.to_thread(self.apply)
            await asyncio.sleep(EVERY_S)
