"""The plain rival over the same models and store: no rule, no veto, no repair. Whatever is added to
the program has to beat it. Ranks are merged, never scores (reciprocal rank; Cormack, Clarke and
Buettcher, 2009). Passages and sentences are read under their headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rag.checking.own_word import OwnWord
from rag.clock import Clock
from rag.config import Settings
from rag.evidence import whole
from rag.models.crossinput import Pair
from rag.models.embedder import load_embedder
from rag.models.generator import open_generator
from rag.models.reader import open_pairs
from rag.retrieval import hits_from_texts
from rag.store import Collection
from rag.text import detect_language, keyword_terms, sentence_spans
from rag.types import Hit, Turn

_ANSWER = {
    "en": "Answer the question in one or two sentences from the passages alone. If the answer is "
    "not in them, say: Not in the documents.",
    "zh": "只根据资料，用一两句话回答问题。如果资料中没有答案，就说：资料中没有。",
}
_REWRITE = {
    "en": "Rewrite the last question of this conversation as one question that is understood "
    "without the conversation. Do not answer it.",
    "zh": "把对话的最后一个问题改写成不看对话也能看懂的一个问题。不要回答它。",
}


@dataclass(frozen=True, slots=True)
class RivalAnswer:
    """The draft; whether it is shown; the probability of the model's yes, None if it declines."""

    answer: str
    shown: bool
    yes: float | None
    standalone_question: str
    hits: tuple[Hit, ...]
    timings_ms: Mapping[str, float]


class Rival(ExitStack):
    """Answers from the collection that the settings name or, not `stocked`, from passages given."""

    def __init__(self, settings: Settings, threshold: float = 0.6, *, stocked: bool = True) -> None:
        super().__init__()
        self._threshold, self._embedder = threshold, load_embedder(settings)
        self._pairs = open_pairs(settings)
        if stocked:
            self._collection = self.enter_context(Collection.open(settings, settings.collection))
        self._chat = self.enter_context(open_generator(settings)).chat

    def answer(
        self, question: str, history: Sequence[Turn], passages: Sequence[str] | None = None
    ) -> RivalAnswer:
        """The answer to the question, from the `passages` if they are given."""
        clock, language, draft, yes = Clock(), detect_language(question), "", None
        if history:
            turns = [f"User: {t.question}\nAssistant: {t.answer[:300]}" for t in history[-4:]]
            # Told before and after, lest a small model answer the question instead.
            talk = "\n".join([*turns, f"User: {question}", "", _REWRITE[language]])
            told = self._chat.invoke([("system", _REWRITE[language]), ("human", talk)]).text
            question = told.strip() or question
        hits = self._found(question) if passages is None else hits_from_texts(passages)
        texts = self._chosen(question, hits)
        clock.mark("found")
        prompt = "\n\n".join([*(f"[{n}] {text}" for n, text in enumerate(texts, 1)), question])
        for piece in self._chat.stream([("system", _ANSWER[language]), ("human", prompt)]):
            clock.mark("first_token")
            draft += piece.text
        declines = any(said in draft.lower() for said in ("not in the documents", "资料中没有"))
        if texts and draft and not declines:
            words = set(keyword_terms(draft))
            drawn_on = max(texts, key=lambda text: len(words & set(keyword_terms(text))))
            passage = whole(hits_from_texts([drawn_on]))[0]
            yes = OwnWord(self._chat).holds(question, passage, language)
        shown = (yes or 0.0) >= self._threshold
        return RivalAnswer(draft, shown, yes, question, tuple(hits), clock.timings_ms())

    def _found(self, question: str) -> list[Hit]:
        vector = self._embedder.embed_queries([question])[0]
        near = [key for key, _ in self._collection.search_vectors(vector, 50)]
        worded = [key for key, _ in self._collection.search_keywords(question, 50)]
        first = merged([near, worded], 60)[:10]
        chunks = self._collection.chunks(first)
        names = self._collection.names({chunk.document_id for chunk in chunks.values()})
        hits = {key: Hit(chunks[key], names[chunks[key].document_id], 0.0) for key in first}
        read = self._best_first(question, [(hit, hit.chunk.text) for hit in hits.values()])
        return [hits[key] for key in merged([first, [first[i] for i in read]], 5)[:5]]

    def _chosen(self, question: str, hits: Sequence[Hit]) -> list[str]:
        """The sentences that read best within 300 tokens, in reading order, one text a passage."""
        units = [(h, h.chunk.text[a:b]) for h in hits for a, b in sentence_spans(h.chunk.text)]
        taken, room = dict[str, int](), 300
        for i in self._best_first(question, units):
            cost = len(self._embedder.token_spans(units[i][1]))
            if units[i][1] not in taken and (cost <= room or not taken):
                taken[units[i][1]] = i
                room -= cost
        kept = [units[i] for i in sorted(taken.values())]
        told = [(hit, " ".join(text for of, text in kept if of is hit)) for hit in hits]
        return [under_headings(hit, text) for hit, text in told if text]

    def _best_first(self, question: str, units: Sequence[tuple[Hit, str]]) -> list[int]:
        assert self._pairs is not None  # its weights are the embedder's
        scores = self._pairs.score([Pair(question, "", under_headings(*unit)) for unit in units])
        return [int(i) for i in (-scores.answerable - scores.span).argsort(kind="stable")]


def under_headings(hit: Hit, text: str) -> str:
    """`text`, a part of the hit, under its headings."""
    return f"{hit.chunk.heading}: {text}" if hit.chunk.heading else text


def merged(orders: Sequence[Sequence[str]], k: int) -> list[str]:
    """The keys of all orders by the sum of 1 / (k + rank), highest first."""
    keys = dict.fromkeys(key for order in orders for key in order)
    return sorted(keys, key=lambda n: -sum(1 / (k + 1 + o.index(n)) for o in orders if n in o))
