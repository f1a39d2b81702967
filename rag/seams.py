"""The seams of the program: what a back-end must offer, one purpose each.

Language models have LangChain's `BaseChatModel` for their seam and need none here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.types import EmbedderInfo, FloatArray, Span


class Embedder(Protocol):
    """Texts to vectors. All vectors are L2-normalised float32, so a dot product is the cosine."""

    @property
    def info(self) -> EmbedderInfo:
        """Name, weights digest and dimension d."""

    @property
    def max_tokens(self) -> int:
        """The longest text in tokens that is read whole, prefix and specials included."""

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of shape [len(texts), d] for documents' passages."""

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of shape [len(texts), d] for questions."""

    def token_spans(self, text: str) -> list[Span]:
        """The character spans of the tokens of `text`, without specials; their number is its
        length in tokens."""


class SupportScorer(Protocol):
    """How far evidence supports a claim."""

    @property
    def name(self) -> str:
        """Name and version, as reports show it."""

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """For each claim, in [0, 1], how far the evidence passages together support it as (part
        of) an answer to the question; the question may be empty."""


class Reranker(Protocol):
    """A cross-encoder over (question, passage)."""

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        """Relevance of each passage, any scale, higher is better; shape [len(passages)]."""


class Moderator(Protocol):
    """Judges a text before it is asked or shown."""

    def label(self, text: str) -> str | None:
        """Why the text is withheld, in a word; None if it is not."""
