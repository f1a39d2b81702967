"""The list of documents, the receipt of an upload, and the page's frame as HTML. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import urlencode

from rag.store.folder import UPLOADS
from rag.types import DocumentInfo
from web import render_said
from web.engine import Readiness
from web.escape import esc
from web.filters import tags_of
from web.texts import LANGUAGE_NAMES, LANGUAGES, Texts, counted
from web.texts_said import said_texts
from web.texts_shelf import shelf_texts
from web.texts_summary import summary_texts
from web.texts_talk import talk_texts
from web.work import FileOutcome, Reading


def brand(t: Texts) -> str:
    """The button that lists the conversations, name and tagline."""
    talks = esc(talk_texts(t.language).conversations)
    return (
        f'<div class="pl-brand" lang="{t.html_lang}"><button type="button" '
        f'class="pl-talks-button" aria-expanded="false" aria-label="{talks}" title="{talks}">☰'
        f"</button><div><h1>Plumbline</h1><p>{esc(t.tagline)}</p></div></div>"
    )


def language_switch(t: Texts) -> str:
    """One button per language, the current one pressed."""
    buttons = "".join(
        f'<button type="button" data-language="{code}" lang="{code}" '
        f'aria-pressed="{str(code == t.language).lower()}">{LANGUAGE_NAMES[code]}</button>'
        for code in LANGUAGES
    )
    return (
        f'<div class="pl-languages" role="group" aria-label="{esc(t.language_switch)}">'
        f"{buttons}</div>"
    )


def readiness(state: Readiness, t: Texts) -> str:
    """One line saying whether the models are there."""
    if state.phase == "loading":
        words = str(getattr(t, f"loading_{state.step}"))
    elif state.phase == "failed":
        words = t.failed.format(reason=state.problem)
    else:
        words = t.ready
    return (
        f'<p class="pl-status pl-{state.phase}" role="status">'
        f'<span class="pl-lamp"></span>{esc(words)}</p>'
    )


def documents_label(count: int, t: Texts) -> str:
    """The tab's label, with how many documents there are."""
    return f"{t.documents_tab} ({count})" if count else t.documents_tab


def document_list(documents: Sequence[DocumentInfo], t: Texts, collection: str) -> str:
    """A table of documents to be searched, each with buttons to preview, download, replace and
    remove it, and a question before it goes."""
    if not documents:
        return f'<p class="pl-none">{esc(t.no_documents)}</p>'
    told = shelf_texts(t.language)
    columns = (t.document, t.pages, t.passages, told.state, told.size, t.added)
    head = "".join(f'<th scope="col">{esc(word)}</th>' for word in columns)
    rows = "".join(_document_row(document, collection, t) for document in documents)
    return (
        f'<input type="search" class="pl-filter" aria-label="{esc(told.search)}" '
        f'placeholder="{esc(told.search)}" />'
        f'<button type="button" class="pl-quiet pl-summarise-chosen" hidden>'
        f"{esc(summary_texts(t.language).summarise_chosen)}</button>"
        '<table class="pl-table pl-documents"><thead><tr>'
        f'{head}<th scope="col"><span class="pl-hidden">{esc(t.actions)}</span></th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _document_row(document: DocumentInfo, collection: str, t: Texts) -> str:
    told = shelf_texts(t.language)
    summary = summary_texts(t.language)
    name, document_id = esc(document.name), esc(document.document_id)
    place = {"collection": collection, "document": document.document_id}
    preview = esc(json.dumps({**place, "page": 1, "preview": True}))
    label = esc(told.preview.format(document=document.name))
    uploaded = ""
    if PurePath(document.path).parts[-3:-1] == (collection, UPLOADS):
        # What came in another way is replaced, and described, where it lies.
        uploaded = render_said.opener(
            document.document_id, document.name, said_texts(t.language)
        ) + (
            f'<button type="button" class="pl-quiet pl-replace" data-name="{name}" '
            f'aria-label="{esc(told.replace)}: {name}">{esc(told.replace)}</button> '
        )
    without = document.pages_without_text
    state = f'<span class="pl-whole">{esc(told.whole)}</span>'
    if without:
        words = esc(counted(t.pages_without_text, without))
        state = f'<span class="pl-caution">{words}</span>'
    return (
        f'<tr><th scope="row"><input type="checkbox" class="pl-pick" value="{document_id}" '
        f'aria-label="{esc(summary.choose.format(document=document.name))}" /> '
        f'<button type="button" class="pl-preview" data-place="{preview}" '
        f'title="{label}"><bdi>{name}</bdi></button>{_said(document)}</th>'
        f"{cell(t.pages, str(document.pages))}{cell(t.passages, str(document.chunks))}"
        f"{cell(told.state, state)}{cell(told.size, size(document.bytes))}"
        f"{cell(t.added, f'<time>{esc(document.added_at[:10])}</time>')}"
        f'<td class="pl-actions"><span class="pl-acts">'
        f'<button type="button" class="pl-quiet pl-summarise" data-document="{document_id}" '
        f'aria-label="{esc(summary.summarise_one.format(document=document.name))}">'
        f"{esc(summary.summarise)}</button> "
        f'<a class="pl-quiet" href="/page/file?{esc(urlencode(place))}" download '
        f'aria-label="{esc(told.download)}: {name}">{esc(told.download)}</a> '
        f'{uploaded}<button type="button" class="pl-remove" '
        f'aria-label="{esc(t.remove)}: {name}">{esc(t.remove)}</button></span>'
        f'<span class="pl-confirm" role="group" aria-label="{esc(t.remove_confirm)}">'
        f'<span class="pl-confirm-text">{esc(t.remove_confirm)}</span> '
        f'<button type="button" class="pl-yes" data-document="{document_id}">'
        f"{esc(t.remove_yes)}</button> "
        f'<button type="button" class="pl-no">{esc(t.cancel)}</button></span></td></tr>'
    )


def _said(document: DocumentInfo) -> str:
    """The document's own date and its tags."""
    date = document.metadata.get("date")
    shown = f'<span class="pl-small">{esc(str(date))}</span>' if date else ""
    tags = "".join(f'<span class="pl-tag">{esc(tag)}</span>' for tag in tags_of(document))
    return f"{shown}<div>{tags}</div>" if tags else shown


def size(count: int) -> str:
    """Bytes as a person reads them."""
    if count < 1000:
        return f"{count} B"
    kilo = count / 1000
    return f"{kilo:.0f} kB" if kilo < 1000 else f"{kilo / 1000:.1f} MB"


def _pages(pages: int, without_text: int, t: Texts) -> str:
    if not without_text:
        return str(pages)
    note = esc(counted(t.pages_without_text, without_text))
    return f'{pages} <span class="pl-caution">{note}</span>'


def cell(label: str, markup: str) -> str:
    """A cell that carries its column's name, for the narrow layout."""
    return f'<td data-label="{esc(label)}">{markup}</td>'


def upload_help(limit_mb: int, t: Texts) -> str:
    """What may be uploaded."""
    return f'<p class="pl-help">{esc(t.add_help.format(limit=limit_mb))}</p>'


def in_progress(reading: Reading | None, t: Texts) -> str:
    """What ingestion is doing, and at which step; None when nothing is known yet."""
    words, at, bar = t.uploading, 0, ""
    if reading is not None:
        at = 1 if reading.stage == "read" else 2
        done = min(reading.done + 1, reading.total)
        words = t.in_progress.format(name=reading.name, done=done, total=reading.total)
        bar = (
            f'<progress class="pl-progress" value="{reading.fraction:.3f}" max="1" '
            f'aria-label="{esc(words)}"></progress>'
        )
    told = shelf_texts(t.language)
    names = (told.stage_received, told.stage_read, told.stage_embed)
    steps = "".join(
        f"<li{' aria-current=step' if number == at else ''}>"
        f'<span aria-hidden="true">{"✓" if number < at else number + 1}</span> {esc(name)}</li>'
        for number, name in enumerate(names)
    )
    return (
        f'<p class="pl-stage" role="status"><span class="pl-dots"></span>{esc(words)}</p>'
        f'<ol class="pl-steps" aria-label="{esc(told.stages)}">{steps}</ol>{bar}'
    )


def receipt(outcomes: Sequence[FileOutcome], t: Texts) -> str:
    """What became of each file."""
    columns = (t.document, t.outcome, t.pages, t.passages, t.note)
    head = "".join(f'<th scope="col">{esc(word)}</th>' for word in columns)
    rows = "".join(_outcome_row(outcome, t) for outcome in outcomes)
    return (
        f'<h3 class="pl-receipt-title" role="status">{esc(t.receipt)}</h3>'
        f'<table class="pl-table pl-receipt"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _outcome_row(outcome: FileOutcome, t: Texts) -> str:
    change = esc(t.changes[outcome.change])
    read = outcome.change not in ("failed", "skipped")
    pages = _pages(outcome.pages, outcome.pages_without_text, t) if read else "–"
    notes = (outcome.reason, *outcome.missing)
    return (
        f'<tr><th scope="row"><bdi>{esc(outcome.name)}</bdi></th>'
        f'<td data-label="{esc(t.outcome)}"><span class="pl-change pl-{outcome.change}">'
        f"{change}</span></td>"
        f"{cell(t.pages, pages)}{cell(t.passages, str(outcome.chunks) if read else '–')}"
        f"{cell(t.note, esc('; '.join(filter(None, notes))))}</tr>"
    )


def notice(words: str) -> str:
    """One line of news."""
    return f'<p class="pl-notice" role="status">{esc(words)}</p>'


def problem(words: str) -> str:
    """One line of bad news."""
    return f'<p class="pl-problem" role="alert">{esc(words)}</p>'
