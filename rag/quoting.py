"""Quoting: the words of the documents, where the language model finds none that they support.

A small model copies the neighbour's figure, or declines, with the answer before its eyes. Where a
passage surely holds it, the one sentence or row of it that answers best is shown as it stands, if
need be in the other language than the question's; and so is one that stands out among all that was
found, where what the model wrote is taken from elsewhere.
Knows nothing of prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rag.attribute import Quote
from rag.cells import asks_for_another_row
from rag.context import Passage
from rag.dictionary import translated_terms
from rag.hollow import states_nothing
from rag.injection import addresses_the_model
from rag.kind import says_nothing
from rag.places import knows_the_places
from rag.quantities import missing, quantities
from rag.rarity import content_terms
from rag.refuse import SURE_TO_BE_THERE
from rag.relations import names_the_relation
from rag.seams import AnswerabilityScorer
from rag.subject import codes
from rag.tables import asked_years, of_years, rows, told
from rag.text import detect_language, sentence_spans
from rag.types import Hit, Language
from rag.units import under_title

_ANSWERS_FROM = 0.8
"""Answerability from which a sentence, read alone, is shown."""


_ROW_STANDS_OUT, _SENTENCE_STANDS_OUT, _LIKELY = 2.0, 3.0, 0.6
"""How far the best row of a table, or the best sentence, is ahead of all others
(`rag.context.Passage`), and how likely it answers, from which it is shown rather than what the
model took from elsewhere. A row says what it says by itself; a sentence may only speak of what is
asked. Chosen on the examples and on 35 questions of RGB: of the sentences shown that were from 2 to
3 ahead all four were no answers, the two further ahead and all three rows were (no command)."""

_LONGEST: dict[Language, int] = {"en": 600, "zh": 240}
"""Characters of what may be shown for a sentence: text without a stop, such as a page's menus and
lists run together, has other things beside what it was found by."""
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
    fits: Callable[[str], bool] = lambda words: True,
) -> str:
    """The sentence or row that fits and answers best among the passages which surely hold the
    answer (`scores` by chunk id), one in the question's language if any does; nothing if none
    does."""
    sure = [p for p in passages if scores[p.hit.chunk.chunk_id] >= SURE_TO_BE_THERE]
    if scorer is None or not sure:
        return ""
    found = [
        (passage, words)
        for passage in sure
        for words in _sentences(question, passage)
        if fits(words)
        and _may_be_told(question, words)
        and _is_on_the_matter(question, passage.hit, words)
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
    return _as_told(question, max(answering)[-1])


def outstanding(
    question: str,
    passages: Sequence[Passage],
    scorer: AnswerabilityScorer | None,
    cited: Sequence[Quote] = (),
) -> tuple[Passage, str] | None:
    """The passage with a sentence or row that stands out among all that was found, and likely
    answers, a sentence no less than what is `cited` for the answer; and how that is told."""
    for passage in passages:
        if scorer is None or passage.best is None:
            continue
        alone = replace(passage, spans=(passage.best,))
        is_row = bool(rows(alone.text))
        if passage.ahead < (_ROW_STANDS_OUT if is_row else _SENTENCE_STANDS_OUT):
            continue
        others = () if is_row else cited
        for words in _sentences(question, alone):
            if not _may_be_told(question, words) or not _speaks_of(question, words):
                continue
            told = [(passage.hit, words), *((quote.hit, quote.text) for quote in others)]
            rating, *rated = scorer.score(question, [under_title(*one) for one in told])
            if rating >= max([_LIKELY, *rated]):
                return passage, _as_told(question, words)
    return None


def _as_told(question: str, words: str) -> str:
    """The words, as those of a document in the other language if they are in that."""
    language = detect_language(question)
    return words if detect_language(words) == language else _SAYS[language].format(words)


def _may_be_told(question: str, words: str) -> bool:
    """Whether the words state something, of the kind asked for, and to the reader."""
    idle = states_nothing(words) or says_nothing(question, words)
    short = len(words) <= _LONGEST[detect_language(words)]
    return short and not idle and not addresses_the_model(words)


def _is_on_the_matter(question: str, hit: Hit, words: str) -> bool:
    """Whether the words, under their titles, name the relation that the question asks for, and
    stand in a passage that knows its places: nobody has read them but the encoder."""
    passage = under_title(hit, hit.chunk.text)
    told = under_title(hit, words)
    foreign = detect_language(words) != detect_language(question)
    return knows_the_places(question, passage) and (foreign or names_the_relation(question, told))


def _speaks_of(question: str, words: str) -> bool:
    """Whether a word of the question, or its translation, is among `words`."""
    asked = {*content_terms(question), *codes(question)}
    return bool(asked & {*content_terms(words), *codes(words)} or translated_terms(question, words))


def says_the_same(question: str, sentence: str, words: str) -> bool:
    """Whether `words` hold what `sentence` adds to the question: its numbers if it has any, else
    half of its words, or their translations."""
    said = quantities(question)
    added = missing(quantities(sentence), said)
    if added:
        return not missing(added, quantities(words))
    terms = set(content_terms(sentence)) - set(content_terms(question))
    held = terms & {*content_terms(words), *translated_terms(sentence, words)}
    return 2 * len(held) >= len(terms) > 0


def is_cited(passage: Passage, quotes: Iterable[Quote]) -> bool:
    """Whether one of the quotes has something of the passage's best sentence."""
    start, end = passage.best or (0, 0)
    return any(
        quote.hit.chunk.chunk_id == passage.hit.chunk.chunk_id
        and quote.start < end
        and start < quote.end
        for quote in quotes
    )


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
