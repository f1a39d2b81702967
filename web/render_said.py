"""The form for a document's tags and fields as HTML. Pure; `static/said.js` opens it."""

from __future__ import annotations

from rag.types import DocumentInfo
from web.escape import esc
from web.said import as_lines, as_tags
from web.texts_said import SaidTexts


def opener(document_id: str, name: str, t: SaidTexts) -> str:
    """The button that opens the form below its row."""
    return (
        f'<button type="button" class="pl-quiet pl-said-open" data-document="{esc(document_id)}" '
        f'aria-expanded="false" aria-label="{esc(t.edit)}: {esc(name)}">{esc(t.edit)}</button> '
    )


def form(info: DocumentInfo, t: SaidTexts) -> str:
    """The form, filled with what is said now."""
    day = str(info.metadata.get("date") or "")[:10]
    return (
        f'<form class="pl-said-form" data-document="{esc(info.document_id)}">'
        f'<label class="pl-said-tags">{esc(t.tags)} '
        f'<span class="pl-small">{esc(t.tags_help)}</span>'
        f'<input name="tags" value="{esc(as_tags(info))}" maxlength="5000" /></label>'
        f'<label>{esc(t.date)}<input type="date" name="date" value="{esc(day)}" /></label>'
        f'<label class="pl-said-fields">{esc(t.fields)} '
        f'<span class="pl-small">{esc(t.fields_help)}</span>'
        f'<textarea name="fields" rows="2" maxlength="20000">{esc(as_lines(info))}</textarea>'
        f'</label><p class="pl-said-news" role="alert"></p>'
        f'<button type="submit" class="pl-send">{esc(t.save)}</button> '
        f'<button type="button" class="pl-quiet pl-said-cancel">{esc(t.cancel)}</button></form>'
    )
