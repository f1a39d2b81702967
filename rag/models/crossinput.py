"""What the cross-encoder reads: a question or a claim beside a piece of evidence, as token ids.

Every token also carries its kind: which of the three texts it belongs to, and whether the word it
is part of occurs in the texts it is compared with. The second saves a small model from having to
learn copying, so that it can spend its few parameters on what copying cannot tell.
Knows nothing of torch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.text import CJK, keyword_terms, simplify
from rag.text.dictionary import translated_spans
from rag.types import Span

MAX_TOKENS = 320
"""The longest input, specials included; evidence is cut to fit."""
MAX_CLAIM_TOKENS = 110
"""Questions and claims are cut to this many tokens each."""
KINDS = 8
"""Number of token kinds: 2 x part + shared, part 0 specials, 1 question, 2 claim, 3 evidence."""
QUESTION, CLAIM, EVIDENCE = 1, 2, 3
_START, _END, _PAD = 0, 2, 1

_UNIT = re.compile(rf"(?P<han>[{CJK}]+)|(?P<word>[^\W_{CJK}]+(?:[.,'’-][^\W_{CJK}]+)*)")


class Encoding(Protocol):
    """The part of `tokenizers.Encoding` that is used here."""

    ids: list[int]
    offsets: list[Span]


class Tokenizer(Protocol):
    """The part of `tokenizers.Tokenizer` that is used here."""

    def encode(self, sequence: str, *, add_special_tokens: bool) -> Encoding:
        """Ids and character offsets of `sequence`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One input. Without a claim it asks whether `evidence` answers `question`."""

    question: str
    claim: str
    evidence: str


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """`ids`, `kinds` and `offsets` have one entry a token; `offsets` are 0-based characters of the
    folded text that the token comes from, (0, 0) for specials."""

    ids: list[int]
    kinds: list[int]
    offsets: list[Span]


@dataclass(frozen=True, slots=True)
class Scores:
    """Logits per pair as float64 arrays of shape [n]. `worst` is the greatest "unsupported" logit
    of any claim token (0 where there is no claim), `span` the greatest "answer" logit of any
    evidence token."""

    support: NDArray[np.float64]
    answerable: NDArray[np.float64]
    worst: NDArray[np.float64]
    span: NDArray[np.float64]


class PairReader(Protocol):
    """The seam between the scorers and the encoder."""

    def score(self, pairs: Sequence[Pair]) -> Scores:
        """One entry a pair, in the order given."""


def fold(text: str) -> str:
    """One spelling for full-width and half-width, traditional and simplified; case is kept."""
    return simplify(unicodedata.normalize("NFKC", text))


def encode_pair(tokenizer: Tokenizer, pair: Pair, max_tokens: int = MAX_TOKENS) -> EncodedPair:
    """`<s> question </s> claim </s> evidence </s>`, empty parts left out, evidence cut to fit."""
    question, claim, evidence = fold(pair.question), fold(pair.claim), fold(pair.evidence)
    ids, kinds, offsets = [_START], [0], [(0, 0)]
    parts = (
        (QUESTION, question, evidence),
        (CLAIM, claim, evidence),
        (EVIDENCE, evidence, f"{question}\n{claim}"),
    )
    for part, text, other in parts:
        if not text:
            continue
        encoding = tokenizer.encode(text, add_special_tokens=False)
        room = max_tokens - len(ids) - 1 if part == EVIDENCE else MAX_CLAIM_TOKENS
        shared = shared_characters(text, other)
        spans = [(int(start), int(end)) for start, end in encoding.offsets[:room]]
        ids += [*encoding.ids[:room], _END]
        kinds += [*(2 * part + _is_shared(shared, span) for span in spans), 0]
        offsets += [*spans, (0, 0)]
    return EncodedPair(ids, kinds, offsets)


def shared_characters(text: str, other: str) -> list[bool]:
    """For each character of `text`, whether the word it is part of occurs in `other`.

    Words are compared by their keyword terms. A Han character counts when it and a neighbour stand
    side by side in `other` too, because single characters recur everywhere. Between a Chinese and
    an English text a word counts whose translation occurs (`rag.text.dictionary`).
    """
    shared = [False] * len(text)
    words = _words(other)
    for match in _UNIT.finditer(text):
        start, end = match.span()
        if match.lastgroup == "word":
            shared[start:end] = [_terms(match.group()) <= words] * (end - start)
        elif end - start == 1:
            shared[start] = match.group() in other
        else:
            for i in range(start, end - 1):
                if text[i : i + 2] in other:
                    shared[i] = shared[i + 1] = True
    for start, end in translated_spans(text, other):
        shared[start:end] = [True] * (end - start)
    return shared


def pad(rows: Sequence[Sequence[int]], filler: int) -> list[list[int]]:
    """Rows of one length, filled at the end."""
    width = max(map(len, rows))
    return [[*row, *[filler] * (width - len(row))] for row in rows]


def pad_ids(pairs: Sequence[EncodedPair]) -> tuple[list[list[int]], list[list[int]]]:
    """Ids and kinds of a batch, padded; padding has the tokenizer's pad id and kind 0."""
    return pad([p.ids for p in pairs], _PAD), pad([p.kinds for p in pairs], 0)


def _is_shared(shared: list[bool], span: Span) -> bool:
    marks = shared[span[0] : span[1]]
    return 2 * sum(marks) >= len(marks) > 0


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    found: set[str] = set()
    for match in _UNIT.finditer(text):
        if match.lastgroup == "word":
            found |= _terms(match.group())
    return frozenset(found)


@lru_cache(maxsize=65536)
def _terms(word: str) -> frozenset[str]:
    return frozenset(keyword_terms(word)) or frozenset({word})
