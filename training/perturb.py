"""Change a sentence so that it no longer says what it said, or so that it still does.

Pure: a sentence, a pool of replacements and a random generator go in; the new sentence and the
spans that are now wrong come out. English and simplified Chinese.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.text import detect_language
from rag.types import Span
from training.entities import MONTHS, Entity, find_entities
from training.lexicon import (
    ADDITIONS_EN,
    ADDITIONS_ZH,
    AFFIRMATIONS_ZH,
    AUXILIARIES_EN,
    NEGATIONS_EN,
    NEGATIONS_ZH,
    OPPOSITES_EN,
    OPPOSITES_ZH,
)

Pool = Mapping[str, Sequence[str]]
"""Entity type to texts of that type, to take replacements from."""

_HAN_DIGITS = "一二三四五六七八九"
_CLAUSE = re.compile(r"(?<!\d)[,，;；]\s*|[,，;；]\s*(?!\d)")
_AUXILIARY = re.compile(rf"\b(?:{'|'.join(AUXILIARIES_EN)})\b(?! not|n't)")
_PARENTHESES = re.compile(r"\s?[(（][^()（）]*[)）]")


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A changed sentence. `spans` are the 0-based character spans of `text` that are not
    supported any more by what supported the original; empty if it still says the same."""

    text: str
    spans: tuple[Span, ...]
    kind: str


Perturbation = Callable[[str, Pool, random.Random], Perturbed | None]


def falsify(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """One random falsifying change; None if none fits the sentence."""
    changes = list(FALSIFYING)
    rng.shuffle(changes)
    for change in changes:
        done = change(sentence, pool, rng)
        if done is not None and done.text != sentence:
            return done
    return None


def change_number(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """Another number or year in the same form."""
    entity = _pick(sentence, ("number", "year"), rng)
    if entity is None:
        return None
    if entity.type == "year":
        new = str(int(entity.text) + rng.choice((-1, 1)) * rng.choice((1, 2, 3, 7, 10, 20, 50)))
    elif entity.text[0].isdigit():
        new = _other_digits(entity.text, rng)
    else:
        i = rng.randrange(len(entity.text))
        old = entity.text[i]
        new = entity.text[:i] + rng.choice(_HAN_DIGITS) + entity.text[i + 1 :]
        if old not in _HAN_DIGITS or new == entity.text:
            return None
    return _replace(sentence, entity.start, entity.end, new, "number")


def change_name(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """Another person, place, title or organisation from the pool."""
    entity = _pick(sentence, ("person", "place", "name", "title", "month"), rng)
    if entity is None:
        return None
    choices = MONTHS if entity.type == "month" else pool.get(entity.type, ())
    if not choices:
        return None
    new = rng.choice(choices)
    if new in sentence or entity.text in new:
        return None
    return _replace(sentence, entity.start, entity.end, new, "name")


def swap_names(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """Two entities of one type change places: who did what to whom is turned round."""
    entities = find_entities(sentence)
    pairs = [
        (a, b)
        for i, a in enumerate(entities)
        for b in entities[i + 1 :]
        if a.type == b.type and a.text not in b.text and b.text not in a.text
    ]
    pairs = [(a, b) for a, b in pairs if not _listed(sentence, a, b)]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    text = f"{sentence[: a.start]}{b.text}{sentence[a.end : b.start]}{a.text}{sentence[b.end :]}"
    shift = len(b.text) - len(a.text)
    spans = ((a.start, a.start + len(b.text)), (b.start + shift, b.end))
    return Perturbed(text, spans, "swap")


def negate(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """Negate an affirmed statement or affirm a negated one."""
    if detect_language(sentence) == "zh":
        return _exchange(sentence, rng.choice((NEGATIONS_ZH, AFFIRMATIONS_ZH)), "negation")
    for old, new in NEGATIONS_EN:
        if old in sentence:
            at = sentence.index(old)
            return _replace(sentence, at, at + len(old), new, "negation")
    places = list(_AUXILIARY.finditer(sentence))
    if not places:
        return None
    at = rng.choice(places).end()
    return _replace(sentence, at, at, rng.choice((" not", " not", " never")), "negation")


def oppose(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """A word becomes its opposite or sibling: a relation, a direction, a rank, a unit."""
    chinese = detect_language(sentence) == "zh"
    pairs = OPPOSITES_ZH if chinese else OPPOSITES_EN
    both_ways = [*pairs, *(pair[::-1] for pair in pairs)]
    rng.shuffle(both_ways)
    for old, new in both_ways:
        pattern = re.escape(old) if chinese else rf"\b{re.escape(old)}\b"
        if match := re.search(pattern, sentence):
            return _replace(sentence, *match.span(), new, "opposite")
    return None


def add_claim(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """A statement that nothing supports is added at the end."""
    if detect_language(sentence) == "zh":
        body, extra = sentence.rstrip("。！？.!?"), "," + rng.choice(ADDITIONS_ZH)
        return Perturbed(f"{body}{extra}。", ((len(body), len(body) + len(extra)),), "added")
    extra = rng.choice(ADDITIONS_EN)
    body = sentence.rstrip(".!?")
    joint = ". " if extra.startswith("I ") else ", "
    return Perturbed(f"{body}{joint}{extra}.", ((len(body), len(body) + len(extra) + 2),), "added")


def graft_clause(sentence: str, pool: Pool, rng: random.Random) -> Perturbed | None:
    """One clause is replaced by a clause of another text (`pool["clause"]`)."""
    others = pool.get("clause", ())
    cuts = [m.start() for m in _CLAUSE.finditer(sentence)]
    if not cuts or not others:
        return None
    at = rng.choice(cuts)
    new = rng.choice(others).strip("。.,， ")
    if at < 6 or new in sentence:
        return None
    chinese = detect_language(sentence) == "zh"
    head = sentence[:at] + ("," if chinese else ", ")
    text = head + new + ("。" if chinese else ".")
    return Perturbed(text, ((len(head), len(head) + len(new)),), "grafted")


FALSIFYING: tuple[Perturbation, ...] = (
    change_number,
    change_name,
    change_name,
    swap_names,
    negate,
    oppose,
    oppose,
    add_claim,
    graft_clause,
)


def keep_meaning(sentence: str, rng: random.Random) -> str:
    """A sentence that says the same or less: parentheses or last clauses dropped, another
    spelling of numbers, the order of a leading time turned round; often the sentence itself."""
    changed = sentence
    if rng.random() < 0.5:
        changed = _PARENTHESES.sub("", changed)
    if rng.random() < 0.35:
        changed = _shorten(changed, rng)
    if rng.random() < 0.3:
        changed = _respell(changed, rng)
    if rng.random() < 0.2:
        changed = _move_time(changed)
    return changed


def _shorten(sentence: str, rng: random.Random) -> str:
    cuts = [m.start() for m in _CLAUSE.finditer(sentence)]
    cuts = [at for at in cuts if at > 0.4 * len(sentence)]
    if not cuts:
        return sentence
    end = "。" if detect_language(sentence) == "zh" else "."
    return sentence[: rng.choice(cuts)] + end


def _respell(sentence: str, rng: random.Random) -> str:
    def spell(match: re.Match[str]) -> str:
        digits = match.group()
        if "," in digits:
            return digits.replace(",", "")
        return f"{int(digits):,}" if len(digits) > 4 and digits[0] != "0" else digits

    changed = re.sub(
        r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])|(?<![\d.,])\d{5,}(?![\d.,])", spell, sentence
    )
    if detect_language(sentence) == "zh":
        for han, digit in zip(_HAN_DIGITS, "123456789", strict=True):
            if rng.random() < 0.5:
                changed = re.sub(
                    rf"(?<![一-十百千\d第]){han}(?=[个名位次座人岁年月])", digit, changed
                )
    return changed


def _move_time(sentence: str) -> str:
    match = re.fullmatch(r"(In (?:\w+ )?\d{4}), ([^,]+)\.", sentence)
    if match:
        body = match.group(2)
        return f"{body[0].upper()}{body[1:]} {match.group(1)[0].lower()}{match.group(1)[1:]}."
    return sentence


def _pick(sentence: str, types: Sequence[str], rng: random.Random) -> Entity | None:
    entities = [entity for entity in find_entities(sentence) if entity.type in types]
    return rng.choice(entities) if entities else None


def _replace(sentence: str, start: int, end: int, new: str, kind: str) -> Perturbed:
    text = sentence[:start] + new + sentence[end:]
    stop = start + max(len(new), 1)
    return Perturbed(text, ((start, min(stop, len(text))),), kind)


def _exchange(sentence: str, pairs: Sequence[tuple[str, str]], kind: str) -> Perturbed | None:
    for old, new in pairs:
        if old in sentence:
            at = sentence.index(old)
            return _replace(sentence, at, at + len(old), new, kind)
    return None


def _other_digits(text: str, rng: random.Random) -> str:
    value = int(re.sub(r"\D", "", text)) if re.search(r"\d", text) else 0
    if value < 20 and re.fullmatch(r"\d+", text):
        return str(max(0, value + rng.choice((-3, -2, -1, 1, 2, 3, 5))) or value + 1)
    places = [i for i, char in enumerate(text) if char.isdigit()]
    i = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != text[i]])
    return text[:i] + digit + text[i + 1 :]


def _listed(sentence: str, a: Entity, b: Entity) -> bool:
    """Whether two entities are items of one list, where order says nothing."""
    between = sentence[a.end : b.start].strip()
    return len(between) <= 4 and bool(re.fullmatch(r"[、,，/和与及]|and|or|, and|》、《|", between))
