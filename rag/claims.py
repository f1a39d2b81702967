"""How a claim compares with evidence, word by word: the features of the support scorer.

Pure and deterministic: no model. Each feature is a number that is cheap to explain: which content
words, numbers and names of the claim the evidence lacks, and whether one of the two is negated.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import pairwise

from rag.dictionary import translated_terms
from rag.quantities import Quantity, missing, quantities, stated_scales
from rag.rarity import Rarity, content_terms
from rag.sentences import sentence_spans
from rag.text import CJK, detect_language, keyword_terms, simplify

WINDOW_CHARS = {"en": 380, "zh": 140}
"""Evidence is compared in windows of consecutive sentences of about this many characters."""

_NEGATION_EN = re.compile(
    r"\b(?:not|never|no|none|neither|nor|without|cannot|nobody|nothing|unable|fails?|failed|"
    r"lacks?|lacked)\b|n['’]t\b"
)
_NEGATION_ZH = re.compile(
    r"不(?!同|仅|断|过|论|久|少|但|只|管|妨|禁|如|错|敌|幸|慎|愧|菲|凡|朽|锈|动产)|"
    r"(?<!沉|淹|出)没(?!收)|未(?!来)|无(?!论|疑|线)|"
    r"非(?!常|洲)|(?:并非|禁止|拒绝|否认|从未|停止)"
)
_NAME = re.compile(r"(?<![.!?:\"“]\s)(?<!^)\b[A-Z][\w'’-]*\w")
_CURRENCIES = frozenset(
    ("rmb", "cny", "eur", "usd", "gbp", "jpy", "sgd", "hkd", "chf", "aud", "cad", "inr", "krw")
)
"""Capitals that are no names: 165 欧元 is EUR 165."""
_ITEM = re.compile(r"(?:^|\s)[-*•·]\s")
"""Begins an item of a list."""
_POSSESSIVE = re.compile(r"['’]s?$")
_QUOTED = re.compile(r"[《「“]([^》」”]{2,24})[》」”]")
_DOTS = re.compile("[•・‧∙]")
_DOTTED = re.compile(rf"[{CJK}]{{1,2}}·(?:[{CJK}]+·)*[{CJK}]{{1,2}}")
"""A foreign name in Chinese, as far as it is sure to be one: 是德劳帕迪·穆尔穆的 begins and ends
with what is none of it, so of its first and last part two characters count."""
_GLUED_YEAR = re.compile(r"(?<=[A-Za-z])(?=(?:19|20)\d{2}(?!\d))")
"""Between a name and a year that follows without a blank: CBA2021-2022."""


@dataclass(frozen=True, slots=True)
class Features:
    """All shares are in [0, 1]; 1 is best for coverage, 0 for what is missing.

    `coverage`: weight of the claim's terms found anywhere in the evidence. `window`: the same in
    the best window, `sentence` in the best sentence, `pairs`: neighbouring terms found as
    neighbours in the best window. `numbers`, `names`: share of the claim's that the evidence
    lacks; `numbers_window`: that the best window lacks. `negation`: 1 if just one of claim and
    best sentence (its clause that speaks of the claim) is negated, weighted by how well they
    match. `lacking`: ln(1 + number of content terms not found). `length`: ln(1 + number of terms).
    `foreign`: 1 if claim and evidence are in different languages; `translated`: the weight of the
    claim's terms that a dictionary finds in the evidence then, else 0.
    """

    coverage: float
    window: float
    sentence: float
    pairs: float
    numbers: float
    numbers_window: float
    names: float
    negation: float
    lacking: float
    length: float
    foreign: float
    translated: float

    def values(self) -> dict[str, float]:
        """The features by name."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}


_CLAUSE = re.compile(r"[，；]|[,;](?=\s)")
_ONE_CLAUSE = 0.8
"""Share of what a sentence has of a claim from which one clause stands for the sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with what is compared of it: content words, neighbouring words,
    numbers and polarity. `turned`: it is an item of a list that a negation introduces ("Not
    covered: - damage by water")."""

    text: str
    terms: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    quantities: tuple[Quantity, ...]
    negated: bool
    turned: bool = False


class Evidence:
    """Evidence passages, cut into sentences and windows once for many claims.

    A window may run from one passage into the next: they support a claim together.
    """

    def __init__(self, passages: Sequence[str]) -> None:
        sentences = [pair for passage in passages for pair in _with_introduction(passage)]
        cut = [(part, turned) for text, turned in sentences for part in _cut_long(text)]
        texts = [text for text, _ in cut]
        self.sentences = [replace(piece(text), turned=turned) for text, turned in cut]
        self.windows = [piece(text) for text in _windows(texts)]
        self.text = simplify(unicodedata.normalize("NFKC", "\n".join(passages)))
        self.words = frozenset(re.findall(r"\w+", self.text.lower()))
        self.terms = frozenset(term for window in self.windows for term in window.terms)
        self.quantities = [q for window in self.windows for q in window.quantities]
        self.rarity = Rarity.of([sentence.text for sentence in self.sentences])
        self.scales = stated_scales(self.text)
        self.language = detect_language(self.text)

    def weight(self, term: str) -> float:
        """How much a content word of a claim counts: the rarer in the evidence, the more."""
        return self.rarity.weight(term)

    def share(self, wanted: frozenset[str], present: frozenset[str]) -> float:
        """The weighted share, in [0, 1], of `wanted` that is `present`; 0 if nothing is wanted."""
        total = sum(map(self.weight, wanted))
        return sum(map(self.weight, wanted & present)) / total if total else 0.0

    def ranked_windows(self, claim: str) -> list[tuple[float, Piece]]:
        """Windows by how much of the claim they cover, best first."""
        terms = piece(claim).terms
        scored = [(self.share(terms, window.terms), window) for window in self.windows]
        return sorted(scored, key=lambda pair: -pair[0])

    def gathered(self, claim: str, limit: int = 4) -> list[Piece]:
        """Up to `limit` sentences that together cover most of the claim, in reading order.

        Greedy: each adds the greatest weight of claim terms not yet covered.
        """
        left = set(piece(claim).terms)
        chosen: set[int] = set()
        while left and len(chosen) < limit:
            gains = [
                sum(map(self.weight, left & sentence.terms)) if i not in chosen else 0.0
                for i, sentence in enumerate(self.sentences)
            ]
            best = max(range(len(gains)), key=gains.__getitem__, default=-1)
            if best < 0 or gains[best] <= 0.0:
                break
            chosen.add(best)
            left -= self.sentences[best].terms
        return [self.sentences[i] for i in sorted(chosen)]


def compare(claim: str, evidence: Evidence, granted: Sequence[Quantity] = ()) -> Features:
    """The features of one claim. An empty claim or empty evidence compares as nothing found.
    Numbers of the claim that agree with one of `granted` need not be found."""
    said = piece(claim)
    window = max(evidence.windows, key=lambda w: evidence.share(said.terms, w.terms), default=None)
    sentence = max(
        evidence.sentences, key=lambda s: evidence.share(said.terms, s.terms), default=None
    )
    in_window = evidence.share(said.terms, window.terms) if window else 0.0
    in_sentence = evidence.share(said.terms, sentence.terms) if sentence else 0.0
    flipped = sentence is not None and _denies(sentence, said, evidence) != said.negated
    return Features(
        coverage=evidence.share(said.terms, evidence.terms),
        window=in_window,
        sentence=in_sentence,
        pairs=_share(said.pairs, window.pairs if window else frozenset()),
        numbers=_missing_share(said.quantities, [*evidence.quantities, *granted], evidence.scales),
        numbers_window=_missing_share(
            said.quantities, [*(window.quantities if window else ()), *granted], evidence.scales
        ),
        names=_missing_names(claim, evidence),
        negation=in_sentence if flipped else 0.0,
        lacking=math.log1p(len(said.terms - evidence.terms)),
        length=math.log1p(len(said.terms)),
        foreign=float(detect_language(claim) != evidence.language),
        translated=evidence.share(said.terms, translated_terms(claim, evidence.text)),
    )


def _denies(sentence: Piece, said: Piece, evidence: Evidence) -> bool:
    """Whether the sentence is negated where it speaks of what is said: in the one clause that has
    almost all of it, if there is one, else as a whole."""
    clauses = [piece(text) for text in _CLAUSE.split(sentence.text) if text.strip()]
    whole = evidence.share(said.terms, sentence.terms)
    best = max(clauses, key=lambda c: evidence.share(said.terms, c.terms), default=sentence)
    enough = evidence.share(said.terms, best.terms) >= _ONE_CLAUSE * whole
    return (best.negated if enough else sentence.negated) != sentence.turned


def _with_introduction(passage: str) -> list[tuple[str, bool]]:
    """The sentences of a passage, each with whether it is an item of a list that a negation with a
    colon introduces, and stands apart from it."""
    found = []
    denied = False
    for start, end in sentence_spans(passage):
        text = passage[start:end]
        item = _ITEM.search(text)
        above = text[: item.start()] if item else text
        if above.strip():
            denied = above.rstrip().endswith((":", "：")) and is_negated(above)
        found.append((text, denied and not above.strip()))
    return found


@lru_cache(maxsize=4096)
def piece(text: str) -> Piece:
    """What is compared of `text`."""
    words = _GLUED_YEAR.sub(" ", text)
    pairs = frozenset(pairwise(keyword_terms(words)))
    return Piece(
        text, frozenset(content_terms(words)), pairs, tuple(quantities(words)), is_negated(text)
    )


def is_negated(text: str) -> bool:
    """Whether the text holds an odd number of negations, English or Chinese."""
    folded = simplify(unicodedata.normalize("NFKC", text)).lower()
    found = len(_NEGATION_EN.findall(folded)) + len(_NEGATION_ZH.findall(folded))
    return found % 2 == 1


def names(text: str) -> list[str]:
    """Capitalised words inside sentences, quoted titles and dotted foreign names, lower-cased."""
    folded = _one_dot(simplify(unicodedata.normalize("NFKC", text)))
    found = [match.group() for match in _NAME.finditer(folded)]
    found += [match.group(1) for match in _QUOTED.finditer(folded)]
    found += _DOTTED.findall(folded)
    plain = (_POSSESSIVE.sub("", name.lower()) for name in found)
    return [name for name in plain if name not in _CURRENCIES]


def _one_dot(text: str) -> str:
    """The text with one of the dots that part a foreign name in Chinese for all of them."""
    return _DOTS.sub("·", text)


def _missing_names(claim: str, evidence: Evidence) -> float:
    wanted = names(claim)
    if not wanted:
        return 0.0
    text = _one_dot(evidence.text.lower())
    return sum(name not in evidence.words and name not in text for name in wanted) / len(wanted)


def _missing_share(
    claimed: Sequence[Quantity], held: Sequence[Quantity], scales: Collection[float]
) -> float:
    return len(missing(claimed, held, scales)) / len(claimed) if claimed else 0.0


def _share(wanted: frozenset[tuple[str, str]], present: frozenset[tuple[str, str]]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def _windows(sentences: Sequence[str]) -> list[str]:
    """Runs of consecutive sentences up to WINDOW_CHARS, each new run reusing the last one's end."""
    windows: list[str] = []
    run: list[str] = []
    for sentence in sentences:
        room = WINDOW_CHARS[detect_language(sentence)]
        if run and sum(map(len, run)) + len(sentence) > room:
            windows.append(_join(run))
            run = run[-1:] if len(run[-1]) + len(sentence) <= room else []
        run.append(sentence)
    if run:
        windows.append(_join(run))
    return windows


def _cut_long(sentence: str) -> list[str]:
    """A run without sentence ends, such as a table, in parts of at most two windows."""
    room = 2 * WINDOW_CHARS[detect_language(sentence)]
    return [sentence[at : at + room] for at in range(0, len(sentence), room)]


def join_pieces(pieces: Sequence[Piece]) -> str:
    """Sentences as one text."""
    return _join([piece.text for piece in pieces]) if pieces else ""


def _join(sentences: Sequence[str]) -> str:
    return ("" if detect_language(sentences[0]) == "zh" else " ").join(sentences)
