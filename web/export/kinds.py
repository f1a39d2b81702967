"""The kinds of files that a conversation can be exported as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from web.export.markdown import to_markdown
from web.export.pdf import to_pdf
from web.export.transcript import Transcript
from web.export.word import to_docx


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, and what writes it."""

    media_type: str
    write: Callable[[Transcript], bytes]


KINDS = {
    "md": Kind("text/markdown; charset=utf-8", to_markdown),
    "docx": Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx
    ),
    "pdf": Kind("application/pdf", to_pdf),
}


def exported(told: Transcript, kind: str) -> bytes:
    """The file of that kind. Raises KeyError for no kind of ours."""
    return KINDS[kind].write(told)
