"""How deep a file lies in others, and how much all of them have unpacked to so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.loaders.limits import MIB
from rag.config import IngestSettings
from rag.errors import DocumentError

DEEPEST = 4
_UNPACKED_PER_FILE = 4


@dataclass(slots=True)
class _Total:
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Nesting:
    """`level` is 0 for a file on the disk. The count of bytes is shared by all levels."""

    level: int = 0
    total: _Total = field(default_factory=_Total)

    def within(self) -> Nesting:
        """The nesting of a file that lies in this one."""
        return Nesting(self.level + 1, self.total)

    def count(self, name: str, size: int, limits: IngestSettings) -> None:
        """Note that `size` bytes are unpacked. Raises DocumentError if that is more than all files
        within one may have."""
        self.total.bytes += size
        if self.total.bytes > _UNPACKED_PER_FILE * limits.max_file_mb * MIB:
            raise DocumentError(
                f"{name} is refused: the files in it unpack to more than "
                f"{_UNPACKED_PER_FILE * limits.max_file_mb:,} MiB; split it, or raise the setting "
                "ingest.max_file_mb"
            )
