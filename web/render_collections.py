"""The bar that names a collection and changes it, as HTML. Pure; `static/collections.js` opens its
forms."""

from __future__ import annotations

from web.belongings import Belongings
from web.escape import esc
from web.texts_collections import CollectionTexts


def collection_bar(name: str, *, managed: bool, makes: bool, t: CollectionTexts) -> str:
    """The collection's name, with buttons for who may rename and remove it, or make another."""
    buttons = []
    if makes:
        buttons.append(_opener("new", "", t.new, t.make, t))
    if managed and name:
        buttons.append(_opener("rename", name, t.rename, t.save, t))
        buttons.append(
            f'<button type="button" class="pl-quiet" data-collection-removes="{esc(name)}" '
            f'data-yes="{esc(t.yes)}" data-no="{esc(t.cancel)}">{esc(t.remove)}</button>'
        )
    shown = f'<span class="pl-small">{esc(t.title)}</span> <bdi>{esc(name)}</bdi>' if name else ""
    return (
        f'<div class="pl-collection-bar" data-collection="{esc(name)}"><h2>{shown}</h2>'
        f'<span class="pl-acts">{" ".join(buttons)}</span></div>'
        '<div class="pl-collection-form" aria-live="polite"></div>'
    )


def _opener(action: str, name: str, word: str, send: str, t: CollectionTexts) -> str:
    told = {"name": t.name, "help": t.name_help, "send": send, "cancel": t.cancel}
    words = " ".join(f'data-{key}="{esc(value)}"' for key, value in told.items())
    return (
        f'<button type="button" class="pl-quiet" data-collection-does="{action}" '
        f'data-current="{esc(name)}" {words}>{esc(word)}</button>'
    )


def going(name: str, held: Belongings, t: CollectionTexts) -> str:
    """What goes with a collection, for who is about to remove it."""
    return f"<p>{esc(t.going(name, held))} <strong>{esc(t.last)}</strong></p>"
