"""Plain text -> pages. A form feed starts a page, as in RFCs and the output of pdftotext."""

from __future__ import annotations

from ingest.loaders.decode import decode
from ingest.loaders.normalise import clean_text, mend_wraps, vocabulary
from rag.types import Page


def load_text(data: bytes, name: str) -> tuple[Page, ...]:
    """The pages of a text file; one unless it holds form feeds."""
    text = decode(data, name)
    words = vocabulary(text) if "-\n" in text or "-\r" in text else vocabulary("")
    parts = text.split("\f")
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return tuple(
        Page(number, mend_wraps(clean_text(part), words, slack=0.0, unwrap=False))
        for number, part in enumerate(parts, start=1)
    )
