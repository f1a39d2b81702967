"""What became of each file: the records that ingestion hands back, and how they read.

Knows nothing of how files are read or stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from rag.text.printable import printable
from rag.types import Change

_MANY = 20
_NAMED = 6
"""Files from which their reasons are summed up, and reasons that are named."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file or folder. `reason` says why it was skipped or failed, or of which
    document it is a copy; the counts are those of the document as it now stands. `missing` are
    sentences on what a reader of the file sees and its text does not hold, each with its place;
    they are known of files read in this run."""

    path: str
    change: Change
    reason: str = ""
    pages: int = 0
    chunks: int = 0
    pages_without_text: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """All results in the order of the files. `unread` counts the files not come to, which is
    above 0 only where the run was interrupted. `vanished` are the paths read earlier that the
    folders no longer hold, `removed` those of them that were taken out, `gone` the ids of the
    documents that left with their last path; `kept` says why they were
    not though it was asked for."""

    results: tuple[FileResult, ...]
    seconds: float
    interrupted: bool = False
    unread: int = 0
    vanished: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    kept: str = ""

    @property
    def counts(self) -> Mapping[Change, int]:
        """How many files each change happened to; every change is a key."""
        found = Counter(result.change for result in self.results)
        return {change: found[change] for change in get_args(Change)}

    @property
    def failed(self) -> bool:
        """Whether anything failed; what was skipped did not."""
        return self.counts["failed"] > 0 or bool(self.kept)


def format_receipt(receipt: Receipt) -> str:
    """The receipt as lines of text: one per file, then the sums."""
    lines = [format_line(result) for result in receipt.results]
    lines += [f"vanished   {printable(path)}" for path in receipt.vanished]
    lines += [f"removed    {printable(path)}" for path in receipt.removed]
    found: dict[str, int] = {**receipt.counts}  # type: ignore[dict-item]
    found |= {"vanished": len(receipt.vanished), "removed": len(receipt.removed)}
    counts = ", ".join(f"{n} {change}" for change, n in found.items() if n) or "nothing"
    read = [result for result in receipt.results if result.change in ("added", "replaced")]
    sums = (
        f"{counts}; {_plural(sum(r.pages for r in read), 'page')} and "
        f"{_plural(sum(r.chunks for r in read), 'chunk')} read in {receipt.seconds:.1f} s"
    )
    if without := sum(result.pages_without_text for result in read):
        sums += f", {_plural(without, 'page')} without text"
    lines.append(sums)
    lines += _often(receipt.results)
    if receipt.kept:
        lines.append(f"failed     {receipt.kept}")
    elif receipt.vanished:
        files = _plural(len(receipt.vanished), "file")
        lines.append(
            f"{files} read earlier and no longer there: the collection still holds what they "
            "said. Run the same command with --prune to remove it."
        )
    if receipt.interrupted:
        files = _plural(receipt.unread, "file")
        lines.append(f"Interrupted with {files} to go: run the same command again to go on.")
    return "\n".join(lines)


def _often(results: Sequence[FileResult]) -> Iterator[str]:
    """Why files were skipped or failed, the commonest reasons first, where there are many: among
    thousands of lines no one counts."""
    for change in ("skipped", "failed"):
        found = [_kind_of_reason(result) for result in results if result.change == change]
        if len(found) >= _MANY:
            named = Counter(found).most_common(_NAMED)
            others = len(found) - sum(count for _, count in named)
            more = [f"{others:,} others"] if others else []
            yield f"{change}: " + ", ".join([*(f"{n:,} {why}" for why, n in named), *more])


def _kind_of_reason(result: FileResult) -> str:
    """The reason without the file's name and what is to be done."""
    reason = result.reason.removeprefix(Path(result.path).name).lstrip(" :").removeprefix("is ")
    short = re.split(r"[(:,;]", reason.replace(" is not a supported type", ""), maxsplit=1)[0]
    return printable(" ".join(short.split())) or "for another reason"


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt as plain JSON values: `files`, `counts`, `seconds`, `interrupted`, `unread`,
    `vanished`, `pruned` and `kept`."""
    return {
        "files": [asdict(result) for result in receipt.results],
        "counts": dict(receipt.counts),
        "seconds": round(receipt.seconds, 3),
        "interrupted": receipt.interrupted,
        "unread": receipt.unread,
        "vanished": list(receipt.vanished),
        "pruned": list(receipt.removed),
        "kept": receipt.kept,
    }


def format_line(result: FileResult) -> str:
    """What became of one file."""
    line = f"{result.change:<9}  {printable(result.path)}"
    if result.pages:
        line += f"  ({_plural(result.pages, 'page')}, {_plural(result.chunks, 'chunk')}"
        if result.pages_without_text:
            line += f", {_plural(result.pages_without_text, 'page')} without text"
        line += ")"
    reasons = "; ".join(filter(None, (result.reason, *result.missing)))
    return f"{line}: {printable(reasons)}" if reasons else line


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
