"""What the model wrote, made ready for checking: marks of lists off, and no sentence cut short."""

from __future__ import annotations

import re

from rag.text import sentence_spans

_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•]|#{1,6}|\d{1,2}[.)、])[ \t]+")
_EMPHASIS = re.compile(r"\*\*|__")
_ENDED = tuple('.!?。！？…"”’）)」』')


def whole_sentences(raw: str) -> str:
    """The text without marks of lists, headings and emphasis, and without a last sentence that the
    limit of tokens cut short, unless it is the only one."""
    text = _EMPHASIS.sub("", _MARK.sub("", raw)).strip()
    spans = sentence_spans(text)
    if len(spans) > 1 and not text.endswith(_ENDED):
        return text[: spans[-1][0]].rstrip()
    return text
