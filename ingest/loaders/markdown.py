"""Markdown -> one page of the text that a reader sees, with its headings.

CommonMark with tables, strikethrough, footnotes, definition lists and front matter; rendered to
HTML by markdown-it-py and from there read like any page, so that lists and tables look alike
whatever they were written in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from lxml.html import defs
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from ingest.loaders.decode import decode
from ingest.loaders.html import html_page
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.losses import Losses
from rag.types import Page

_FRONT_MATTER = re.compile(
    r"\ufeff?(?:---|\+\+\+)[ \t]*\n(.*?\n)(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|$)", re.S
)
_FIELD = re.compile(
    r"""["']?[\w@$][^:=\n]{0,60}[:=](?:\s|$|["'\[{|>\d])|\s|\#|-(?:\s|$)|\[{1,2}[\w."-]+\]{1,2}\s*$"""
    r"""|[\]})]|[\w-]+=\S""",
    re.X,
)
_DEEPEST = 100
"""Levels below which the parser leaves out what stands there."""
_TAG = re.compile(r"</?([A-Za-z][\w.:-]*)[^<>]*>")
_KNOWN_TAGS = defs.tags | frozenset([
    "article", "aside", "audio", "bdi", "canvas", "data", "datalist", "details", "dialog",
    "figcaption", "figure", "footer", "header", "hgroup", "main", "mark", "math", "meter", "nav",
    "output", "picture", "progress", "rp", "rt", "ruby", "search", "section", "slot", "source",
    "summary", "svg", "template", "time", "track", "video", "wbr",
])  # fmt: skip


def load_markdown(
    data: bytes, name: str, losses: Losses | None = None, pictures: InnerPictures | None = None
) -> tuple[Page, ...]:
    """The single page of a Markdown file."""
    source = decode(data, name).replace("\r\n", "\n")
    matter, body = _split_front_matter(source)
    losses = losses if losses is not None else Losses()
    markup = f"<body>{_as_paragraph(matter)}{_render(body, losses)}</body>"
    return (html_page(markup, name, losses, pictures),)


def _render(body: str, losses: Losses) -> str:
    options = {"html": True, "maxNesting": _DEEPEST}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin)
    parser.inline.ruler.before("emphasis", "times", _times)
    environment: dict[str, Any] = {}
    tokens = parser.parse(_with_bars_escaped(body), environment)
    if max((token.level for token in tokens), default=0) >= _DEEPEST - 1:
        losses.add(f"text nested more than {_DEEPEST} levels deep left out")
    _name_notes(tokens)
    _keep_placeholders(tokens)
    notes = environment.get("footnotes", {}).get("refs", {})
    unmarked = sum(number == -1 for number in notes.values())
    losses.count(
        "footnote without a mark in the text", "footnotes without a mark in the text", unmarked
    )
    return str(parser.renderer.render(tokens, parser.options, environment))


_RULE_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def _with_bars_escaped(body: str) -> str:
    """The source with the bars within code in the cells of tables escaped: they part no cells."""
    if "|" not in body or "`" not in body:
        return body
    lines = body.split("\n")
    table = fenced = False
    for number, line in enumerate(lines):
        fenced ^= _FENCE.match(line) is not None
        table = not fenced and "|" in line and (table or _RULE_ROW.match(line) is not None)
        if table:
            lines[number] = _CODE.sub(lambda m: re.sub(r"(?<!\\)\|", r"\|", m.group()), line)
    return "\n".join(lines)


def _times(state: StateInline, silent: bool) -> bool:
    """A star between two digits is a sign of multiplication, not emphasis: 3*4*5."""
    at, text = state.pos, state.src
    if text[at] != "*" or not 0 < at < len(text) - 1:
        return False
    if not (text[at - 1].isdigit() and text[at + 1].isdigit()):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _name_notes(tokens: Sequence[Token]) -> None:
    """Write "[note 1]" for a footnote's mark, in the text and before the note itself."""
    name = ""
    for token in tokens:
        if token.type == "footnote_block_open":
            token.type, token.tag = "html_block", ""
            token.content = "<div>"
        elif token.type == "footnote_block_close":
            token.type, token.content = "html_block", "</div>"
        elif token.type in ("footnote_open", "footnote_close"):
            name = f"[note {token.meta['id'] + 1}] " if token.type == "footnote_open" else ""
            token.type, token.content = "html_block", ""
        elif token.type == "footnote_anchor":
            token.type, token.content = "text", ""
        for child in token.children or ():
            if child.type == "footnote_ref":
                child.type, child.content = "text", f"[note {child.meta['id'] + 1}]"
            elif child.type == "footnote_anchor":
                child.type, child.content = "text", ""
        if name and token.type == "inline":
            token.children = [Token("text", "", 0, content=name), *(token.children or ())]
            name = ""


def _keep_placeholders(tokens: Sequence[Token]) -> None:
    """What looks like a tag and is none of HTML's, such as `<hive-id>`, is text."""
    for token in tokens:
        if token.type in ("html_block", "html_inline") and "<svg" not in token.content:
            token.content = _TAG.sub(_known_or_text, token.content)
        _keep_placeholders(token.children or ())


def _known_or_text(match: re.Match[str]) -> str:
    return match.group() if match.group(1).lower() in _KNOWN_TAGS else escape(match.group())


def front_matter(data: bytes, name: str) -> str:
    """The fields at the top of a Markdown file as they are written; empty if there are none."""
    return _split_front_matter(decode(data, name).replace("\r\n", "\n"))[0]


def _split_front_matter(source: str) -> tuple[str, str]:
    """The fields between the two rules at the top, if all its lines look like fields."""
    match = _FRONT_MATTER.match(source)
    if match is None or not all(_FIELD.match(line) for line in match.group(1).splitlines() if line):
        return "", source
    return match.group(1), source[match.end() :]


def _as_paragraph(matter: str) -> str:
    """Title, date and author belong to what a reader may ask for, so they are kept as lines."""
    return f"<pre>{escape(matter, quote=False)}</pre>" if matter.strip() else ""
