"""What a summary is on the page: which documents a button means, and how far one is.

Knows nothing of Gradio; words come from `texts_summary`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.types import DocumentInfo, Language, Progress
from web.exchange import Exchange
from web.texts_summary import summary_texts
from web.work import Wish


def wish_of(data: Mapping[str, Any], last: Exchange | None, language: str) -> Wish | None:
    """The summary that a button's event asks for: of chosen documents, of a section of those of the
    last summary, or the last one again; None for another event."""
    act = data.get("act")
    told: Language = "zh" if language == "zh" else "en"
    if act == "summarise" and isinstance(data.get("documents"), list):
        chosen = tuple(str(one) for one in data["documents"] if str(one))
        return Wish(chosen, "", told) if chosen else None
    if last is None or not last.summarised:
        return None
    if act == "section" and data.get("text"):
        return Wish(last.summarised, str(data["text"]), told)
    return Wish(last.summarised, last.section, told) if act == "again" else None


def asked_for(wish: Wish, documents: Sequence[DocumentInfo], language: str) -> str:
    """The wish in words, the documents by their names."""
    words = summary_texts(language)
    names = {info.document_id: info.name for info in documents}
    told = words.between.join(names.get(key, key) for key in wish.documents)
    form = words.section if wish.section else words.asked
    return form.format(documents=told, section=wish.section)


def stage(progress: Progress, language: str) -> str:
    """What is being written."""
    words = summary_texts(language)
    if progress.done and not progress.title:
        return words.overview
    number, total = progress.done + 1, progress.total
    return words.part.format(number=number, total=total, title=progress.title).rstrip("：: ")
