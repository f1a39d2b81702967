"""Make labelled pairs for the cross-encoder out of the sources, endlessly and by seed.

Two kinds. Answerability: (question, evidence), does the evidence hold the answer, and where?
Support: (question or nothing, claim, evidence), is the claim supported, and which of its characters
are not? Near misses come from people first: questions that a paragraph only seems to answer, the
neighbouring paragraph, the paragraph without its answering sentence, another question's answer.
Evidence is given in the shapes in which it is read when answering: whole, a window of sentences, or
one sentence, with and without a title above.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.models.crossinput import Pair
from rag.types import Span
from training.perturb import changed
from training.sources import Paragraph, Question, Sources

MIX = {"answerable": 0.50, "across": 0.14, "stated": 0.14, "answered": 0.18, "marked": 0.04}
"""Shares of the makers."""
_TITLED = 0.4


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled pair. `spans` are 0-based character spans: of the claim, what is unsupported; of
    the evidence if there is no claim, the answer. None: the tokens carry no label. `source` is the
    text of the whole paragraph that the pair was made of."""

    pair: Pair
    label: bool
    spans: tuple[Span, ...] | None
    kind: str
    source: str = ""


class PairMaker:
    """Draws examples from sources; deterministic for one seed. `translated` maps the text of a
    paragraph to the same paragraph in the other language."""

    def __init__(self, sources: Sources, seed: int, translated: Mapping[str, str]) -> None:
        self._rng = random.Random(seed)
        self._claims = sources.claims
        self._paragraphs = [p for p in sources.paragraphs if p.questions]
        self._by_article: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in self._paragraphs:
            self._by_article[paragraph.article].append(paragraph)
        asked = [(p, q) for p in self._paragraphs for q in p.questions]
        self._answered = [pair for pair in asked if pair[1].answer is not None]
        self._unanswered = [pair for pair in asked if pair[1].answer is None]
        self._translated = translated
        self._across = [pair for pair in asked if pair[0].text in translated]

    def stream(self) -> Iterator[Example]:
        """Examples without end."""
        makers: dict[str, Callable[[], Example | None]] = {
            "answerable": self._answerable,
            "across": self._across_languages,
            "stated": self._stated,
            "answered": self._answer_said,
            "marked": self._marked,
        }
        names = [name for name in MIX if name != "across" or self._across]
        names = [name for name in names if name != "marked" or self._claims]
        weights = [MIX[name] for name in names]
        while True:
            example = makers[self._rng.choices(names, weights)[0]]()
            if example is not None:
                yield example

    def _answerable(self) -> Example | None:
        rng = self._rng
        if self._unanswered and rng.random() < 0.42:
            paragraph, question = rng.choice(self._unanswered)
            start, end = self._window(paragraph, rng.randrange(len(paragraph.sentences)))
            return self._about(question, paragraph, (start, end), (), "near-miss")
        paragraph, question = rng.choice(self._answered)
        assert question.answer is not None
        at = _sentence_of(paragraph, question.answer)
        if rng.random() < 0.75:
            start, end = self._window(paragraph, at)
            window = start, max(end, question.answer[1])
            return self._about(question, paragraph, window, (question.answer,), "answer")
        if rng.random() < 0.5 and len(paragraph.sentences) > 1:
            return self._without(question, paragraph, at)
        other = rng.choice(self._by_article[paragraph.article])
        said = paragraph.text[slice(*question.answer)]
        if said in other.text:
            return None
        window = self._window(other, rng.randrange(len(other.sentences)))
        return self._about(question, other, window, (), "neighbour")

    def _without(self, question: Question, paragraph: Paragraph, at: int) -> Example | None:
        """The paragraph without the sentence that answers."""
        assert question.answer is not None
        said = paragraph.text[slice(*question.answer)]
        left = [paragraph.text[s:e] for i, (s, e) in enumerate(paragraph.sentences) if i != at]
        text = ("" if paragraph.language == "zh" else " ").join(left)
        if said in text:
            return None
        return Example(Pair(question.text, "", text), False, (), "taken-out")

    def _across_languages(self) -> Example:
        """A question beside the translation of its whole paragraph: label as in its own."""
        paragraph, question = self._rng.choice(self._across)
        pair = Pair(question.text, "", self._translated[paragraph.text])
        return Example(pair, question.answer is not None, None, "across")

    def _stated(self) -> Example | None:
        """A sentence of the text beside a window that holds it, as it is or changed in a place."""
        paragraph = self._rng.choice(self._paragraphs)
        at = self._rng.randrange(len(paragraph.sentences))
        claim = paragraph.text[slice(*paragraph.sentences[at])].strip()
        if not 15 <= len(claim) <= 400:
            return None
        evidence = self._titled(paragraph, paragraph.text[slice(*self._window(paragraph, at))])
        if self._rng.random() < 0.5:
            return Example(Pair("", claim, evidence), True, (), "stated", paragraph.text)
        said = changed(claim, paragraph.text, self._rng)
        if said is None:
            return None
        kind = f"changed-{said.kind}"
        return Example(Pair("", said.text, evidence), False, (said.span,), kind, paragraph.text)

    def _answer_said(self) -> Example | None:
        """An answer as a claim to its question: its own, or another one of the same paragraph."""
        rng = self._rng
        wants_true = rng.random() < 0.5
        if not wants_true and self._unanswered and rng.random() < 0.5:
            paragraph, question = rng.choice(self._unanswered)
        else:
            paragraph, question = rng.choice(self._answered)
        own = "" if question.answer is None else paragraph.text[slice(*question.answer)]
        others = [
            paragraph.text[slice(*q.answer)]
            for q in paragraph.questions
            if q.answer is not None and q.text != question.text
        ]
        others = [said for said in others if (said not in own and own not in said) or not own]
        said = own if wants_true else (rng.choice(others) if others else "")
        if not said:
            return None
        at = _sentence_of(paragraph, question.answer) if question.answer else 0
        window = self._window(paragraph, at) if question.answer else (0, len(paragraph.text))
        window = window[0], max(window[1], question.answer[1] if question.answer else 0)
        evidence = self._titled(paragraph, paragraph.text[slice(*window)])
        spans: tuple[Span, ...] = () if wants_true else ((0, len(said)),)
        pair = Pair(question.text, said, evidence)
        return Example(pair, wants_true, spans, "answered", paragraph.text)

    def _marked(self) -> Example:
        claim = self._rng.choice(self._claims)
        evidence = " ".join(claim.evidence)
        return Example(Pair("", claim.text, evidence), not claim.spans, claim.spans, "marked")

    def _window(self, paragraph: Paragraph, at: int) -> Span:
        """Consecutive sentences around `at`: all, some or that one."""
        spans, rng = paragraph.sentences, self._rng
        shape = rng.random()
        if shape < 0.3:
            return 0, len(paragraph.text)
        first = last = at
        for _ in range(0 if shape < 0.55 else rng.randint(1, 4)):
            first, last = (max(0, first - 1), last) if rng.random() < 0.5 else (first, last + 1)
        return spans[first][0], spans[min(last, len(spans) - 1)][1]

    def _about(
        self,
        question: Question,
        paragraph: Paragraph,
        window: Span,
        answer: Sequence[Span],
        kind: str,
    ) -> Example:
        text = paragraph.text[slice(*window)]
        evidence = self._titled(paragraph, text)
        shift = len(evidence) - len(text) - window[0]
        spans = tuple((start + shift, end + shift) for start, end in answer)
        return Example(Pair(question.text, "", evidence), bool(answer), spans, kind)

    def _titled(self, paragraph: Paragraph, text: str) -> str:
        title = paragraph.article.split("/", 1)[1].replace("_", " ")
        named = not title.isdigit() and self._rng.random() < _TITLED
        return f"{title}: {text}" if named else text


def _sentence_of(paragraph: Paragraph, answer: Span) -> int:
    """The 0-based place of the sentence in which the answer begins."""
    places = [i for i, (start, end) in enumerate(paragraph.sentences) if start <= answer[0] < end]
    return places[0] if places else 0
