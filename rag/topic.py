"""Topic: what a conversation is about, as far as its questions name it.

Of each kind (name, person, time) the last that was named holds, through all follow-ups, until a
question that stands alone names something else: "Gold contract, 2026" stays what "and how quickly
is an engineer on site?" is about. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.mentions import Mention, ends_noun_phrase, mentions
from rag.rarity import content_terms
from rag.text import detect_language

_NAMED = ("name", "person")
_FOLLOWING = re.compile(r"\s+([a-z][\w-]*)")
_MOST_FOLLOWING = 2


def topic(questions: Sequence[str], leans: Callable[[str], bool]) -> list[str]:
    """What the questions (oldest first) are about, as a follow-up would have to name it: names,
    persons and times. `leans` tells a follow-up."""
    held: dict[str, list[str]] = {}
    for question in questions:
        own = _named(question)
        held = held | own if leans(question) or not own else own
    return [text for kind in held for text in held[kind]]


def with_topic(question: str, named: Sequence[str]) -> str:
    """`question` with those of the names that it lacks added in brackets."""
    said = question.lower()
    missing = [name for name in dict.fromkeys(named) if name.lower() not in said]
    if not missing:
        return question
    bare = question.strip(" ?？!！.。")
    if detect_language(question) == "zh":
        return f"{bare}（{'，'.join(missing)}）？"
    return f"{bare} ({', '.join(missing)})?"


def _named(question: str) -> dict[str, list[str]]:
    """Names and persons are one kind: a person that is asked about replaces a product."""
    found: dict[str, list[str]] = {}
    for mention in mentions(question):
        if mention.kind in _NAMED:
            found.setdefault("name", []).append(_whole(question, mention))
        elif mention.kind == "time":
            found.setdefault("time", []).append(_whole(question, mention))
    return found


def _whole(text: str, mention: Mention) -> str:
    """The mention with the nouns that follow it: "Gold contract", "2026 travel policy". A product's
    number is whole by itself."""
    is_number = mention.kind == "name" and any(c.isdigit() for c in mention.text)
    if detect_language(text) == "zh" or is_number:
        return mention.text
    end = mention.end
    for _ in range(_MOST_FOLLOWING):
        word = _FOLLOWING.match(text, end)
        if word is None or not content_terms(word.group(1)) or _is_verb(word.group(1)):
            break
        end = word.end()
    return text[mention.start : end]


def _is_verb(word: str) -> bool:
    return ends_noun_phrase(word) or word.endswith("ed")
