"""The pieces of pages -> their lines -> their text, with line wraps mended.

What a PDF draws and what is recognised on a picture go the same way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from ingest.loaders.normalise import clean_text, close_letter_spacing, mend_wraps, vocabulary
from ingest.loaders.pdf.columns import align_columns, join_numbers, join_stretched, split_columns
from ingest.loaders.pdf.glyphs import Rule, Upright
from ingest.loaders.pdf.grid import ruled_tables
from ingest.loaders.pdf.lines import BREAK, PARAGRAPH, Line, line_ends, lines_of
from ingest.loaders.pdf.pieces import Piece
from ingest.loaders.pdf.running import Body, drop_running_lines

_SLACK = 0.15


def lines_on(
    pieces: Sequence[Piece], rules: Sequence[Rule] = (), uprights: Sequence[Upright] = ()
) -> list[Line]:
    """The lines and the rows of tables that the pieces of a page make."""
    lines = lines_of(pieces, ruled_tables(pieces, rules, uprights))
    split_columns(lines)
    join_stretched(lines)
    align_columns(lines)
    join_numbers(lines)
    return lines


def texts_of(bodies: Sequence[Body], spelled: Callable[[str], str] = str) -> list[str]:
    """The texts of all pages of a document; headers and footers are taken from `bodies`. `spelled`
    is done to each text when its lines are joined."""
    drop_running_lines(bodies)
    texts = [_page_text(body.lines) for body in bodies]
    words = vocabulary("\n".join(texts))
    return [spelled(_unwrapped(text, words)) for text in texts]


def _page_text(lines: Sequence[Line]) -> str:
    """The lines as text, with the marks that part paragraphs and keep lines."""
    texts = (close_letter_spacing(clean_text(line.text)) for line in lines)
    return "".join(f"{text}{end}" for text, end in zip(texts, line_ends(lines), strict=True))


_ENDS = re.compile(f"([{PARAGRAPH}{BREAK}])[ \n]?")


def _unwrapped(text: str, words: Counter[str]) -> str:
    """A page's text with wrapped lines joined and paragraphs set apart by a blank line."""
    joined = mend_wraps(text, words, slack=_SLACK, unwrap=True)
    return _ENDS.sub(lambda m: "\n\n" if m.group(1) == PARAGRAPH else "\n", joined).strip("\n")
