"""Questions on Debian's manuals, English and Chinese: documents that nothing was fitted to.

    python -m benchmarks.manuals FOLDER

This copies the pages of the installed manuals into FOLDER, where they can be ingested: the Debian
Administrator's Handbook and the Debian Reference, each in English and in Simplified Chinese. It
names the apt package of a manual that is missing and then exits with 1. The questions are in
`manuals.jsonl`. Those of the first half may be looked at during development; those of the second
half serve only to report results.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from eval.data.lines import Problems, collect, json_lines, string_list, text_field
from eval.errors import DataError
from rag.types import Language

T = TypeVar("T")
Half = Literal["first", "second"]

_HALVES: Mapping[str, Half] = {"first": "first", "second": "second"}
_LANGUAGES: Mapping[str, Language] = {"en": "en", "zh": "zh"}

QUESTIONS = Path(__file__).with_name("manuals.jsonl")

_HANDBOOK = Path("/usr/share/doc/debian-handbook/html")
_REFERENCE = Path("/usr/share/debian-reference")


@dataclass(frozen=True, slots=True)
class Manual:
    """One manual in one language: `pages` is a pattern for its HTML files in `folder`, `label`
    begins the names of the copies."""

    label: str
    package: str
    folder: Path
    pages: str


MANUALS = (
    Manual("handbook-en", "debian-handbook", _HANDBOOK / "en-US", "*.html*"),
    Manual("handbook-zh", "debian-handbook", _HANDBOOK / "zh-CN", "*.html*"),
    Manual("reference-en", "debian-reference-en", _REFERENCE, "*.en.html*"),
    Manual("reference-zh", "debian-reference-zh-cn", _REFERENCE, "*.zh-cn.html*"),
)


@dataclass(frozen=True, slots=True)
class ManualQuestion:
    """A question with the parts of its answer, each a tuple of alternatives of which one must
    occur. Each string of `evidence` marks a passage that holds the answer. Both are empty where
    the manuals do not tell it."""

    id: str
    language: Language
    question: str
    answer: tuple[tuple[str, ...], ...]
    answerable: bool
    evidence: tuple[str, ...]
    half: Half


def main(argv: Sequence[str] | None = None) -> int:
    """Copy the manuals. Returns 1 if one of them is not installed."""
    options = _parser().parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    for manual in MANUALS:
        count = copy_pages(manual, options.folder)
        print(f"{manual.label}: {count} pages")
        if not count and manual.package not in missing:
            missing.append(manual.package)
    if missing:
        print(
            f"not found: {', '.join(missing)}. Install with: apt-get install -y "
            f"--no-install-recommends {' '.join(missing)} (in a container, lift dpkg's "
            "path-exclude of /usr/share/doc first)",
            file=sys.stderr,
        )
    return 1 if missing else 0


def copy_pages(manual: Manual, folder: Path) -> int:
    """Copy the manual's pages, unpacked, into `folder`; how many there were.

    `sect.apt-get.html` becomes `handbook-en-apt-get.html`, `ch02.en.html` `reference-en-ch02.html`.
    """
    pages = sorted(p for p in manual.folder.glob(manual.pages) if p.suffix in (".html", ".gz"))
    for page in pages:
        data = page.read_bytes()
        if page.suffix == ".gz":
            data = gzip.decompress(data)
        title = page.name.removeprefix("sect.").partition(".")[0]
        (folder / f"{manual.label}-{title}.html").write_bytes(data)
    return len(pages)


def read_questions(path: Path = QUESTIONS) -> list[ManualQuestion]:
    """The questions of the file. Raises DataError, naming the line, if one is not as it should."""
    problems = Problems(strict=True)
    rows = json_lines(path, problems)
    return collect(path, rows, lambda _, row: [_question(row)], problems)


def _question(row: Mapping[str, Any]) -> ManualQuestion:
    answer, evidence = _parts(row.get("answer")), string_list(row.get("evidence"), "evidence")
    answerable = row.get("answerable")
    if answerable is not bool(answer) or answerable is not bool(evidence):
        raise DataError("fields 'answer' and 'evidence' must be filled if and only if answerable")
    return ManualQuestion(
        id=text_field(row, "id"),
        language=_one_of(_LANGUAGES, row, "language"),
        question=text_field(row, "question"),
        answer=answer,
        answerable=answerable,
        evidence=evidence,
        half=_one_of(_HALVES, row, "half"),
    )


def _parts(value: Any) -> tuple[tuple[str, ...], ...]:
    """Strings that must all occur; a nested list gives alternatives."""
    if not isinstance(value, list):
        raise DataError(f"field 'answer' must be a list, not {value!r:.60}")
    return tuple(string_list(v if isinstance(v, list) else [v], "answer") for v in value)


def _one_of(known: Mapping[str, T], row: Mapping[str, Any], name: str) -> T:
    value = text_field(row, name)
    if value not in known:
        raise DataError(f"field {name!r} must be {' or '.join(known)}, not {value!r:.60}")
    return known[value]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="where the pages are copied to")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
