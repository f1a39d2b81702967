"""What the makers of pairs have in common: the sources by article and language, and how to draw."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rag.crossinput import Pair
from rag.text import detect_language
from rag.types import Span
from training.entities import find_entities
from training.perturb import Perturbed, Pool, change_name, change_number, falsify
from training.sources import Paragraph, Question, Sources

_WINDOW_CHARS = {"zh": (20, 130), "en": (60, 360)}


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled pair. `spans` are 0-based character spans: of the claim, what is unsupported; of
    the evidence if there is no claim, the answer. None: the tokens carry no label."""

    pair: Pair
    label: bool
    spans: tuple[Span, ...] | None
    kind: str


class Drawer:
    """Draws from sources with one random generator, which all makers of a `PairMaker` share."""

    def __init__(self, sources: Sources, rng: random.Random) -> None:
        self.rng = rng
        self.sources = sources
        self.by_article: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in sources.paragraphs:
            self.by_article[paragraph.article].append(paragraph)
        self.asked = {
            name: [p for p in sources.paragraphs if p.source == name and p.questions]
            for name in ("drcd", "policyqa")
        }
        self.asked["english"] = [
            p for p in sources.paragraphs if p.source in ("wice", "pubmedqa") and p.questions
        ]
        self.texts = {
            name: [p for p in sources.paragraphs if p.source == name]
            for name in ("drcd", "policyqa", "pubmedqa", "wice")
        }
        self.pools = _pools(sources.paragraphs)

    def window(self, paragraph: Paragraph, at: int) -> range:
        """Consecutive sentences around `at`, a random amount of them."""
        low, high = _WINDOW_CHARS[paragraph.language]
        room = self.rng.uniform(low, high) - len(paragraph.sentences[at])
        start, end = at, at + 1
        while room > 0 and (start > 0 or end < len(paragraph.sentences)):
            back = start > 0 and (end >= len(paragraph.sentences) or self.rng.random() < 0.5)
            room -= len(paragraph.sentences[start - 1 if back else end])
            if room < 0:
                break
            start, end = (start - 1, end) if back else (start, end + 1)
        return range(start, end)

    def asked_of_drcd(self) -> tuple[Paragraph, Question, str]:
        """A paragraph of DRCD, one of its questions, and a window that answers it."""
        paragraph = self.rng.choice(self.asked["drcd"])
        question = self.rng.choice(paragraph.questions)
        return paragraph, question, paragraph.join(self.window(paragraph, question.sentence))

    def other_question(self, question: Question, evidence: str) -> str | None:
        """The question with another year, number, name or opposite, which the evidence lacks."""
        pool = self.pools[detect_language(question.text)]
        for change in self.rng.sample((change_name, change_number, falsify), 3):
            changed = change(question.text, pool, self.rng)
            if changed and changed.kind != "added" and not stands_in(changed, evidence):
                return changed.text
        return None


def answered(question: Question, evidence: str, kind: str) -> Example:
    """The question with evidence that answers it, the answer marked where it stands."""
    at = evidence.find(question.answer)
    spans = ((at, at + len(question.answer)),) if at >= 0 else None
    return Example(Pair(question.text, "", evidence), True, spans, kind)


def _pools(paragraphs: Sequence[Paragraph]) -> dict[str, Pool]:
    pools: dict[str, dict[str, set[str]]] = {"zh": defaultdict(set), "en": defaultdict(set)}
    for paragraph in paragraphs:
        pool = pools[paragraph.language]
        for sentence in paragraph.sentences:
            for entity in find_entities(sentence):
                if 1 < len(entity.text) < 30:
                    pool[entity.type].add(entity.text)
            for clause in re.split(r"[,;]", sentence)[1:]:
                if 6 < len(clause) < 90:
                    pool["clause"].add(clause)
    return {
        language: {name: tuple(sorted(texts)) for name, texts in pool.items()}
        for language, pool in pools.items()
    }


def stands_in(changed: Perturbed, evidence: str) -> bool:
    """Whether the changed words happen to stand in the evidence with what precedes them."""
    if changed.kind not in ("name", "number"):
        return False
    start, end = changed.spans[0]
    return changed.text[max(0, start - 4) : end] in evidence


def shape(answer: str) -> str:
    """year, number, long or text: what may be mistaken for it has the same."""
    if re.search(r"\d{3,4}年|^\d{4}$", answer):
        return "year"
    if re.search(r"\d|[一二三四五六七八九十百千万]+[个名人年月日次]", answer):
        return "number"
    return "long" if len(answer) > 12 else "text"


def apart(a: str, b: str) -> bool:
    """Whether neither is part of the other."""
    return a not in b and b not in a
