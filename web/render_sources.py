"""The passages of an answer as HTML: cards with the cited words marked. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.text.units import placed
from rag.types import Answer, Citation, Hit, Span
from web.blocks import Table, blocks, laid_out
from web.escape import esc
from web.marks import segments, span_in_chunk, window
from web.texts import Texts
from web.texts_source import source_texts

Cited = tuple[int, Citation]
"""A citation and the 1-based number of the sentence that makes it, which links marks to buttons."""


def place(collection: str, number: int, cites: Sequence[Citation], hit: Hit | None = None) -> str:
    """What the script sends to have a source shown, as an attribute's value: the places cited, or
    where none is, the passage `hit`."""
    if hit is not None and not cites:
        chunk = hit.chunk
        document, page = chunk.document_id, chunk.page
        spans, quotes = [(chunk.start, chunk.end)], [chunk.text]
    else:
        document, page = cites[0].document_id, cites[0].page
        spans, quotes = [(c.start, c.end) for c in cites], [c.quote for c in cites]
    asked = {"collection": collection, "document": document, "page": page}
    asked |= {"spans": spans, "quotes": quotes, "number": str(number) if cites else ""}
    return esc(json.dumps(asked, ensure_ascii=False))


def sources(answer: Answer, collection: str, prefix: str, t: Texts) -> str:
    """The passages beside an answer: the cited ones, then, folded, the others. For a refusal the
    nearest ones, openly."""
    by_number: dict[int, list[Cited]] = {}
    for sentence_number, sentence in enumerate(answer.sentences, 1):
        for citation in sentence.citations:
            by_number.setdefault(citation.number, []).append((sentence_number, citation))
    numbered = list(enumerate(answer.hits, 1))
    if not numbered:
        return ""

    def card(number: int, hit: Hit) -> str:
        return _card(number, hit, by_number.get(number, []), collection, f"{prefix}-s{number}", t)

    cited = "".join(card(n, hit) for n, hit in numbered if n in by_number)
    others = [card(n, hit) for n, hit in numbered if n not in by_number]
    if answer.status == "abstained" and not cited:
        head = f"<h3>{esc(t.nearest)}</h3><p>{esc(t.abstained_help)}</p>"
        return (
            f'<aside class="pl-sources" aria-label="{esc(t.nearest)}">{head}{"".join(others)}'
            "</aside>"
        )
    if others:
        summary = esc(t.other_passages.format(count=len(others)))
        cited += (
            f'<details class="pl-others"><summary>{summary}</summary>{"".join(others)}</details>'
        )
    return (
        f'<aside class="pl-sources" aria-label="{esc(t.sources)}">'
        f"<h3>{esc(t.sources)}</h3>{cited}</aside>"
    )


def _card(
    number: int, hit: Hit, cites: Sequence[Cited], collection: str, card: str, t: Texts
) -> str:
    heading = f'<p class="pl-heading">{esc(hit.chunk.heading)}</p>' if hit.chunk.heading else ""
    passage, cut = _passage(hit, cites, t)
    more = (
        f'<button type="button" class="pl-more" aria-expanded="false" data-other="{esc(t.less)}" '
        f'aria-controls="{card}">{esc(t.whole_passage)}</button>'
        if cut
        else ""
    )
    where = placed(hit.unit, hit.chunk.page, hit.label, t.language)
    asked = place(collection, number, [citation for _, citation in cites], hit)
    return (
        f'<section class="pl-card" id="{card}" aria-labelledby="{card}-t">'
        f'<p class="pl-card-title" id="{card}-t"><span class="pl-number">{number}</span>'
        f'<bdi class="pl-document">{esc(hit.document)}</bdi>'
        f'<span class="pl-page">{esc(where)}</span></p>'
        f'{heading}<div class="pl-passage">{passage}</div>'
        f'<div class="pl-card-foot"><button type="button" class="pl-open-source" '
        f'data-place="{asked}">{esc(source_texts(t.language).open_beside)}</button>{more}</div>'
        "</section>"
    )


def _passage(hit: Hit, cites: Sequence[Cited], t: Texts) -> tuple[str, bool]:
    """The passage's markup, and whether part of it is folded away."""
    text = hit.chunk.text
    spans = [(n, span) for n, citation in cites if (span := span_in_chunk(citation, hit.chunk))]
    start, end = window(text, [span for _, span in spans])
    if any(isinstance(block, Table) for block in blocks(text)):
        start, end = 0, len(text)
    inside = [(n, (left - start, right - start)) for n, (left, right) in spans]
    shown = _shown(text[start:end], inside, t)
    before = f'<span class="pl-folded">{esc(text[:start])}</span>' if start else ""
    after = f'<span class="pl-folded">{esc(text[end:])}</span>' if end < len(text) else ""
    lead = '<span class="pl-ellipsis">… </span>' if start else ""
    trail = '<span class="pl-ellipsis"> …</span>' if end < len(text) else ""
    return before + lead + shown + trail + after, bool(before or after)


def _shown(text: str, spans: Sequence[tuple[int, Span]], t: Texts) -> str:
    def draw(left: int, right: int, upto: int) -> str:
        inside = [
            (n, (max(start, left) - left, min(end, right) - left))
            for n, (start, end) in spans
            if start < right and left < end
        ]
        return "".join(
            f'<mark data-sentences="{" ".join(map(str, one.sentences))}">{esc(one.text)}</mark>'
            if one.sentences
            else esc(one.text)
            for one in segments(text[left:right], inside)
        )

    return laid_out(text, draw, esc, source_texts(t.language).table)
