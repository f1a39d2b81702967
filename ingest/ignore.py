"""Which paths a folder's owner or the command line says to pass over, by Git's patterns.

A file `.plumbignore` holds for its folder and all below, patterns given with `--ignore` for every
folder that is named. As in Git, the pattern nearest to a path decides, the last one that matches
among those, and `!` takes back what one above said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from rag.errors import DocumentError, UsageError

IGNORE_FILE = ".plumbignore"
IGNORED = "ignored"
"""Begins the reason for passing over what a pattern matches."""


@dataclass(frozen=True, slots=True)
class _Level:
    """Patterns, the folder that they are relative to, and where they are from."""

    folder: Path
    spec: GitIgnoreSpec
    source: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """The patterns that hold in a folder, outermost first."""

    levels: tuple[_Level, ...] = ()

    def within(self, folder: Path) -> Ignore:
        """Those that hold in `folder`, which is below and has a file of its own.

        Raises DocumentError if that cannot be read: it may hide what nobody should find.
        """
        path = folder / IGNORE_FILE
        try:
            spec = GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8").splitlines())
        except (OSError, ValueError) as err:  # ValueError: not UTF-8, or no pattern
            raise DocumentError(
                f"its {IGNORE_FILE} cannot be followed: {err}; mend it, and the folder is read"
            ) from None
        return Ignore((*self.levels, _Level(folder, spec, IGNORE_FILE)))

    def reason(self, path: Path, *, is_folder: bool) -> str:
        """Why `path` is to be passed over; empty if it is not."""
        for level in reversed(self.levels):
            name = path.relative_to(level.folder).as_posix() + ("/" if is_folder else "")
            ignored = level.spec.check_file(name).include
            if ignored is not None:
                return f"{IGNORED} by {level.source}" if ignored else ""
        return ""


def given_patterns(folder: Path, patterns: Sequence[str]) -> Ignore:
    """The patterns of the command line, relative to `folder`. Raises UsageError for none such."""
    if not patterns:
        return Ignore()
    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except ValueError as err:
        raise UsageError(f"--ignore: {err}; write patterns as in a .gitignore") from None
    return Ignore((_Level(folder, spec, "--ignore"),))
