"""Watched folders and how they stand, as HTML. Pure; `static/watches.js` fetches it."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.watch_state import Watched
from web.escape import esc
from web.texts import Texts, counted
from web.texts_watches import WatchTexts


def watches(collection: str, found: Sequence[Watched], t: WatchTexts, words: Texts) -> str:
    """The folders followed for a collection, and the command that follows one."""
    command = f"plumb ingest DIR --watch --collection {collection}"
    items = "".join(_watch(collection, one, t, words) for one in found)
    return (
        f'<details class="pl-watching"{" open" if found else ""}><summary>{esc(t.title)}'
        f"{f' ({len(found)})' if found else ''}</summary>"
        f"{f'<ul>{items}</ul>' if items else ''}"
        f'<p class="pl-help">{esc(t.help)}</p>'
        f'<pre class="pl-command">{esc(command)}</pre></details>'
    )


def _watch(collection: str, one: Watched, t: WatchTexts, words: Texts) -> str:
    state = t.running if one.running else t.stopped
    sign, kind = ("●", "good") if one.running else ("○", "off")
    looked = t.looked.format(time=_time(one.looked)) if one.looked else t.not_looked
    lines = []
    if one.running and one.reading:
        told = t.reading.format(name=one.reading, number=one.number, total=one.total)
        lines.append(f"<p>{esc(told)}</p>")
    if one.trouble:
        lines.append(f'<p class="pl-caution">{esc(one.trouble)}</p>')
    waiting, unread, vanished = one.counts
    why = [
        f"{path.path} ({words.changes.get(path.change, path.change)}): {path.reason}"
        for path in one.unread
    ]
    lines += [
        _files(t.waiting, waiting, one.waiting, t),
        _files(t.unread, unread, why, t),
        _files(t.vanished, vanished, one.vanished, t),
    ]
    if not any(lines) and one.looked:
        lines.append(f'<p class="pl-small">{esc(t.nothing)}</p>')
    forget = (
        ""
        if one.running
        else f' <button type="button" class="pl-quiet" data-watch-forget="{esc(one.key)}" '
        f'data-collection="{esc(collection)}">{esc(t.forget)}</button>'
    )
    return (
        f"<li><bdi>{esc(', '.join(one.folders))}</bdi> "
        f'<span class="pl-watch-state pl-is-{kind}"><span aria-hidden="true">{sign}</span> '
        f'{esc(state)}</span> <span class="pl-small">{esc(looked)}</span>{forget}'
        f"{''.join(lines)}</li>"
    )


def _files(told: str, count: int, names: Sequence[str], t: WatchTexts) -> str:
    """How many files there are of a kind, their names folded away."""
    if not count:
        return ""
    items = "".join(f"<li><bdi>{esc(name)}</bdi></li>" for name in names)
    if count > len(names):
        items += f"<li>{esc(t.more.format(count=count - len(names)))}</li>"
    return f"<details><summary>{esc(counted(told, count))}</summary><ul>{items}</ul></details>"


def _time(told: str) -> str:
    """A time as a person reads it."""
    return told.replace("T", " ").replace("+00:00", " UTC")
