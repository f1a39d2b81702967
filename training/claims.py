"""Claims beside evidence: true ones said otherwise, and false ones that differ in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.crossinput import Pair
from rag.types import Span
from training.draw import Drawer, Example, apart, shape, stands_in
from training.entities import find_entities
from training.perturb import change_name, change_number, falsify, keep_meaning
from training.questions import ASKED
from training.restyle import lower_both, restyle
from training.sources import MarkedClaim, Paragraph, Question, Study


class ClaimMaker(Drawer):
    """Support: (question or nothing, claim, evidence). Every maker may give None: draw again."""

    def sentence(self) -> Example | None:
        """A sentence said otherwise, or falsified, against the window it comes from."""
        rng = self.rng
        source = rng.choices(("drcd", "policyqa", "pubmedqa", "wice"), (0.4, 0.1, 0.15, 0.35))[0]
        paragraph = rng.choice(self.texts[source])
        at = rng.randrange(len(paragraph.sentences))
        sentence = paragraph.sentences[at]
        if not (12 if paragraph.language == "zh" else 30) <= len(sentence) <= 400:
            return None
        window = self.window(paragraph, at)
        kind = rng.random()
        if kind < 0.40:
            claim = restyle(self._positive_claim(paragraph, at, window), rng)
            claim, evidence = lower_both(claim, paragraph.join(window), rng)
            return Example(Pair("", claim, evidence), True, (), "sentence+")
        evidence = paragraph.join(window)
        if kind < 0.52:
            return self._elsewhere(paragraph, evidence)
        base = restyle(keep_meaning(sentence, rng), rng)
        changed = falsify(base, self.pools[paragraph.language], rng)
        if changed is None or stands_in(changed, evidence):
            return None
        if rng.random() < 0.15:
            again = falsify(changed.text, self.pools[paragraph.language], rng)
            if again is not None:
                whole = None if again.spans == changed.spans else again.spans
                return Example(Pair("", again.text, evidence), False, whole and None, "perturbed2")
        claim, evidence = lower_both(changed.text, evidence, rng)
        return Example(Pair("", claim, evidence), False, changed.spans, changed.kind)

    def _positive_claim(self, paragraph: Paragraph, at: int, window: range) -> str:
        claim = keep_meaning(paragraph.sentences[at], self.rng)
        if len(window) > 1 and self.rng.random() < 0.2:
            other = self.rng.choice([i for i in window if i != at])
            glue = "" if paragraph.language == "zh" else " "
            claim = glue.join((claim, keep_meaning(paragraph.sentences[other], self.rng)))
        return claim

    def _elsewhere(self, paragraph: Paragraph, evidence: str) -> Example | None:
        """A sentence of the same article that the evidence does not hold."""
        other = self.rng.choice(self.by_article[paragraph.article])
        claim = self.rng.choice(other.sentences)
        if claim[:20] in evidence or len(claim) < 8:
            return None
        return Example(Pair("", claim, evidence), False, None, "elsewhere")

    def answer(self) -> Example | None:
        """A question and an answer to it, as a statement or bare, against a window."""
        rng = self.rng
        paragraph, question, evidence = self.asked_of_drcd()
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
        asked = self.other_question(question, evidence)
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
        shown = question if bare or self.rng.random() < 0.5 else ""
        return Example(Pair(shown, claim, evidence), label, spans, kind)

    def _state(self, question: str, answer: str) -> str:
        """A statement made of a Chinese question and its answer, or the bare answer."""
        if self.rng.random() < 0.85:
            statement = declare(question, answer)
            if statement is not None:
                return statement
        return self.rng.choice((f"{answer}。", f"答案是{answer}。", answer))

    def _wrong_answer(self, paragraph: Paragraph, question: Question, evidence: str) -> str | None:
        wanted = shape(question.answer)
        inside = [q.answer for q in paragraph.questions] + [e.text for e in find_entities(evidence)]
        fitting = [
            a
            for a in inside
            if shape(a) == wanted and a not in question.text and apart(a, question.answer)
        ]
        if fitting and self.rng.random() < 0.8:
            return self.rng.choice(fitting)
        changed = change_number(question.answer, {}, self.rng) or change_name(
            question.answer, self.pools["zh"], self.rng
        )
        return changed.text if changed and changed.text not in evidence else None

    def marked(self) -> Example | None:
        """A WiCE claim as it is, or without the words that its evidence does not support."""
        item = self.rng.choice(self.sources.claims)
        evidence = self._supporting_text(item)
        if self.rng.random() < 0.5:
            return Example(Pair("", item.claim, evidence), False, item.spans, "wice-")
        kept = _without(item.claim, item.spans)
        if len(kept.split()) < 6 or len(kept) < 0.5 * len(item.claim) or item.spans[0][0] == 0:
            return None
        return Example(Pair("", kept, evidence), True, (), "wice+")

    def _supporting_text(self, item: MarkedClaim) -> str:
        chosen = set(item.supporting)
        near = [i + step for i in item.supporting for step in (-1, 1)]
        self.rng.shuffle(near)
        for i in near:
            if sum(len(item.evidence[j]) for j in chosen) > 400:
                break
            if 0 <= i < len(item.evidence):
                chosen.add(i)
        return " ".join(item.evidence[i] for i in sorted(chosen))

    def study(self) -> Example | None:
        """A yes or no, or a question, against the conclusion of a study."""
        study = self.rng.choice(self.sources.studies)
        if study.decision == "maybe":
            return None
        if self.rng.random() < 0.5:
            said = self.rng.choice(("yes", "no"))
            right = said == study.decision
            claim = f"{said.capitalize()}."
            return Example(Pair(study.question, claim, study.conclusion), right, None, "yes-no")
        if self.rng.random() < 0.5:
            return Example(Pair(study.question, "", study.conclusion), True, None, "study+")
        other = self._near_study(study)
        return Example(Pair(study.question, "", other.conclusion), False, (), "study-")

    def _near_study(self, study: Study) -> Study:
        others = self.rng.sample(self.sources.studies, min(60, len(self.sources.studies)))
        return max(
            (s for s in others if s is not study), key=lambda s: len(s.topics & study.topics)
        )


def declare(question: str, answer: str) -> str | None:
    """A Chinese question as a statement: its one question word is replaced by the answer."""
    body = question.rstrip("?。 吗呢")
    places = list(ASKED.finditer(body))
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


def _without(claim: str, spans: Sequence[Span]) -> str:
    kept, at = [], 0
    for start, end in spans:
        kept.append(claim[at:start])
        at = end
    kept.append(claim[at:])
    text = re.sub(r"\s+", " ", "".join(kept))
    return re.sub(r"\s+([.,;])", r"\1", text).strip(" ,")
