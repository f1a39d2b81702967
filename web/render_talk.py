"""The list of conversations and the welcome of an empty one as HTML. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from web.conversations import Conversation
from web.escape import esc
from web.texts import Texts, counted
from web.texts_talk import TalkTexts, talk_texts


def welcome(documents: int, suggested: Sequence[str], t: Texts) -> str:
    """What the conversation shows before the first question."""
    body = counted(t.empty_body, documents) if documents else t.empty_no_documents
    offered = ""
    if suggested:
        buttons = "".join(
            f'<li><button type="button" class="pl-suggestion" data-act="suggest" '
            f'data-text="{esc(one)}">{esc(one)}</button></li>'
            for one in suggested
        )
        title = esc(talk_texts(t.language).suggestions)
        offered = f'<p class="pl-suggestions-title">{title}</p><ul>{buttons}</ul>'
    return (
        f'<div class="pl-empty"><p class="pl-empty-title">{esc(t.empty_title)}</p>'
        f'<p>{esc(body)}</p><div class="pl-suggestions">{offered}</div></div>'
    )


def conversation_list(found: Sequence[Conversation], searched: bool, t: TalkTexts) -> str:
    """The user's conversations, each to be opened, renamed and deleted."""
    if not found:
        return f'<p class="pl-none">{esc(t.none_found if searched else t.none)}</p>'
    return f'<ul class="pl-talks">{"".join(_row(one, t) for one in found)}</ul>'


def _row(one: Conversation, t: TalkTexts) -> str:
    facts = f"{one.updated[:10]} · {counted(t.questions, one.exchanges)} · {one.collection}"
    name = esc(one.title)
    return (
        f'<li data-talk="{esc(one.id)}"><button type="button" class="pl-talk-open">'
        f'<bdi class="pl-talk-title">{name}</bdi>'
        f'<span class="pl-small">{esc(facts)}</span></button>'
        f'<span class="pl-talk-actions"><button type="button" class="pl-icon pl-talk-rename" '
        f'aria-label="{esc(t.rename)}: {name}" title="{esc(t.rename)}">✎</button>'
        f'<button type="button" class="pl-icon pl-talk-delete" '
        f'aria-label="{esc(t.delete)}: {name}" title="{esc(t.delete)}">✕</button></span></li>'
    )


def drawer(days: int | None, t: TalkTexts) -> str:
    """The drawer around the list, which the script fills; `days` is how long conversations are
    kept: 0 for ever, None until Plumbline stops."""
    told = t.not_kept if days is None else t.kept_for.format(days=days) if days else ""
    note = f'<p class="pl-word">{esc(told)}</p>' if told else ""
    words = {
        "rename": t.rename,
        "confirm": t.delete_confirm,
        "yes": t.delete_yes,
        "no": t.keep,
    }
    told = " ".join(f'data-{name}="{esc(word)}"' for name, word in words.items())
    return (
        f'<div class="pl-drawer-head" {told}><h2 id="pl-drawer-title" tabindex="-1">'
        f"{esc(t.conversations)}</h2>"
        f'<button type="button" class="pl-icon pl-drawer-close" aria-label="{esc(t.close)}" '
        f'title="{esc(t.close)}">✕</button></div>{note}'
        f'<input type="search" class="pl-talk-search" aria-label="{esc(t.search)}" '
        f'placeholder="{esc(t.search)}" /><div class="pl-talk-list" aria-live="polite"></div>'
    )
