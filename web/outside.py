"""Whether the servers that an instance needs answer: PostgreSQL and Milvus, language models.

Who asks often gets what was found a moment ago, so that a probe costs them next to nothing.
"""

from __future__ import annotations

import logging
import threading
import time

from rag.config import Settings
from rag.errors import PlumbError

_log = logging.getLogger(__name__)
FRESH_S = 2.0
_PATIENCE_S = 2.0
"""What a model server may take to answer anything."""


class Outside:
    """The servers that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._found = ""
        self._until = 0.0

    def silent(self) -> str:
        """The part that does not answer, "store" or "generator"; empty if all is well. The log
        tells why, once."""
        with self._lock:
            if time.monotonic() >= self._until:
                found, why = self._look()
                if found and found != self._found:
                    _log.warning("not ready: %s", why)
                self._found, self._until = found, time.monotonic() + FRESH_S
            return self._found

    def _look(self) -> tuple[str, str]:
        if self._settings.store.is_remote:
            from rag.store.remote import ready

            try:
                ready(self._settings.store)
            except PlumbError as err:
                return "store", str(err)
        generator = self._settings.generator
        if generator.base_url is not None:
            from rag.models.reachable import all_silent

            why = all_silent((generator.base_url, *generator.more_urls), _PATIENCE_S)
            if why:
                return "generator", why
        return "", ""
