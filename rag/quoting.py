"""Quoting: the words of the documents, where the language model finds none that they support.

A small model copies the neighbour's figure, or declines, with the answer before its eyes. Where a
passage surely holds it, the one sentence or row of it that answers best is shown as it stands.
Knows nothing of prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rag.context import Passage
from rag.echo import only_repeats
from rag.injection import addresses_the_model
from rag.refuse import SURE_TO_BE_THERE
from rag.seams import AnswerabilityScorer
from rag.tables import rows, told
from rag.text import detect_language, sentence_spans
from rag.units import under_title

_ANSWERS_FROM = 0.8
"""Answerability from which a sentence, read alone, is shown."""


def best_words(
    question: str,
    passages: Sequence[Passage],
    scores: Mapping[str, float],
    scorer: AnswerabilityScorer | None,
) -> str:
    """The sentence or row, in the question's language, that answers best among the passages which
    surely hold the answer (`scores` by chunk id); nothing if none does."""
    sure = [p for p in passages if scores[p.hit.chunk.chunk_id] >= SURE_TO_BE_THERE]
    if scorer is None or not sure:
        return ""
    found = [
        (passage, words)
        for passage in sure
        for words in _sentences(passage)
        if _may_be_shown(question, words)
    ]
    rated = scorer.score(question, [under_title(p.hit, words) for p, words in found])
    best = max(range(len(found)), key=lambda i: rated[i], default=None)
    return found[best][1] if best is not None and rated[best] >= _ANSWERS_FROM else ""


def _sentences(passage: Passage) -> Iterator[str]:
    """The sentences of a passage, rows of tables told in words, their heads left out."""
    text = passage.hit.chunk.text
    table = {row.start: row for row in rows(text)}
    for start, end in sentence_spans(text):
        if not any(start < stop and begin < end for begin, stop in passage.spans):
            continue
        row = table.get(start)
        if row is None:
            yield text[start:end].strip()
        elif not row.is_head:
            yield told(row)


def _may_be_shown(question: str, words: str) -> bool:
    return (
        detect_language(words) == detect_language(question)
        and not only_repeats(question, words)
        and not addresses_the_model(words)
    )
