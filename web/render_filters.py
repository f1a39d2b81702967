"""The filter of questions as HTML: its button, its fields, what was asked of. Pure."""

from __future__ import annotations

from web.escape import esc
from web.filters import Choices, Only
from web.texts_filters import FilterTexts


def filter_button(collection: str, t: FilterTexts) -> str:
    """The button that opens the fields; the script puts what is chosen beside it."""
    return (
        f'<div class="pl-filters" data-collection="{esc(collection)}" data-clear="{esc(t.clear)}">'
        f'<button type="button" class="pl-quiet pl-filters-open" aria-expanded="false">'
        f'{esc(t.filter)}</button><span class="pl-filters-chosen"></span>'
        '<div class="pl-filters-fields" hidden></div></div>'
    )


def fields(found: Choices, t: FilterTexts) -> str:
    """A field for each thing that documents can be told apart by."""
    parts = [_select("document", t.document, found.documents, t)]
    if found.tags:
        parts.append(_select("tag", t.tag, found.tags, t))
    if found.dated:
        parts += [
            f'<label>{esc(word)} <input type="date" name="{name}" /></label>'
            for name, word in (("since", t.since), ("until", t.until))
        ]
    return "".join(parts)


def _select(name: str, word: str, values: tuple[str, ...], t: FilterTexts) -> str:
    options = "".join(f'<option value="{esc(value)}">{esc(value)}</option>' for value in values)
    return (
        f'<label>{esc(word)} <select name="{name}"><option value="">{esc(t.all)}</option>'
        f"{options}</select></label>"
    )


def asked_of(chosen: Only, t: FilterTexts) -> str:
    """Of what a question was asked, below it; nothing where it was everything."""
    told = (
        (t.document, chosen.document),
        (t.tag, chosen.tag),
        (t.since, chosen.since),
        (t.until, chosen.until),
    )
    said = " · ".join(f"{word}: {value}" for word, value in told if value)
    return f'<p class="pl-searched">{esc(t.filter)}: {esc(said)}</p>' if said else ""
