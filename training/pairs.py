"""Make labelled pairs for the cross-encoder out of the sources, endlessly and by seed.

Two kinds. Support: (question or nothing, claim, evidence), is the claim supported, and which of
its characters are not? Answerability: (question, evidence), does the evidence hold the answer, and
where? Negatives are made to be near misses: every shortcut by word overlap fails on some of them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.crossinput import Pair
from rag.text import detect_language
from rag.types import Span
from training.entities import find_entities
from training.facts import Facts
from training.perturb import Perturbed, Pool, change_name, change_number, falsify, keep_meaning
from training.restyle import lower_both, restyle
from training.sources import MarkedClaim, Paragraph, Question, Sources, Study

_WINDOW_CHARS = {"zh": (20, 130), "en": (60, 360)}


MIXES = {
    "even": {
        "sentence": 0.34, "answer": 0.14, "marked": 0.05, "study": 0.02, "fact": 0.12,
        "answerable": 0.28, "policy": 0.05,
    },
    "late": {
        "sentence": 0.36, "answer": 0.10, "marked": 0.05, "study": 0.02, "fact": 0.08,
        "answerable": 0.36, "policy": 0.03,
    },
}  # fmt: skip
"""Shares of the makers: `even` to begin with, `late` to go on with."""
_KEYWORD_SHARE = 0.3
"""Of the questions asked in the mix `late`, this share is put as a bare search phrase."""


_VAGUE = {
    "year": ("那一年", "当年", "后来", ""),
    "number": ("若干", "一些", "许多", ""),
    "text": ("有关方面", "某地", "某人", "一处", "其", ""),
    "long": ("等等", "如前所述", ""),
}
"""What stands in for an answer that is taken out of its passage, by the answer's shape."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled pair. `spans` are 0-based character spans: of the claim, what is unsupported; of
    the evidence if there is no claim, the answer. None: the tokens carry no label."""

    pair: Pair
    label: bool
    spans: tuple[Span, ...] | None
    kind: str


class PairMaker:
    """Draws examples from sources. Deterministic for one seed."""

    def __init__(self, sources: Sources, seed: int, mix: str = "even") -> None:
        self._rng = random.Random(seed)
        self._mix = mix
        self._facts = Facts(self._rng)
        self._sources = sources
        self._by_article: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in sources.paragraphs:
            self._by_article[paragraph.article].append(paragraph)
        self._asked = {
            name: [p for p in sources.paragraphs if p.source == name and p.questions]
            for name in ("drcd", "policyqa")
        }
        self._texts = {
            name: [p for p in sources.paragraphs if p.source == name]
            for name in ("drcd", "policyqa", "pubmedqa", "wice")
        }
        self._pools = _pools(sources.paragraphs)

    def stream(self) -> Iterator[Example]:
        """Examples without end."""
        makers: dict[str, Callable[[], Example | None]] = {
            "sentence": self._sentence_claim,
            "answer": self._answer_claim,
            "marked": self._marked_claim,
            "study": self._study_claim,
            "fact": self._fact,
            "answerable": self._answerable,
            "policy": self._policy_answerable,
        }
        functions = [makers[name] for name in MIXES[self._mix]]
        weights = list(MIXES[self._mix].values())
        while True:
            example = self._rng.choices(functions, weights)[0]()
            if example is not None:
                yield self._as_phrase(example)

    def _as_phrase(self, example: Example) -> Example:
        """Some questions without their question words, as people type them into a search box."""
        pair = example.pair
        if self._mix == "even" or pair.claim or self._rng.random() > _KEYWORD_SHARE:
            return example
        phrase = _ASKED.sub("", pair.question).rstrip("?。 吗呢")
        if detect_language(phrase) != "zh" or len(phrase) < 6:
            return example
        return replace(example, pair=Pair(phrase, "", pair.evidence))

    def _sentence_claim(self) -> Example | None:
        rng = self._rng
        source = rng.choices(("drcd", "policyqa", "pubmedqa", "wice"), (0.4, 0.1, 0.15, 0.35))[0]
        paragraph = rng.choice(self._texts[source])
        at = rng.randrange(len(paragraph.sentences))
        sentence = paragraph.sentences[at]
        if not (12 if paragraph.language == "zh" else 30) <= len(sentence) <= 400:
            return None
        window = self._window(paragraph, at)
        kind = rng.random()
        if kind < 0.40:
            claim = restyle(self._positive_claim(paragraph, at, window), rng)
            claim, evidence = lower_both(claim, paragraph.join(window), rng)
            return Example(Pair("", claim, evidence), True, (), "sentence+")
        evidence = paragraph.join(window)
        if kind < 0.52:
            return self._elsewhere(paragraph, evidence)
        base = restyle(keep_meaning(sentence, rng), rng)
        changed = falsify(base, self._pools[paragraph.language], rng)
        if changed is None or _stands_in(changed, evidence):
            return None
        if rng.random() < 0.15:
            again = falsify(changed.text, self._pools[paragraph.language], rng)
            if again is not None:
                whole = None if again.spans == changed.spans else again.spans
                return Example(Pair("", again.text, evidence), False, whole and None, "perturbed2")
        claim, evidence = lower_both(changed.text, evidence, rng)
        return Example(Pair("", claim, evidence), False, changed.spans, changed.kind)

    def _positive_claim(self, paragraph: Paragraph, at: int, window: range) -> str:
        claim = keep_meaning(paragraph.sentences[at], self._rng)
        if len(window) > 1 and self._rng.random() < 0.2:
            other = self._rng.choice([i for i in window if i != at])
            glue = "" if paragraph.language == "zh" else " "
            claim = glue.join((claim, keep_meaning(paragraph.sentences[other], self._rng)))
        return claim

    def _elsewhere(self, paragraph: Paragraph, evidence: str) -> Example | None:
        """A sentence of the same article that the evidence does not hold."""
        other = self._rng.choice(self._by_article[paragraph.article])
        claim = self._rng.choice(other.sentences)
        if claim[:20] in evidence or len(claim) < 8:
            return None
        return Example(Pair("", claim, evidence), False, None, "elsewhere")

    def _answer_claim(self) -> Example | None:
        """A question and an answer to it, as a statement or bare, against a window."""
        rng = self._rng
        paragraph = rng.choice(self._asked["drcd"])
        question = rng.choice(paragraph.questions)
        window = self._window(paragraph, question.sentence)
        evidence = paragraph.join(window)
        draw = rng.random()
        if draw < 0.45:
            claim = self._state(question.text, question.answer)
            claim = restyle(claim, rng)
            return self._claimed(question.text, claim, evidence, True, (), "answer+")
        if draw < 0.8:
            wrong = self._wrong_answer(paragraph, question, evidence)
            if wrong is None:
                return None
            claim = self._state(question.text, wrong)
            at = claim.find(wrong)
            spans = ((at, at + len(wrong)),)
            return self._claimed(question.text, claim, evidence, False, spans, "answer-wrong")
        asked = self._other_question(question, evidence)
        if asked is None:
            return None
        claim = self._state(asked, question.answer)
        return self._claimed(asked, claim, evidence, False, None, "answer-other")

    def _claimed(
        self,
        question: str,
        claim: str,
        evidence: str,
        label: bool,
        spans: tuple[Span, ...] | None,
        kind: str,
    ) -> Example:
        bare = len(claim) < 0.5 * len(question)
        shown = question if bare or self._rng.random() < 0.5 else ""
        return Example(Pair(shown, claim, evidence), label, spans, kind)

    def _state(self, question: str, answer: str) -> str:
        """A statement made of a Chinese question and its answer, or the bare answer."""
        if self._rng.random() < 0.85:
            statement = declare(question, answer)
            if statement is not None:
                return statement
        return self._rng.choice((f"{answer}。", f"答案是{answer}。", answer))

    def _wrong_answer(self, paragraph: Paragraph, question: Question, evidence: str) -> str | None:
        shape = _shape(question.answer)
        inside = [q.answer for q in paragraph.questions] + [e.text for e in find_entities(evidence)]
        fitting = [
            a
            for a in inside
            if _shape(a) == shape and a not in question.text and _apart(a, question.answer)
        ]
        if fitting and self._rng.random() < 0.8:
            return self._rng.choice(fitting)
        changed = change_number(question.answer, {}, self._rng) or change_name(
            question.answer, self._pools["zh"], self._rng
        )
        return changed.text if changed and changed.text not in evidence else None

    def _other_question(self, question: Question, evidence: str) -> str | None:
        """The question with another year, number, name or opposite, which the evidence lacks."""
        pool = self._pools[detect_language(question.text)]
        for change in self._rng.sample((change_name, change_number, falsify), 3):
            changed = change(question.text, pool, self._rng)
            if changed and changed.kind != "added" and not _stands_in(changed, evidence):
                return changed.text
        return None

    def _marked_claim(self) -> Example | None:
        item = self._rng.choice(self._sources.claims)
        evidence = self._supporting_text(item)
        if self._rng.random() < 0.5:
            return Example(Pair("", item.claim, evidence), False, item.spans, "wice-")
        kept = _without(item.claim, item.spans)
        if len(kept.split()) < 6 or len(kept) < 0.5 * len(item.claim) or item.spans[0][0] == 0:
            return None
        return Example(Pair("", kept, evidence), True, (), "wice+")

    def _supporting_text(self, item: MarkedClaim) -> str:
        chosen = set(item.supporting)
        near = [i + step for i in item.supporting for step in (-1, 1)]
        self._rng.shuffle(near)
        for i in near:
            if sum(len(item.evidence[j]) for j in chosen) > 400:
                break
            if 0 <= i < len(item.evidence):
                chosen.add(i)
        return " ".join(item.evidence[i] for i in sorted(chosen))

    def _study_claim(self) -> Example | None:
        study = self._rng.choice(self._sources.studies)
        if study.decision == "maybe":
            return None
        if self._rng.random() < 0.5:
            said = self._rng.choice(("yes", "no"))
            right = said == study.decision
            claim = f"{said.capitalize()}."
            return Example(Pair(study.question, claim, study.conclusion), right, None, "yes-no")
        if self._rng.random() < 0.5:
            return Example(Pair(study.question, "", study.conclusion), True, None, "study+")
        other = self._near_study(study)
        return Example(Pair(study.question, "", other.conclusion), False, (), "study-")

    def _near_study(self, study: Study) -> Study:
        others = self._rng.sample(self._sources.studies, min(60, len(self._sources.studies)))
        return max(
            (s for s in others if s is not study), key=lambda s: len(s.topics & study.topics)
        )

    def _fact(self) -> Example | None:
        case = self._facts.draw()
        return Example(case.pair, case.label, case.spans, case.kind)

    def _answerable(self) -> Example | None:
        rng = self._rng
        paragraph = rng.choice(self._asked["drcd"])
        question = rng.choice(paragraph.questions)
        window = self._window(paragraph, question.sentence)
        evidence = paragraph.join(window)
        draw = rng.random()
        if draw < 0.42:
            return _answered(question, evidence, "qa+")
        if draw < 0.56:
            return self._beside(paragraph, question)
        if draw < 0.70:
            return self._other_paragraph(paragraph, question)
        if draw < 0.82:
            asked = self._other_question(question, evidence)
            return Example(Pair(asked, "", evidence), False, (), "qa-question") if asked else None
        if draw < 0.91:
            return self._answer_gone(question, evidence)
        return self._other_subject(question, evidence)

    def _answer_gone(self, question: Question, evidence: str) -> Example:
        """The evidence speaks of what is asked, and does not say it."""
        vague = self._rng.choice(_VAGUE[_shape(question.answer)])
        changed = evidence.replace(question.answer, vague)
        return Example(Pair(question.text, "", changed), False, (), "qa-gone")

    def _beside(self, paragraph: Paragraph, question: Question) -> Example | None:
        """Sentences of the same paragraph that do not hold the answer."""
        places = [
            i
            for i, sentence in enumerate(paragraph.sentences)
            if i != question.sentence and question.answer not in sentence
        ]
        if not places:
            return None
        at = self._rng.choice(places)
        kept = [
            i
            for i in self._window(paragraph, at)
            if i != question.sentence and question.answer not in paragraph.sentences[i]
        ]
        evidence = "".join(paragraph.sentences[i] for i in kept)
        return Example(Pair(question.text, "", evidence), False, (), "qa-beside")

    def _other_paragraph(self, paragraph: Paragraph, question: Question) -> Example | None:
        """The sentences of another paragraph that share most with the question."""
        others = [
            p
            for p in self._by_article[paragraph.article]
            if p is not paragraph and question.answer not in p.join(range(len(p.sentences)))
        ] or self._rng.sample(self._asked["drcd"], min(12, len(self._asked["drcd"])))
        grams = {question.text[i : i + 2] for i in range(len(question.text) - 1)}
        best = max(
            ((p, i) for p in others for i in range(len(p.sentences))),
            key=lambda place: sum(gram in place[0].sentences[place[1]] for gram in grams),
        )
        evidence = best[0].join(self._window(best[0], best[1]))
        if question.answer in evidence:
            return None
        return Example(Pair(question.text, "", evidence), False, (), "qa-paragraph")

    def _other_subject(self, question: Question, evidence: str) -> Example | None:
        """The evidence speaks of another subject than the question, in the same words."""
        common = [
            e
            for e in find_entities(question.text)
            if e.text in evidence and e.text not in question.answer and e.type != "number"
        ]
        if not common:
            return None
        entity = self._rng.choice(common)
        if entity.type == "year":
            new = str(int(entity.text) + self._rng.choice((-10, -4, -2, -1, 1, 2, 4, 10)))
        else:
            new = self._rng.choice(self._pools["zh"][entity.type])
        if new in evidence or new in question.text:
            return None
        changed = evidence.replace(entity.text, new)
        return Example(Pair(question.text, "", changed), False, (), "qa-subject")

    def _policy_answerable(self) -> Example | None:
        rng = self._rng
        paragraph = rng.choice(self._asked["policyqa"])
        question = rng.choice(paragraph.questions)
        if rng.random() < 0.5:
            window = self._window(paragraph, question.sentence)
            return _answered(question, paragraph.join(window), "policy+")
        others = [
            p
            for p in self._by_article[paragraph.article]
            if all(q.category != question.category for q in p.questions)
        ]
        if not others:
            return None
        other = rng.choice(others)
        window = self._window(other, rng.randrange(len(other.sentences)))
        return Example(Pair(question.text, "", other.join(window)), False, (), "policy-")

    def _window(self, paragraph: Paragraph, at: int) -> range:
        """Consecutive sentences around `at`, a random amount of them."""
        low, high = _WINDOW_CHARS[paragraph.language]
        room = self._rng.uniform(low, high) - len(paragraph.sentences[at])
        start, end = at, at + 1
        while room > 0 and (start > 0 or end < len(paragraph.sentences)):
            back = start > 0 and (end >= len(paragraph.sentences) or self._rng.random() < 0.5)
            room -= len(paragraph.sentences[start - 1 if back else end])
            if room < 0:
                break
            start, end = (start - 1, end) if back else (start, end + 1)
        return range(start, end)


_ASKED = re.compile(
    r"(?:是)?(?:(?:在)?(?:哪|什么|何|甚么)(?:一|个|些)?(?:年|月|日|天|时候|时间|时|位|个|种|座|所|国家|城市|地方|地区"
    r"|地|人|里|支|部|本|条|项|类|家|间|样)?(?:份)?|谁|多少|几)"
)


def declare(question: str, answer: str) -> str | None:
    """A Chinese question as a statement: its one question word is replaced by the answer."""
    body = question.rstrip("?。 吗呢")
    places = list(_ASKED.finditer(body))
    if len(places) != 1 or not places[0].group():
        return None
    place = places[0]
    start, end = place.span()
    asked = place.group()
    unit = re.match(r"[年月日天位个种座所支部本条项类家间岁人公里米次名]", body[end:])
    if asked in ("多少", "几") and unit and answer.endswith(unit.group()):
        end += 1
    lead = "是" if asked.startswith("是") else ("在" if asked.startswith("在") else "")
    return f"{body[:start]}{lead}{answer}{body[end:]}。"


def _answered(question: Question, evidence: str, kind: str) -> Example:
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


def _stands_in(changed: Perturbed, evidence: str) -> bool:
    """Whether the changed words happen to stand in the evidence with what precedes them."""
    if changed.kind not in ("name", "number"):
        return False
    start, end = changed.spans[0]
    return changed.text[max(0, start - 4) : end] in evidence


def _shape(answer: str) -> str:
    if re.search(r"\d{3,4}年|^\d{4}$", answer):
        return "year"
    if re.search(r"\d|[一二三四五六七八九十百千万]+[个名人年月日次]", answer):
        return "number"
    return "long" if len(answer) > 12 else "text"


def _apart(a: str, b: str) -> bool:
    return a not in b and b not in a


def _without(claim: str, spans: Sequence[Span]) -> str:
    kept, at = [], 0
    for start, end in spans:
        kept.append(claim[at:start])
        at = end
    kept.append(claim[at:])
    text = re.sub(r"\s+", " ", "".join(kept))
    return re.sub(r"\s+([.,;])", r"\1", text).strip(" ,")
