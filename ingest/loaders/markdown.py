"""Markdown -> one page of the text that a reader sees, with its headings.

CommonMark with tables, strikethrough and front matter; rendered to HTML by markdown-it-py and from
there read like any page, so that lists and tables look alike whatever they were written in.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from ingest.loaders.decode import decode
from ingest.loaders.html import html_page
from rag.types import Page

_FRONT_MATTER = re.compile(
    r"\ufeff?(?:---|\+\+\+)[ \t]*\n(.*?\n)(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|$)", re.S
)
_FIELD = re.compile(r"[\w -]+\s*[:=]|\s|#|- ")


def load_markdown(data: bytes, name: str) -> tuple[Page, ...]:
    """The single page of a Markdown file."""
    source = decode(data, name).replace("\r\n", "\n")
    matter, body = _split_front_matter(source)
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(body)
    return (html_page(f"<body>{_as_paragraph(matter)}{html}</body>", name),)


def _split_front_matter(source: str) -> tuple[str, str]:
    """The fields between the two rules at the top, if all its lines look like fields."""
    match = _FRONT_MATTER.match(source)
    if match is None or not all(_FIELD.match(line) for line in match.group(1).splitlines() if line):
        return "", source
    return match.group(1), source[match.end() :]


def _as_paragraph(matter: str) -> str:
    """Title, date and author belong to what a reader may ask for, so they are kept as lines."""
    escaped = matter.replace("&", "&amp;").replace("<", "&lt;")
    return f"<pre>{escaped}</pre>" if matter.strip() else ""
