"""Questions beside evidence that answers them, or only seems to."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from rag.crossinput import Pair
from rag.text import detect_language, keyword_terms
from training.draw import Drawer, Example, answered, shape
from training.entities import find_entities
from training.perturb import keep_meaning
from training.restyle import restyle
from training.sources import Paragraph, Question, Sources

_KEYWORD_SHARE = 0.3
"""This share of the questions is put as a bare search phrase, where that is asked for."""
ASKED = re.compile(
    r"(?:是)?(?:(?:在)?(?:哪|什么|何|甚么)(?:一|个|些)?(?:年|月|日|天|时候|时间|时|位|个|种|座|所|国家|城市|地方|地区"
    r"|地|人|里|支|部|本|条|项|类|家|间|样)?(?:份)?|谁|多少|几)"
)
"""What asks in a Chinese question."""

_CLOZE = {"year": "which year", "number": "how many", "name": "who or what"}
"""What asks for an entity, by its type."""

_VAGUE = {
    "year": ("那一年", "当年", "后来", ""),
    "number": ("若干", "一些", "许多", ""),
    "text": ("有关方面", "某地", "某人", "一处", "其", ""),
    "long": ("等等", "如前所述", ""),
}
"""What stands in for an answer that is taken out of its passage, by the answer's shape."""
_VAGUE_EN = {
    "year": ("that year", "a later year", ""),
    "number": ("several", "some", ""),
    "text": ("someone", "a certain place", "it", ""),
    "long": ("and so on", "as said above", ""),
}
_LONE_SHARES = {"drcd": 0.6, "policyqa": 0.15, "english": 0.25}


class QuestionMaker(Drawer):
    """Answerability: (question, evidence). Every maker may give None: draw again."""

    def __init__(self, sources: Sources, rng: random.Random) -> None:
        super().__init__(sources, rng)
        self._translated = [
            (paragraph, question)
            for paragraphs in self.asked.values()
            for paragraph in paragraphs
            for question in paragraph.questions
            if question.text in sources.translations
        ]

    def answerable(self) -> Example | None:
        """A question of DRCD with a window that answers it, or with a near miss."""
        return self._with_window(*self._question_of("drcd"))

    def english(self) -> Example | None:
        """The same with a question that was written for an English sentence, if any was."""
        if not self.asked["english"]:
            return None
        return self._with_window(*self._question_of("english"))

    def across(self) -> Example | None:
        """A translated question with a window or sentence in the language of the original."""
        if not self._translated:
            return None
        paragraph, question = self.rng.choice(self._translated)
        alone = self.rng.random() < 0.4
        example = (self._alone if alone else self._with_window)(paragraph, question)
        if example is None or example.pair.question != question.text:
            return None
        asked = self.sources.translations[question.text]
        kind = f"across-{example.kind}"
        return replace(example, pair=Pair(asked, "", example.pair.evidence), kind=kind)

    def _question_of(self, name: str) -> tuple[Paragraph, Question]:
        paragraph = self.rng.choice(self.asked[name])
        return paragraph, self.rng.choice(paragraph.questions)

    def _with_window(self, paragraph: Paragraph, question: Question) -> Example | None:
        rng = self.rng
        evidence = paragraph.join(self.window(paragraph, question.sentence))
        draw = rng.random()
        if draw < 0.42:
            return answered(question, evidence, "qa+")
        if draw < 0.56:
            return self._beside(paragraph, question)
        if draw < 0.70:
            return self._other_paragraph(paragraph, question)
        if draw < 0.82:
            asked = self.other_question(question, evidence)
            return Example(Pair(asked, "", evidence), False, (), "qa-question") if asked else None
        if draw < 0.91:
            return self._answer_gone(question, evidence)
        return self._other_subject(question, evidence)

    def policy(self) -> Example | None:
        """A question of PolicyQA with a window on its practice, or on another one."""
        rng = self.rng
        paragraph = rng.choice(self.asked["policyqa"])
        question = rng.choice(paragraph.questions)
        if rng.random() < 0.5:
            window = self.window(paragraph, question.sentence)
            return answered(question, paragraph.join(window), "policy+")
        others = [
            p
            for p in self.by_article[paragraph.article]
            if all(q.category != question.category for q in p.questions)
        ]
        if not others:
            return None
        other = rng.choice(others)
        window = self.window(other, rng.randrange(len(other.sentences)))
        return Example(Pair(question.text, "", other.join(window)), False, (), "policy-")

    def lone(self) -> Example | None:
        """One sentence under its title: the one with the answer, or that beside it which shares
        most with the question."""
        names = [name for name in ("drcd", "policyqa", "english") if self.asked[name]]
        shares = [_LONE_SHARES[name] for name in names]
        return self._alone(*self._question_of(self.rng.choices(names, shares)[0]))

    def _alone(self, paragraph: Paragraph, question: Question) -> Example | None:
        rng = self.rng
        if rng.random() < 0.4:
            sentence = paragraph.sentences[question.sentence]
            if question.answer not in sentence:
                return None
            return answered(question, f"{paragraph.article}: {sentence}", "lone+")
        others = [
            s
            for i, s in enumerate(paragraph.sentences)
            if i != question.sentence and question.answer not in s and len(s) > 8
        ]
        if not others:
            return None
        words = set(keyword_terms(question.text))
        others.sort(key=lambda s: -len(words & set(keyword_terms(s))))
        sentence = others[0] if rng.random() < 0.6 else rng.choice(others)
        return Example(
            Pair(question.text, "", f"{paragraph.article}: {sentence}"), False, (), "lone-"
        )

    def cloze(self) -> Example | None:
        """An English sentence turned into a question for one of its years, numbers or names."""
        rng = self.rng
        paragraph = rng.choice(self.texts[rng.choice(("wice", "pubmedqa"))])
        at = rng.randrange(len(paragraph.sentences))
        sentence = paragraph.sentences[at]
        entities = [e for e in find_entities(sentence) if e.type in _CLOZE]
        if not entities or not 40 <= len(sentence) <= 300:
            return None
        entity = rng.choice(entities)
        asked = f"{sentence[: entity.start]}{_CLOZE[entity.type]}{sentence[entity.end :]}"
        question = restyle(keep_meaning(asked, rng), rng).rstrip(". ") + "?"
        if rng.random() < 0.45:
            held = paragraph.join(self.window(paragraph, at)) if rng.random() < 0.4 else sentence
            return Example(Pair(question, "", held), True, None, "cloze+")
        if rng.random() < 0.3:
            gone = sentence.replace(entity.text, "some")
            return Example(Pair(question, "", gone), False, (), "cloze-gone")
        words = set(keyword_terms(sentence))
        others = [s for s in paragraph.sentences if s != sentence and entity.text not in s]
        if not others:
            return None
        best = max(others, key=lambda s: len(words & set(keyword_terms(s))))
        return Example(Pair(question, "", best), False, (), "cloze-")

    def _answer_gone(self, question: Question, evidence: str) -> Example:
        """The evidence speaks of what is asked, and does not say it."""
        words = _VAGUE if detect_language(evidence) == "zh" else _VAGUE_EN
        vague = self.rng.choice(words[shape(question.answer)])
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
        at = self.rng.choice(places)
        kept = [
            i
            for i in self.window(paragraph, at)
            if i != question.sentence and question.answer not in paragraph.sentences[i]
        ]
        glue = "" if paragraph.language == "zh" else " "
        evidence = glue.join(paragraph.sentences[i] for i in kept)
        return Example(Pair(question.text, "", evidence), False, (), "qa-beside")

    def _other_paragraph(self, paragraph: Paragraph, question: Question) -> Example | None:
        """The sentences of another paragraph that share most with the question."""
        others = [
            p
            for p in self.by_article[paragraph.article]
            if p is not paragraph and question.answer not in p.join(range(len(p.sentences)))
        ]
        if not others:
            pool = self.texts[paragraph.source]
            others = [p for p in self.rng.sample(pool, min(12, len(pool))) if p is not paragraph]
        if not others:
            return None
        words = _words(question.text)
        best = max(
            ((p, i) for p in others for i in range(len(p.sentences))),
            key=lambda place: sum(word in place[0].sentences[place[1]] for word in words),
        )
        evidence = best[0].join(self.window(best[0], best[1]))
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
        entity = self.rng.choice(common)
        if entity.type == "year":
            new = str(int(entity.text) + self.rng.choice((-10, -4, -2, -1, 1, 2, 4, 10)))
        else:
            pool = self.pools[detect_language(evidence)].get(entity.type)
            if not pool:
                return None
            new = self.rng.choice(pool)
        if new in evidence or new in question.text:
            return None
        changed = evidence.replace(entity.text, new)
        return Example(Pair(question.text, "", changed), False, (), "qa-subject")

    def as_phrase(self, example: Example) -> Example:
        """Some questions without their question words, as people type them into a search box."""
        pair = example.pair
        if pair.claim or self.rng.random() > _KEYWORD_SHARE:
            return example
        phrase = ASKED.sub("", pair.question).rstrip("?。 吗呢")
        if detect_language(phrase) != "zh" or len(phrase) < 6:
            return example
        return replace(example, pair=Pair(phrase, "", pair.evidence))


def _words(question: str) -> set[str]:
    """What a sentence may share with a question: neighbouring characters, or English words."""
    if detect_language(question) == "zh":
        return {question[i : i + 2] for i in range(len(question) - 1)}
    return set(keyword_terms(question))
