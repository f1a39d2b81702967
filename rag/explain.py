"""Explain: follow a text that should have been found through every stage, and see where it stops.

What the parser gave, which chunks hold it, their ranks by vectors, by keywords, fused and read by
the cross-encoder, whether they are among the hits, and whether its sentences were chosen for the
prompt, with the scores (a sentence that addresses the model has none and is never chosen). No
language model is asked; nothing is changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.config import AnsweringSettings, Settings
from rag.errors import QuestionError
from rag.evidence import Unit, read_units, split_units, take
from rag.explanation import ChunkFate, Explanation, Place, SentenceFate
from rag.question import check_question
from rag.retrieval import Finder, narrow
from rag.store import Filter
from rag.tools import Tools
from rag.types import Chunk, DocumentInfo, Hit


class Shelf(Protocol):
    """What explaining needs of a collection."""

    def documents(self) -> list[DocumentInfo]:
        """All documents."""

    def page_text(self, document_id: str, page: int) -> str:
        """The text of a page, as the parser gave it."""

    def document_chunks(self, document_id: str) -> list[Chunk]:
        """The chunks of a document in order."""


def explain(
    question: str,
    expect: str,
    shelf: Shelf,
    finder: Finder,
    tools: Tools,
    settings: Settings,
) -> Explanation:
    """Follow `expect` through parsing, chunking, both searches, fusion, choosing and the budget.

    White space and case of `expect` do not count. Raises QuestionError if question or `expect` is
    empty.
    """
    question = check_question(question, settings.answering.max_question_chars)
    if not expect.strip():
        raise QuestionError("the expected text is empty: give --expect the words to look for")
    places = tuple(_places(shelf, expect))
    ranked = finder.retrieve(question, settings.retrieval.candidates)
    hits = ranked[: settings.retrieval.k]
    sentences = _sentences(question, hits, places, tools, settings.answering)
    chunks = tuple(
        _fate(chunk, place, ranked, hits, _shown(place, sentences))
        for chunk, place in _holding(shelf, places)
    )
    return Explanation(
        question=question,
        expect=expect,
        verdict=_verdict(places, chunks, settings),
        places=places,
        chunks=chunks,
        sentences=sentences,
        budget_tokens=settings.answering.budget_tokens,
    )


def explain_in(settings: Settings, question: str, expect: str, where: Filter = None) -> Explanation:
    """`explain` over the collection that `settings` names, searching the documents that `where`
    means; no language model is loaded.

    Raises CollectionError and ModelError as `rag.pipeline.open_answerer` does.
    """
    from rag.store import Collection
    from rag.tools import load_tools

    tools = load_tools(settings)
    with Collection.open(settings, settings.collection, tools.search.embedder.info) as collection:
        finder = narrow(tools.search.retriever(collection, settings), where)
        return explain(question, expect, collection, finder, tools, settings)


def _find(text: str, wanted: str) -> list[tuple[int, int]]:
    """Spans of `wanted` in `text`, case and white space aside."""
    letters = [re.escape(c) for c in wanted if not c.isspace()]
    pattern = re.compile(r"\s*".join(letters), re.IGNORECASE)
    return [match.span() for match in pattern.finditer(text)]


def _places(shelf: Shelf, expect: str) -> Iterator[Place]:
    for info in shelf.documents():
        for page in range(1, info.pages + 1):
            text = shelf.page_text(info.document_id, page)
            for start, end in _find(text, expect):
                around = " ".join(text[max(0, start - 40) : end + 40].split())
                yield Place(info.name, info.document_id, page, start, end, around)


def _holding(shelf: Shelf, places: Sequence[Place]) -> Iterator[tuple[Chunk, Place]]:
    """The chunks that hold at least a part of a place, each once."""
    seen: set[str] = set()
    for place in places:
        for chunk in shelf.document_chunks(place.document_id):
            overlaps = chunk.start < place.end and place.start < chunk.end
            if chunk.page == place.page and overlaps and chunk.chunk_id not in seen:
                seen.add(chunk.chunk_id)
                yield chunk, place


def _fate(
    chunk: Chunk, place: Place, ranked: Sequence[Hit], hits: Sequence[Hit], shown: bool
) -> ChunkFate:
    position = _position(ranked, chunk)
    found = ranked[position - 1] if position else None
    hit = _position(hits, chunk)
    return ChunkFate(
        chunk_id=chunk.chunk_id,
        document=place.document,
        page=chunk.page,
        whole=chunk.start <= place.start and place.end <= chunk.end,
        ranks=dict(found.ranks) if found else {},
        scores={k: round(v, 4) for k, v in found.scores.items()} if found else {},
        position=position,
        hit=hit,
        in_prompt=shown and hit is not None,
    )


def _position(hits: Sequence[Hit], chunk: Chunk) -> int | None:
    ids = [hit.chunk.chunk_id for hit in hits]
    return ids.index(chunk.chunk_id) + 1 if chunk.chunk_id in ids else None


def _shown(place: Place, sentences: Sequence[SentenceFate]) -> bool:
    """Whether every sentence of the hits that the place touches was chosen."""
    touched = [s.chosen for s in sentences if _touches(place, s)]
    return bool(touched) and all(touched)


def _touches(place: Place, sentence: SentenceFate) -> bool:
    same = (place.document_id, place.page) == (sentence.document_id, sentence.page)
    return same and place.start < sentence.end and sentence.start < place.end


def _sentences(
    question: str,
    hits: Sequence[Hit],
    places: Sequence[Place],
    tools: Tools,
    settings: AnsweringSettings,
) -> tuple[SentenceFate, ...]:
    """All sentences of the hits, best first."""
    embedder, reader = tools.search.embedder, tools.search.reader
    units = read_units(question, hits, split_units(hits, embedder), embedder, reader)
    taken = take(units, settings)

    def fate(unit: Unit, chosen: bool) -> SentenceFate:
        hit = hits[unit.hit]
        told = SentenceFate(
            text=unit.text,
            document=hit.document,
            document_id=hit.chunk.document_id,
            page=hit.chunk.page,
            start=hit.chunk.start + unit.start,
            end=hit.chunk.start + unit.end,
            score=round(unit.score, 4) if math.isfinite(unit.score) else None,
            tokens=unit.tokens,
            chosen=chosen,
            expected=False,
        )
        return replace(told, expected=any(_touches(place, told) for place in places))

    order = sorted(range(len(units)), key=lambda i: -units[i].score)
    return tuple(fate(units[i], i in taken) for i in order)


def _verdict(places: Sequence[Place], chunks: Sequence[ChunkFate], settings: Settings) -> str:
    k = settings.retrieval.k
    if not places:
        return "The parser gave no such text: it is in no document of the collection as read."
    if not chunks:
        return "The text was read, but no chunk holds it: ingest the document again."
    if any(chunk.in_prompt for chunk in chunks):
        return "It was found, chosen and shown to the model."
    best = min((c.position for c in chunks if c.position), default=None)
    if any(chunk.hit for chunk in chunks):
        return (
            "Its passage was found, but its sentence was not shown to the model: others scored "
            "higher (settings answering.budget_tokens and answering.max_gap)."
        )
    if best is None:
        return (
            "Neither search found its passage among the candidates (setting retrieval.candidates)."
        )
    return f"Its passage came {best}. and only {k} are used (setting retrieval.k)."
