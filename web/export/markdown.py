"""A transcript as Markdown. Text of people and documents is escaped: it makes no markup."""

from __future__ import annotations

import re

from web.export.transcript import Reply, Transcript, table_of

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
_LINE_START = re.compile(r"^(\s*)([-+=])|^(\s*\d+)([.)](?!\S))", re.MULTILINE)


def to_markdown(told: Transcript) -> bytes:
    """The file in UTF-8."""
    parts = [f"# {_plain(told.title)}", _plain(told.facts)]
    for reply in told.replies:
        parts += _reply(reply, told.heading)
    return ("\n\n".join(parts) + "\n").encode()


def _reply(reply: Reply, heading: str) -> list[str]:
    parts = [f"## {_plain(reply.question)}"]
    if reply.status:
        parts.append(f"**{_plain(reply.status)}**")
    if reply.said:
        parts.append("".join(_sentence(s.text, s.numbers, s.standing) for s in reply.said))
    parts += [f"*{_plain(note)}*" for note in reply.notes if note.strip()]
    if reply.evidence:
        parts.append(f"### {_plain(heading)}")
        for one in reply.evidence:
            quotes = "\n>\n".join(map(_quoted, one.quotes))
            parts += [f"\\[{one.number}\\] {_plain(one.place)}", quotes]
    return parts


def _quoted(quote: str) -> str:
    """A block quote; rows of a table as a table with an empty head: which one it is is unknown."""
    rows = [list(map(_plain, row)) for row in table_of(quote)]
    if not rows:
        return f"> {_plain(quote)}"
    head = [[" "] * len(rows[0]), ["---"] * len(rows[0])]
    return "\n".join(f"> | {' | '.join(row)} |" for row in [*head, *rows])


def _sentence(text: str, numbers: tuple[int, ...], standing: str) -> str:
    marks = "".join(f" \\[{number}\\]" for number in numbers)
    word = f" *({_plain(standing)})*" if standing else ""
    lead = text[: len(text) - len(text.lstrip())]
    return f"{lead}{_escaped(text.strip())}{marks}{word}"


def _plain(text: str) -> str:
    """In one line, without markup."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return _LINE_START.sub(r"\1\3\\\2\4", _MARKUP.sub(r"\\\1", text))
