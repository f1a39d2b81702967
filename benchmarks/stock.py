"""Real passages with their vectors, real questions about them, and copies to fill collections with.

A copy's vectors are real ones, each moved by `JITTER` of its length in a random direction of its
own; its text is a real one whose last third comes from another passage, so that every copy is
another passage with real words. Ten copies make a document.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from eval.data import open_questions
from ingest.chunk import chunk_document, embedding_text
from ingest.files import Found, find_files
from ingest.loaders import load
from rag.config import ChunkingSettings
from rag.seams import Embedder
from rag.store.rows import Ids
from rag.text import detect_language
from rag.types import Chunk, Document, FloatArray, Page

JITTER = 0.45
"""Makes the cosine of a copy with its original 0.91, as that of two passages on one matter is."""
EACH = 10
"""Chunks of a document."""
_BATCH = 256
_DIRECTIONS = 200_000
"""Random ones to draw from: enough that hardly two copies of one text are moved alike."""


@dataclass(frozen=True, eq=False)
class Stock:
    """Texts; their vectors, of shape [len(texts), d]; questions that people asked of some of the
    texts."""

    texts: Sequence[str]
    vectors: FloatArray
    questions: Sequence[str]

    @cached_property
    def languages(self) -> Sequence[str]:
        """The language of each text."""
        return [detect_language(text) for text in self.texts]

    @cached_property
    def alike(self) -> Mapping[str, Ids]:
        """The numbers of the texts in each language."""
        spoken = np.array(self.languages)
        return {str(one): np.flatnonzero(spoken == one) for one in np.unique(spoken)}


def gather(
    files: Sequence[Path],
    embedder: Embedder,
    chunking: ChunkingSettings,
    asked: int,
    cache: Path | None = None,
) -> Stock:
    """The documents of question sets (as `eval.data` reads them) and of folders as ingestion cuts
    and embeds them, and about `asked` questions, equally many of each of the first two files.
    `cache` keeps the vectors (.npz)."""
    if cache is not None and cache.exists():
        return _load(cache)
    chance = random.Random(1)
    chunks: list[Chunk] = []
    questions: list[str] = []
    for number, file in enumerate(files):
        if file.is_dir():
            for found in find_files([file]):
                if isinstance(found, Found):
                    chunks += chunk_document(load(found.path), embedder, chunking)
            continue
        dataset = open_questions([file])
        for given in dataset.documents:
            name = hashlib.sha256(given.text.encode()).hexdigest()
            page = (Page(1, given.text),)
            document = Document(name, given.name, given.name, "text/plain", page, len(given.text))
            chunks += chunk_document(document, embedder, chunking)
        if number < 2:
            answerable = [e.question for e in dataset.examples if e.answerable]
            questions += chance.sample(answerable, min(asked // 2, len(answerable)))
    chance.shuffle(chunks)
    chance.shuffle(questions)
    stock = _embedded(chunks, questions, embedder)
    if cache is not None:
        np.savez(
            cache,
            texts=np.array(stock.texts),
            vectors=stock.vectors.astype(np.float16),
            questions=np.array(stock.questions),
        )
    return stock


def _embedded(chunks: Sequence[Chunk], questions: Sequence[str], embedder: Embedder) -> Stock:
    vectors = [
        embedder.embed_passages([embedding_text(chunk) for chunk in chunks[at : at + _BATCH]])
        for at in range(0, len(chunks), _BATCH)
    ]
    return Stock([chunk.text for chunk in chunks], np.concatenate(vectors), questions)


def _load(cache: Path) -> Stock:
    with np.load(cache) as held:
        return Stock(
            held["texts"].tolist(),
            held["vectors"].astype(np.float32),
            held["questions"].tolist(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One document of the stock's copies, with what a collection is given of it. `heads` and
    `tails` are the numbers of the texts that the chunks are made of."""

    document: Document
    chunks: Sequence[Chunk]
    vectors: FloatArray
    heads: Sequence[int]
    tails: Sequence[int]


def cut(text: str, *, tail: bool) -> str:
    """What a copy takes of a text: the first two thirds, or the last."""
    at = len(text) * 2 // 3
    return text[at:] if tail else text[:at]


def copy(stock: Stock, number: int, each: int = EACH) -> Copy:
    """The document of that number; always the same one for the same number."""
    chance = np.random.default_rng(number)
    heads = chance.integers(len(stock.texts), size=each).tolist()
    same = [stock.alike[stock.languages[head]] for head in heads]
    tails = [int(chance.choice(texts)) for texts in same]
    name = hashlib.sha256(str(number).encode()).hexdigest()
    chunks, page, at = [], "", 0
    for ordinal, (head, tail) in enumerate(zip(heads, tails, strict=True)):
        text = f"{cut(stock.texts[head], tail=False)} {cut(stock.texts[tail], tail=True)}"
        place = (name, 1, at, at + len(text), text, "", len(text) // 4, ordinal)
        chunks.append(Chunk(f"{name[:16]}-{ordinal}", *place))
        page, at = f"{page}{text}\n", at + len(text) + 1
    said = {"group": str(number % 10)}
    path = f"/copies/{number}.txt"
    document = Document(name, f"{number}.txt", path, "text/plain", (Page(1, page),), at, said)
    return Copy(document, chunks, _moved(stock.vectors[heads], chance), heads, tails)


def _moved(vectors: FloatArray, chance: np.random.Generator) -> FloatArray:
    by = _directions(vectors.shape[1])[chance.integers(_DIRECTIONS, size=len(vectors))]
    moved: FloatArray = vectors + by
    moved /= np.sqrt(np.einsum("ij,ij->i", moved, moved))[:, None]
    return moved


@cache
def _directions(dimension: int) -> FloatArray:
    """Shape [_DIRECTIONS, dimension], each of length `JITTER`."""
    drawn = np.random.default_rng(0).standard_normal((_DIRECTIONS, dimension), dtype=np.float32)
    found: FloatArray = drawn * (JITTER / np.linalg.norm(drawn, axis=1, keepdims=True))
    return found
