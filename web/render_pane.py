"""A source beside the answer as HTML: the page's picture, its text with the marks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from rag.text.units import placed, unit_of
from rag.types import Span
from web.blocks import laid_out
from web.escape import esc
from web.library import Source
from web.texts_shelf import shelf_texts
from web.texts_source import SourceTexts

AROUND = 12_000
"""Characters of a long page shown on each side of the marks."""


def pane(source: Source, collection: str, number: str, t: SourceTexts) -> str:
    """The whole pane; `number` is the citation's, empty for a passage that is not cited."""
    info, page = source.info, source.page
    chip = f'<span class="pl-number">{esc(number)}</span>' if number else ""
    unit = unit_of(info.media_type)
    where = placed(unit, page.number, page.label, t.language, info.pages)
    where = where if info.pages > 1 or page.label else ""
    heading = f'<p class="pl-heading">{esc(source.heading)}</p>' if source.heading else ""
    word = "" if source.surely else f'<p class="pl-word" role="note">{esc(t.no_place)}</p>'
    place = f"/page/file?{urlencode({'collection': collection, 'document': info.document_id})}"
    return (
        f'{_controls(t)}<div class="pl-pane-head"><h2 id="pl-pane-title" tabindex="-1">{chip}'
        f'<bdi class="pl-document">{esc(info.name)}</bdi> <span class="pl-page">{esc(where)}</span>'
        f"</h2>{heading}{word}</div>{_views(source, collection, t)}"
        f'<p class="pl-pane-foot"><a class="pl-button" href="{esc(place)}" download>'
        f'{esc(t.download)}</a><span class="pl-keys">{esc(t.keys)}</span></p>'
    )


def preview(source: Source, collection: str, t: SourceTexts) -> str:
    """A page of a document and the text that was read from it, with the way to its neighbours."""
    info, page = source.info, source.page
    told = shelf_texts(t.language)
    where = placed(unit_of(info.media_type), page.number, page.label, t.language, info.pages)
    turns = "".join(
        f'<button type="button" class="pl-icon" data-turn="{page.number + by}" '
        f'aria-label="{esc(name)}" title="{esc(name)}"{"" if there else " disabled"}>{sign}'
        "</button>"
        for by, name, sign, there in (
            (-1, told.previous_page, "‹", page.number > 1),
            (1, told.next_page, "›", page.number < info.pages),
        )
    )
    word = "" if page.text.strip() else f'<p class="pl-word" role="note">{esc(told.no_text)}</p>'
    close = _icon("pl-close", t.close, "✕")
    return (
        f'<div class="pl-pane-bar">{turns}{close}</div><div class="pl-pane-head">'
        f'<h2 id="pl-pane-title" tabindex="-1"><bdi class="pl-document">{esc(info.name)}</bdi> '
        f'<span class="pl-page">{esc(where)}</span></h2>'
        f'<p class="pl-heading">{esc(told.both if source.pictured else "")}</p>{word}</div>'
        f'<div class="pl-both">{_views(source, collection, t)}</div>'
    )


def gone(quotes: Sequence[str], t: SourceTexts) -> str:
    """The pane for a document that is not there any more, with the words quoted from it."""
    quoted = "".join(f"<blockquote>{esc(quote)}</blockquote>" for quote in quotes if quote)
    said = f"<p>{esc(t.quoted_then)}</p>{quoted}" if quoted else ""
    return (
        f'{_controls(t)}<div class="pl-pane-head"><h2 id="pl-pane-title" tabindex="-1">'
        f'{esc(t.source)}</h2><p class="pl-word" role="alert">{esc(t.gone)}</p>{said}</div>'
    )


def marked_text(text: str, marks: Sequence[Span], t: SourceTexts) -> str:
    """A page's text with its marks, tables as tables; of a long one what is around the marks."""
    first = marks[0][0] if marks else 0
    last = marks[-1][1] if marks else 0
    start = 0 if first <= AROUND else text.find("\n", first - AROUND) + 1
    end = text.find("\n", last + AROUND)
    end = len(text) if end < 0 else end
    inside = [(left - start, right - start) for left, right in marks]
    shown = text[start:end]

    def draw(left: int, right: int, upto: int) -> str:
        return _marked(shown, left, right, inside)

    note = f'<p class="pl-word">{esc(t.cut)}</p>' if end - start < len(text) else ""
    body = laid_out(shown, draw, esc, t.table)
    return f'{note}<div class="pl-fulltext">{body}</div>'


def _controls(t: SourceTexts) -> str:
    buttons = "".join(
        _icon(css, name, sign)
        for css, name, sign in (
            ("pl-previous", t.previous, "←"),
            ("pl-next", t.following, "→"),
            ("pl-close", t.close, "✕"),
        )
    )
    return f'<div class="pl-pane-bar">{buttons}</div>'


def _icon(css: str, name: str, sign: str) -> str:
    return (
        f'<button type="button" class="pl-icon {css}" aria-label="{esc(name)}" '
        f'title="{esc(name)}">{sign}</button>'
    )


def _views(source: Source, collection: str, t: SourceTexts) -> str:
    text = marked_text(source.page.text, source.marks, t)
    if not source.pictured:
        return f'<div class="pl-view pl-view-text" tabindex="0">{text}</div>'
    asked = {
        "collection": collection,
        "document": source.info.document_id,
        "page": source.page.number,
        "spans": ",".join(f"{start}-{end}" for start, end in source.marks),
    }
    where = placed(unit_of(source.info.media_type), source.page.number, "", t.language)
    place = t.place.format(document=source.info.name, place=where)
    unmarked = t.no_place_picture if source.marks else ""
    return (
        '<div class="pl-switch" role="group">'
        f'<button type="button" data-view="picture" aria-pressed="true">{esc(t.picture)}</button>'
        f'<button type="button" data-view="text" aria-pressed="false">{esc(t.text)}</button></div>'
        f'<div class="pl-view pl-view-picture" tabindex="0">'
        f'<p class="pl-word pl-hidden-word" hidden data-unmarked="{esc(unmarked)}" '
        f'data-undrawn="{esc(t.no_picture)}"></p>'
        f'<p class="pl-drawing">{esc(t.drawing)}</p>'
        f'<img class="pl-paper" data-src="/page/picture?{esc(urlencode(asked))}" '
        f'alt="{esc(place)}" /></div>'
        f'<div class="pl-view pl-view-text" tabindex="0" hidden>{text}</div>'
    )


def _marked(text: str, start: int, end: int, marks: Sequence[Span]) -> str:
    out, at = [], start
    for left, right in marks:
        left, right = max(left, at), min(right, end)
        if left < right:
            out += [esc(text[at:left]), f"<mark>{esc(text[left:right])}</mark>"]
            at = right
    return "".join([*out, esc(text[at:end])])
