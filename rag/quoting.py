"""Quoting: the words of the documents, where the language model finds none that they support.

A small model copies the neighbour's figure, or declines, with the answer before its eyes. Where a
passage surely holds it, the one sentence or row of it that answers best is shown as it stands, if
need be in the other language than the question's.
Knows nothing of prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rag.cells import asks_for_another_row
from rag.context import Passage
from rag.injection import addresses_the_model
from rag.kind import says_nothing
from rag.refuse import SURE_TO_BE_THERE
from rag.seams import AnswerabilityScorer
from rag.tables import asked_years, of_years, rows, told
from rag.text import detect_language, sentence_spans
from rag.types import Language
from rag.units import under_title

_ANSWERS_FROM = 0.8
"""Answerability from which a sentence, read alone, is shown."""


_SAYS: dict[Language, str] = {
    "en": "The document says, in Chinese: “{}”",
    "zh": "文档的英文原文是：“{}”",
}
"""How words in the other language are told, by the language of the question."""


def best_words(
    question: str,
    passages: Sequence[Passage],
    scores: Mapping[str, float],
    scorer: AnswerabilityScorer | None,
) -> str:
    """The sentence or row that answers best among the passages which surely hold the answer
    (`scores` by chunk id), one in the question's language if any does; nothing if none does."""
    sure = [p for p in passages if scores[p.hit.chunk.chunk_id] >= SURE_TO_BE_THERE]
    if scorer is None or not sure:
        return ""
    found = [
        (passage, words)
        for passage in sure
        for words in _sentences(question, passage)
        if not says_nothing(question, words) and not addresses_the_model(words)
    ]
    rated = scorer.score(question, [under_title(p.hit, words) for p, words in found])
    language = detect_language(question)
    answering = [
        (detect_language(words) == language, rating, -place, words)
        for place, ((_, words), rating) in enumerate(zip(found, rated, strict=True))
        if rating >= _ANSWERS_FROM
    ]
    if not answering:
        return ""
    own, _, _, words = max(answering)
    return words if own else _SAYS[language].format(words)


def _sentences(question: str, passage: Passage) -> Iterator[str]:
    """The sentences of a passage, rows of tables told in words, their heads left out, and the rows
    beside one that the question names."""
    text = passage.hit.chunk.text
    table = {row.start: row for row in rows(text)}
    asked = asked_years(question)
    for start, end in sentence_spans(text):
        if not any(start < stop and begin < end for begin, stop in passage.spans):
            continue
        row = table.get(start)
        if row is None:
            yield text[start:end].strip()
        elif not row.is_head and not asks_for_another_row(question, row, list(table.values())):
            yield told(of_years(row, asked))
