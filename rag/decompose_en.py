"""Decompose English: two questions joined by "and", one about two things, or about a change.

Enough grammar to complete what the later question leaves out, and no more. Pure functions.
"""

from __future__ import annotations

import re

from rag.mentions import mentions
from rag.part import END, Part

_FEWEST_WORDS = 3
_PREPOSITION = r"(?:for|in|at|on|to|by|until|since|from|of|under|with|during|after|before)"
_WH = r"(?:how|what|when|where|who|whom|which|why)"
_AUX = (
    r"(?:does|do|did|is|are|was|were|can|could|will|would|should|has|have|had|must|may|might|need)"
)
_ASKS_EN = re.compile(rf"\b{_WH}\b|^{_AUX}\b|,\s*{_AUX}\b", re.IGNORECASE)
_SECOND_EN = re.compile(
    rf"(?:\?\s+(?:and\s+)?|,?\s+and\s+)"
    rf"(?=(?:{_PREPOSITION}\s+)?{_WH}\b"
    rf"|{_AUX}\s+(?:the|a|an|it|its|they|their|this|these|he|she|[A-Z0-9]))"
)
_SHORT_WITH_PLACE = re.compile(
    rf"^(?:{_PREPOSITION}\s+)?(?:how\s+(?:long|many|much|often|far)|what|when|where|which)\s+"
    rf"(?P<new>(?P<prep>{_PREPOSITION})\s+.+)$",
    re.IGNORECASE,
)
_SHORT = re.compile(
    rf"^(?:(?:{_PREPOSITION}\s+)?how\s+(?:long|many|much|often|far)|when|where|why"
    rf"|{_PREPOSITION}\s+(?:what|which|whom)(?:\s+[\w-]+){{0,3}})$",
    re.IGNORECASE,
)
_ASKING_PHRASE = re.compile(
    rf"^(?P<asking>(?:{_PREPOSITION}\s+)?{_WH}\b[^,?]*?)\s+(?={_AUX}\b)", re.IGNORECASE
)
_ASKS_WHICH_EN = re.compile(
    rf"^(?:{_PREPOSITION}\s+)?(?:who|whom|which|what\s+(?!{_AUX}\b)\w+)\b", re.IGNORECASE
)
_LEAD_EN = re.compile(rf"^(?P<lead>[^,?]+,\s+)(?=(?:{_PREPOSITION}\s+)?{_WH}\b|{_AUX}\b)", re.I)
_REST_OF_NAME = re.compile(
    r"\s+(?!\w+(?:ed|ing|ly)\b|first\b|last\b|ever\b|still\b)[a-z]+(?=\s+\w)"
)
_LINK_EN = re.compile(r"\s+(?:of|in|for|with|at|from)\s+(?:(?:the|an|a)\s+)?")
_LEANS_EN = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|his|her|this|that|these|those)\b", re.I
)
_POINTS_EN = re.compile(
    r"\b(?:this|these|those|that(?!\s+(?:the|an?|it|they|he|she|is|are|was|were)\b))\b", re.I
)
_CHANGE_EN = re.compile(
    r"^how\s+(?:did|has|have|does|do)\s+(?P<thing>.+?)\s+(?:changed?|developed?|moved?)\s+"
    r"from\s+(?P<old>.+?)\s+to\s+(?P<new>.+)$",
    re.IGNORECASE,
)


def two_en(text: str) -> list[Part]:
    """Two or three questions joined by "and" or standing in a row."""
    pieces = [piece.strip(END) for piece in _SECOND_EN.split(text)]
    if len(pieces) < 2 or not _ASKS_EN.search(pieces[0]) or len(pieces[0].split()) < 3:
        return []
    whole = [Part(pieces[0])]
    for piece in pieces[1:]:
        completed = _completed_en(piece, pieces[0])
        if completed is None:
            return []
        whole.append(completed)
    return whole


def _completed_en(piece: str, first: str) -> Part | None:
    """The later question `piece` with what it leaves out; None if that is not to be known."""
    leaning = _LEANS_EN.search(piece)
    if _POINTS_EN.search(piece) or (leaning and _ASKS_WHICH_EN.match(first)):
        return Part(piece, leans=True) if len(piece.split()) >= _FEWEST_WORDS else None
    text = _completed_text_en(piece, first)
    return None if text is None else Part(text)


def _completed_text_en(piece: str, first: str) -> str | None:
    if place := _SHORT_WITH_PLACE.match(piece):
        return _replaced(first, place.group("prep"), place.group("new"))
    lead = led.group("lead") if (led := _LEAD_EN.match(first)) else ""
    first = first[len(lead) :]
    if _SHORT.match(piece):
        asking = _ASKING_PHRASE.match(first)
        return lead + piece + first[asking.end("asking") :] if asking else None
    if leaning := _LEANS_EN.search(piece):
        subject = _subject_en(first)
        if subject is None or _POINTS_EN.match(leaning.group()):
            return None
        possessive = leaning.group().lower() in ("its", "their", "his") or (
            leaning.group().lower() == "her" and piece[leaning.end() :].strip()
        )
        if possessive:
            subject += "'" if subject.endswith("s") else "'s"
        return f"{lead}{piece[: leaning.start()]}{subject}{piece[leaning.end() :]}"
    if any(m.kind != "noun" for m in mentions(piece)):
        return piece
    if len(piece.split()) < _FEWEST_WORDS:
        return None
    named = [m.text for m in mentions(first) if m.kind in ("name", "person")]
    return f"{lead}{piece} ({', '.join(named)})" if named else lead + piece


def _subject_en(first: str) -> str | None:
    """The first thing that a question speaks of after its verb, with what belongs to it."""
    asking = _ASKING_PHRASE.match(first) or re.match("", first)
    assert asking is not None
    found = [m for m in mentions(first) if m.start >= asking.end()]
    if not found:
        return None
    start, end = found[0].start, found[0].end
    for thing in found[1:]:
        if _LINK_EN.fullmatch(first[end : thing.start]):
            end = thing.end
    if after := _REST_OF_NAME.match(first, end):
        end = after.end()
    article = re.search(r"\b(?:the|an|a|our|your)\s+$", first[:start], re.IGNORECASE)
    return first[article.start() if article else start : end].strip()


def _replaced(first: str, preposition: str, new: str) -> str | None:
    """`first` with the phrase of that preposition, up to the last thing of the kind of `new`,
    replaced by `new`."""
    told = [m for m in mentions(new) if m.kind != "noun"]
    if not told:
        return None
    kinds, ending = {m.kind for m in told}, new[told[-1].end :].strip()
    for start in [m.start() for m in re.finditer(rf"\b{preposition}\b", first, re.I)][::-1]:
        alike = [m for m in mentions(first) if m.start > start and m.kind in kinds]
        if alike:
            rest = first[alike[-1].end :]
            repeats = ending and rest.lstrip().startswith(ending)
            return first[:start] + new + (rest.lstrip()[len(ending) :] if repeats else rest)
    return None


def each_en(text: str) -> list[str]:
    """One question about two things of a kind joined by "and", or about a change."""
    text = text.strip(END)
    if change := _CHANGE_EN.match(text):
        old, new, thing = change.group("old", "new", "thing")
        tail = new.split()[len(old.split()) :]
        return [f"What was {thing} in {' '.join([old, *tail])}", f"What is {thing} in {new}"]
    for joint in re.finditer(r"\s+and\s+", text):
        right = text[joint.end() :]
        preposition = re.match(rf"({_PREPOSITION})\s", right, re.IGNORECASE)
        named = _sorts if preposition else _numbered
        if preposition:
            starts = re.finditer(rf"\b{preposition.group(1)}\b", text[: joint.start()], re.I)
            start = max((m.start() for m in starts), default=-1)
            end = len(text)
        else:
            start, end = _bounds_en(text, joint.start(), joint.end())
        left, right = text[max(0, start) : joint.start()], text[joint.end() : end]
        if start < 0 or not named(left) & named(right):
            continue
        head, tail = text[:start], text[end:]
        return [head + left + tail, head + right + tail]
    return []


def _bounds_en(text: str, left_end: int, right_start: int) -> tuple[int, int]:
    """Where the things begin and end that stand directly before and after "and"; (-1, -1) if
    nothing with a name, a code or a time does."""
    articles = r"(?:(?:the|an|a)\s+)?"
    before = [m for m in mentions(text) if m.end == left_end and m.kind != "noun"]
    article = re.match(articles, text[right_start:])
    after_start = right_start + (article.end() if article else 0)
    after = [m for m in mentions(text) if m.start == after_start and m.kind != "noun"]
    if not before or not after:
        return -1, -1
    led = re.search(articles + "$", text[: before[0].start])
    return before[0].start - (len(led.group()) if led else 0), after[0].end


def _sorts(text: str) -> set[str]:
    """What sorts of things with a name the text speaks of: times, and others."""
    return {"time" if m.kind == "time" else "name" for m in mentions(text) if m.kind != "noun"}


def _numbered(text: str) -> set[str]:
    """Like `_sorts`, but only things with a digit: other names may be two halves of one."""
    found = [m for m in mentions(text) if m.kind != "noun" and re.search(r"\d", m.text)]
    return {"time" if m.kind == "time" else "name" for m in found}
