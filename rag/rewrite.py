"""Rewrite: a follow-up becomes a question that stands alone, by rules first.

Three kinds of follow-up are recognised: "what about X" (the part of the earlier question that X
replaces is replaced), a pronoun (what it stands for is put in its place), and a question too short
to stand alone (the earlier question's subject is added). Only a follow-up that no rule resolves is
given to the language model, and its proposal is taken only if every word of it was said before.
The result is shown to the user, who may edit it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from langchain_core.language_models import BaseChatModel

from rag.mentions import Mention, ends_like, ends_noun_phrase, mentions, narrowed
from rag.rarity import content_terms
from rag.rephrase import proposed
from rag.text import detect_language
from rag.topic import topic, with_topic
from rag.types import Turn

_ABOUT_EN = re.compile(
    r"^(?:and|but|ok(?:ay)?,?|so|then|well,?)?[\s,]*(?:what|how) about\s+(?P<new>.+?)\s*[?.!]*$"
    r"|^(?:and|or|but)\s+(?P<bare>(?!(?:who|what|when|where|why|how|which|is|are|was|were|do|does|"
    r"did|can|could|will|would|should|may|must|has|have)\b).+?)\s*[?.!]*$",
    re.IGNORECASE,
)
_ABOUT_ZH = re.compile(
    r"^(?:那么?|还有|而|那如果是|换成|如果是)?[,，]?(?P<new>[^？?]{1,24}?)(?:的话)?呢[？?。！]*$"
    r"|^(?:那么|那|还有|换成|如果是)(?P<bare>[^？?，,]{1,14})[？?]*$"
)
_PRONOUN_EN = re.compile(
    r"\b(?P<poss>its|their|his|her(?= [a-z])|whose)\b"
    r"|\b(?P<person>he|she|him|her)\b"
    r"|\b(?P<thing>it|they|them|this one|that one|this|these|those"
    r"|that(?! (?:is|the|a|we|you|i|are)\b))(?!\s+(?:\w+\s+)?(?:is it|possible to)\b)",
    re.IGNORECASE,
)
_PRONOUN_ZH = re.compile(
    r"(?P<person>他们|她们|他|她)|(?P<thing>它们|它|该(?![^，。？]{0,2}应)|此(?![外时])|(?:这|那)(?:个|项|款|份|家|种|台|条|位|次)?(?!么|里|样|边|些年|天|时候))"
    r"|(?P<poss>其(?![他它余中实]))"
)
_DANGLING_EN = re.compile(
    r"^(?:and|but|so|then|also)\b|\b(?:instead|as well|too|the same|the other|there|then)\s*[?.!]*$"
    r"|^(?:why|how|when|where|who|which|how (?:much|many|long|often|far))"
    r"(?: (?:so|not|else|exactly))?\s*\?*$",
    re.IGNORECASE,
)
_DANGLING_ZH = re.compile(
    r"^(?:那么?|还有|另外|然后|而且)(?!些|时)|(?:呢|那里|那边|当时)[？?]*$"
    r"|^(?:为什么|为何|怎么(?:办|样)?|多少钱?|多久|谁|何时|哪里|哪儿|什么时候|有哪些)[？?]*$"
)
_AND_EN = re.compile(r"^(?:and|but|so|then|also)\b[\s,]*", re.IGNORECASE)
_AND_ZH = re.compile(r"^(?:那么?|还有|另外|然后|而且)[，,]?")
_WHOLE_TERMS = 3
"""Content words from which a question that begins with "and" is whole."""
_WHOLE_NOUNS = 3
"""Things that a Chinese question speaks of from which it is whole, though it names nothing."""
_SHORT_TERMS = 2
_PREPOSITION = re.compile(
    r"^(?P<prep>in|for|at|on|with|from|by|under|during|after|before|to|of)\s+(?P<rest>.+)$", re.I
)
_PLURAL = ("they", "them", "their", "these", "those")
_END = " ?？!！.。"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """`question` stands alone; `by` says what made it so ("none": it did already)."""

    question: str
    by: Literal["none", "rules", "model"]


def standalone(
    question: str, history: Sequence[Turn], chat: BaseChatModel | None = None
) -> Rewrite:
    """The question as it must be asked without `history` (oldest turn first)."""
    if not history:
        return Rewrite(question, "none")
    earlier = _resolved_earlier(history)
    if not needs_history(question):
        added = _with_name(question, earlier)
        return Rewrite(added or question, "rules" if added else "none")
    if (ruled := by_rules(question, earlier, history[-1].answer)) is not None:
        return Rewrite(_naming(ruled, history) if _has_pronoun(question) else ruled, "rules")
    if (added := _continued(question, history)) is not None:
        return Rewrite(added, "rules")
    if chat is not None and (written := proposed(question, history[-1], chat)) is not None:
        return Rewrite(written, "model")
    return Rewrite(_with_subject(question, earlier), "rules")


def _with_name(question: str, earlier: str) -> str | None:
    """A Chinese question that names nothing, with what the earlier one named: Chinese leaves out
    a subject that is understood, and no pronoun shows the gap. One that speaks of several things
    is taken to be whole."""
    if not detect_language(question) == detect_language(earlier) == "zh":
        return None
    own = mentions(question)
    if len(own) >= _WHOLE_NOUNS or any(m.kind != "noun" for m in own):
        return None
    named = [m for m in mentions(earlier) if m.kind == "name"]
    return f"{question.strip(_END)}（{named[0].text}）？" if named else None


def needs_history(question: str) -> bool:
    """Whether the question leans on what was said before."""
    if detect_language(question) == "zh":
        leaning = _PRONOUN_ZH.search(question) or _DANGLING_ZH.search(question.strip())
        few = _SHORT_TERMS
    else:
        leaning = _PRONOUN_EN.search(question) or _DANGLING_EN.search(question.strip())
        leaning = leaning or _ABOUT_EN.search(question.strip())
        few = _SHORT_TERMS
    return bool(leaning) or len(set(content_terms(question))) < few


def _continued(question: str, history: Sequence[Turn]) -> str | None:
    """A question that is whole but for its "and", with what the conversation is about."""
    begun = (_AND_ZH if detect_language(question) == "zh" else _AND_EN).match(question)
    whole = question[begun.end() :] if begun else ""
    if len(set(content_terms(whole))) < _WHOLE_TERMS or _has_pronoun(whole):
        return None
    named = _topic(history) or [m.text for m in mentions(history[0].question)][:1]
    return with_topic(whole[:1].upper() + whole[1:], named)


def _naming(question: str, history: Sequence[Turn]) -> str:
    """A question whose pronoun was resolved with what the conversation is about, if it names
    nothing: "the cabinets" are those of the bulletin that was asked about."""
    if any(m.kind != "noun" for m in mentions(question)):
        return question
    return with_topic(question, _topic(history))


def _topic(history: Sequence[Turn]) -> list[str]:
    return topic([turn.question for turn in history], needs_history)


def _resolved_earlier(history: Sequence[Turn]) -> str:
    """The last earlier question, itself made to stand alone by the turns before it."""
    earlier = history[0].question
    for before, turn in pairwise(history):
        if needs_history(turn.question):
            ruled = by_rules(turn.question, earlier, before.answer)
            earlier = ruled or _with_subject(turn.question, earlier)
        else:
            earlier = turn.question
    return earlier


def by_rules(question: str, earlier: str, answer: str) -> str | None:
    """The stand-alone question by the rules for "what about X" and pronouns, if one applies."""
    pattern = _ABOUT_ZH if detect_language(question) == "zh" else _ABOUT_EN
    if match := pattern.search(question.strip()):
        new = (match.group("new") or match.group("bare")).strip(_END + ",，")
        if content_terms(new) and not _has_pronoun(new):
            return _swapped(earlier, new)
    return _resolved(question, earlier, answer)


def _has_pronoun(text: str) -> bool:
    return bool(_PRONOUN_EN.search(text) or _PRONOUN_ZH.search(text))


def _swapped(earlier: str, new: str) -> str:
    """`earlier` with the thing of the kind of `new` replaced by it."""
    preposition = _PREPOSITION.match(new)
    thing = preposition.group("rest") if preposition else new
    old = (
        _counterpart(earlier, thing, preposition, least=2)
        or _modifier(earlier, thing)
        or _counterpart(earlier, thing, preposition, least=1)
    )
    if old is None:
        end = "？" if detect_language(earlier) == "zh" else "?"
        return f"{earlier.strip(_END)} — {new}{end}"
    article = re.match(r"(?:the|a|an)\s+", thing, re.IGNORECASE)
    doubled = article and re.search(r"\b(?:the|a|an)\s+$", earlier[: old.start], re.IGNORECASE)
    thing = thing[article.end() :] if article and doubled else thing
    return earlier[: old.start] + thing + earlier[old.end :]


def _modifier(earlier: str, thing: str) -> Mention | None:
    """For a thing without a name: what stands before the last 的 of a Chinese question, back to
    another 的 or a time: whose or which thing it asks about."""
    place = earlier.rfind("的")
    if place < 0 or any(m.kind != "noun" for m in mentions(thing)):
        return None
    times = [m.end for m in mentions(earlier) if m.kind == "time" and m.end <= place]
    start = max([earlier.rfind("的", 0, place) + 1, *times])
    return Mention(earlier[start:place], start, place, "noun") if start < place else None


def _counterpart(
    earlier: str, thing: str, preposition: re.Match[str] | None, *, least: int
) -> Mention | None:
    """What in `earlier` the new thing stands in for: of its kind (worth 1) and, best, sharing a
    word or its preposition (worth 2 each); the last of the best, because the last named is what
    usually changes. None if nothing is worth `least`."""
    kind = max((m.kind for m in mentions(thing)), key=_telling, default="noun")
    options = []
    for place, old in enumerate(mentions(earlier)):
        if (kind == "time") != (old.kind == "time"):
            continue
        before = earlier[: old.start].lower().split()
        same_preposition = preposition and preposition.group("prep").lower() in before[-2:]
        alike = set(content_terms(old.text)) & set(content_terms(thing))
        alike_ending = detect_language(thing) == "zh" and ends_like(old, thing)
        fit = (
            2 * bool(same_preposition)
            + 2 * bool(alike or alike_ending)
            + (2 if old.kind == kind == "time" else old.kind == kind)
        )
        options.append((fit, place, old))
    if not options:
        return None
    fit, _, old = max(options, key=lambda option: option[:2])
    if fit < least:
        return None
    if old.kind == "time" or detect_language(thing) != "zh":
        return old
    return narrowed(old, thing)


def _telling(kind: str) -> int:
    return ("noun", "name", "person", "time").index(kind)


def _resolved(question: str, earlier: str, answer: str) -> str | None:
    """`question` with its first pronoun replaced by what it stands for."""
    chinese = detect_language(question) == "zh"
    match = (_PRONOUN_ZH if chinese else _PRONOUN_EN).search(question)
    if not match:
        return None
    groups = match.groupdict()
    person = bool(groups.get("person")) or (match.group().lower() in ("his", "her"))
    plural = match.group().lower() in _PLURAL
    if (referent := _referent(earlier, answer, person=person, plural=plural)) is None:
        return None
    if groups.get("poss"):
        ending = "的" if chinese else ("'" if referent.endswith("s") else "'s")
        referent += ending
    before, after = question[: match.start()], question[match.end() :]
    return f"{before}{referent}{after}"


def _referent(earlier: str, answer: str, *, person: bool, plural: bool) -> str | None:
    """What a pronoun stands for: a person named in the question or the answer, or else the first
    name, or else the last noun phrase (of the pronoun's number), of the earlier question."""
    asked = mentions(earlier)
    if person:
        people = [m for m in (*asked, *mentions(answer)) if m.kind == "person"]
        return people[0].text if people else None
    if plural and (several := [m for m in asked if m.text.endswith("s")]):
        return f"the {several[-1].text}"
    for kind in ("name", "noun", "person"):
        if found := [m for m in asked if m.kind == kind]:
            return _widened(earlier, found[0] if kind == "name" else found[-1])
    return None


def _widened(text: str, mention: Mention) -> str:
    """The mention with the nouns that follow it directly: "P200" in "the P200 pump"."""
    if detect_language(text) == "zh":
        return mention.text
    after = re.match(r"(?:\s+[a-z][\w-]*){1,2}", text[mention.end :])
    before = re.search(r"\b(?:the|our|your)\s+$", text[: mention.start], re.IGNORECASE)
    words = after.group().split() if after and before else []
    tail = []
    for word in words:
        if not content_terms(word) or ends_noun_phrase(word) or word.endswith(("ed", "s")):
            break
        tail.append(word)
    return " ".join(
        filter(None, [before.group().strip().lower() if before else "", mention.text, *tail])
    )


def _with_subject(question: str, earlier: str) -> str:
    """Question and earlier question together: longer than need be, but it loses nothing."""
    if detect_language(question) == "zh":
        return f"{question.strip(_END)}（关于：{earlier.strip(_END)}）？"
    return f"{question.strip(_END)} (about: {earlier.strip(_END)})?"
