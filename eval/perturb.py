"""Changing texts on purpose: claims into false ones, questions into harder ones.

Pure functions; all chance comes from the `random.Random` given. Rules over characters, so that no
model is needed and the result is the same everywhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from eval.metrics.facts import names
from eval.metrics.text import is_chinese
from eval.types import LabelledPair
from rag.text import CJK, detect_language, sentence_spans

MIN_WORDS = {"en": 8, "zh": 12}
"""Sentences shorter than this many words (Chinese: characters) make poor claims."""

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|should|must)\b")
_HAN_VERB = re.compile(r"(是|有|会|能|可以|应当|必须|需要)")
_NOT_AFTER = re.compile(r"(?<=\w)(?: not|n't)\b")
_HAN_NEGATED = re.compile("不(?=[是会能可应需])|没(?=有)")
_BETWEEN = re.compile(r"\bfrom ([\w'-]+) to ([\w'-]+)|\b([\w'-]+) (?:than|before|after) ([\w'-]+)")
_HAN_BETWEEN = re.compile(
    f"从([{CJK}]{{2,4}}?)到([{CJK}]{{2,4}})|([{CJK}]{{2,3}})比([{CJK}]{{2,3}})"
)

Change = Callable[[str, random.Random, Sequence[str]], str | None]


def change_number(sentence: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """One number replaced by another of the same shape; None without a number."""
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    return sentence[: match.start()] + _other_number(match.group(), rng) + sentence[match.end() :]


def change_name(sentence: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One proper name replaced by another of the text; None where there are not two."""
    own = sorted(names(sentence))
    foreign = sorted({n for text in others for n in names(text)} - set(own))
    foreign = [n for n in foreign if n not in sentence.lower()]
    if not own or not foreign:
        return None
    old, new = rng.choice(own), rng.choice(foreign)
    changed = re.sub(re.escape(old), lambda _: new.title(), sentence, count=1, flags=re.IGNORECASE)
    return changed if changed != sentence else None


def change_negation(sentence: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """A `not` put in or taken out; None where no place for it is found."""
    if detect_language(sentence) == "zh":
        if _HAN_NEGATED.search(sentence):
            return _HAN_NEGATED.sub("", sentence, count=1)
        match = _HAN_VERB.search(sentence)
        if match is None:
            return None
        verb = match.group()
        return sentence[: match.start()] + _han_not(verb) + sentence[match.end() :]
    if _NOT_AFTER.search(sentence):
        return _NOT_AFTER.sub("", sentence, count=1)
    found = list(_AUXILIARY.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}"


def swap_relation(sentence: str, _: random.Random, __: Sequence[str]) -> str | None:
    """Two sides of a relation exchanged (from A to B, A before B, A 比 B); None without one."""
    pattern = _HAN_BETWEEN if detect_language(sentence) == "zh" else _BETWEEN
    match = pattern.search(sentence)
    if match is None:
        return None
    left, right = (1, 2) if match.group(1) else (3, 4)
    (a, b), (c, d) = match.span(left), match.span(right)
    if sentence[a:b] == sentence[c:d]:
        return None
    return sentence[:a] + sentence[c:d] + sentence[b:c] + sentence[a:b] + sentence[d:]


CHANGES: dict[str, Change] = {
    "number": change_number,
    "name": change_name,
    "negation": change_negation,
    "relation": swap_relation,
}


def perturbed_pairs(texts: Sequence[str], count: int, seed: int) -> list[LabelledPair]:
    """Up to `count` claims about the texts, half of them true and half made false.

    A true claim is a sentence of the text as it stands; a false one is such a sentence with one
    thing changed, the kinds in turn. Evidence is the whole text. Deterministic in `seed`.
    """
    rng = random.Random(seed)
    places = [(i, a, b) for i, t in enumerate(texts) for a, b in sentence_spans(t)]
    rng.shuffle(places)
    kinds = list(CHANGES)
    pairs: list[LabelledPair] = []
    for place, start, end in places:
        if len(pairs) >= count:
            break
        text, sentence = texts[place], texts[place][start:end]
        if not _long_enough(sentence):
            continue
        others = [texts[(place + step) % len(texts)] for step in (0, 1, 2)]
        made = _false_claim(sentence, text, kinds, rng, others)
        if made is None:
            continue
        kind, claim = made
        kinds.append(kinds.pop(kinds.index(kind)))
        language = detect_language(sentence)
        name = f"{place}-{start}"
        pairs.append(LabelledPair(f"{name}-t", sentence, (text,), True, language, "", "unchanged"))
        pairs.append(LabelledPair(f"{name}-f", claim, (text,), False, language, "", kind))
    return pairs[:count]


def typos(question: str, rng: random.Random) -> str:
    """About one slip in ten words (Chinese: characters): neighbours exchanged or one left out."""
    units = list(question) if is_chinese(question) else question.split(" ")
    candidates = [i for i, u in enumerate(units) if u.isalpha() and _room_for_slip(u)]
    for place in rng.sample(candidates, min(len(candidates), max(1, len(units) // 10))):
        units[place] = _slip(units, place, rng)
    return "".join(units) if is_chinese(question) else " ".join(units)


def paraphrase(question: str, rng: random.Random) -> str:
    """The same question put another way, by rules: wrapped, or its question word exchanged."""
    if detect_language(question) == "zh":
        core = question.strip().rstrip("？?。")
        swapped = re.sub("什么时候|何时", "哪一天", core) if rng.random() < 0.5 else core
        return rng.choice(("请问{}？", "我想了解一下，{}？", "能告诉我{}吗？")).format(swapped)
    core = question.strip().rstrip("?. ")
    lowered = core if core[:2].isupper() else core[:1].lower() + core[1:]
    wraps = ("I would like to know: {}?", "According to the documents, {}?", "Tell me, {}?")
    return rng.choice(wraps).format(lowered)


def _false_claim(
    sentence: str,
    text: str,
    kinds: Sequence[str],
    rng: random.Random,
    others: Sequence[str],
) -> tuple[str, str] | None:
    """The first kind of change that works and whose result does not stand in the text anyway."""
    for kind in kinds:
        claim = CHANGES[kind](sentence, rng, others)
        if claim is not None and claim != sentence and claim not in text:
            return kind, claim
    return None


def _other_number(number: str, rng: random.Random) -> str:
    plain = number.replace(",", "")
    digits = len(plain.split(".")[0])
    while True:
        if digits == 4 and plain.isdigit() and plain[:2] in ("18", "19", "20"):
            new = str(int(plain) + rng.choice([-9, -7, -4, -2, 2, 3, 5, 8]))
        else:
            new = "".join(
                c if not c.isdigit() else str(rng.randint(1 if i == 0 else 0, 9))
                for i, c in enumerate(plain)
            )
        if new != plain:
            return f"{int(new):,}" if "," in number and new.isdigit() else new


def _han_not(verb: str) -> str:
    return "没有" if verb == "有" else f"不{verb}"


def _long_enough(sentence: str) -> bool:
    language = detect_language(sentence)
    size = len(sentence) if language == "zh" else len(sentence.split())
    return size >= MIN_WORDS[language]


def _room_for_slip(unit: str) -> bool:
    return is_chinese(unit) or len(unit) > 3


def _slip(units: Sequence[str], place: int, rng: random.Random) -> str:
    unit = units[place]
    if is_chinese(unit):
        return ""
    spot = rng.randrange(1, len(unit) - 1)
    if rng.random() < 0.5:
        return unit[:spot] + unit[spot + 1 :]
    return unit[:spot] + unit[spot + 1] + unit[spot] + unit[spot + 2 :]
