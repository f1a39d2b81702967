"""The frozen records of an evaluation, and how they are written as JSON.

Knows nothing of Plumbline's pipeline: a `Prediction` is what any answering system may give.
Offsets are 0-based characters, end exclusive; scores lie in [0, 1]; times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rag.types import Language, Turn


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer stands: a document's name and the words in it. An empty `quote` means that
    the whole document is the evidence. Entries of one `part` are alternatives (the same fact in
    another language, say); without a part each entry is wanted for itself."""

    document: str
    quote: str = ""
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One question with what is known about its answer.

    `answers` holds parts that must all occur in the answer, each with its accepted alternatives:
    (("12", "twelve"), ("May",)) wants 12 or twelve, and May. `passages` given with the question
    switch retrieval off. `pair` names the question across languages; `forbidden` are strings that
    show that the system was steered.
    """

    id: str
    question: str
    answers: tuple[tuple[str, ...], ...]
    answerable: bool
    language: Language
    kind: str = "question"
    history: tuple[Turn, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    passages: tuple[str, ...] = ()
    pair: str = ""
    forbidden: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """Accepted answers as whole strings, for exact match, F1 and ROUGE.

        One part: each alternative. Several: the first alternatives joined by a space.
        """
        if len(self.answers) == 1:
            return self.answers[0]
        return (" ".join(part[0] for part in self.answers),) if self.answers else ()


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """A text that came with a data set and can be put into a collection."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions read from one or more files, and the documents that came along.

    `digest` is the SHA-256 over the files; `problems` are the lines that could not be read.
    """

    name: str
    format: str
    digest: str
    examples: tuple[Example, ...]
    documents: tuple[GivenDocument, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A claim, its evidence and a person's label: does the evidence support the claim? Where
    people gave marks, `mark` is their mean; `rivals` holds other judges' scores by name."""

    id: str
    claim: str
    evidence: tuple[str, ...]
    supported: bool
    language: Language
    question: str = ""
    kind: str = ""
    mark: float | None = None
    rivals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Labelled pairs read from one file, or made by perturbing its texts."""

    name: str
    format: str
    digest: str
    pairs: tuple[LabelledPair, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedQuote:
    """A citation as the system gave it; `start:end` are offsets in the page's text. `exact` says
    whether the document's text there is the quote; None if the text could not be had."""

    document: str
    quote: str
    page: int = 1
    start: int = 0
    end: int = 0
    chunk_id: str = ""
    exact: bool | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer. `verdict` and `score` are the system's own, if it gives any."""

    text: str
    citations: tuple[CitedQuote, ...] = ()
    verdict: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that the system found, best first."""

    document: str
    text: str
    score: float = 0.0
    page: int = 1
    chunk_id: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system gave for one question. `error` is set, and the rest empty, when it failed.

    `confidence` orders answers by how sure the system is (any scale). `tokens` may hold "input"
    and "output"; `memory_mb` is the resident memory of the process after the answer. With
    `retrieval_only` no answer was asked for, only `hits`.
    """

    id: str
    answer: str = ""
    abstained: bool = False
    claims: tuple[Claim, ...] = ()
    hits: tuple[Retrieved, ...] = ()
    confidence: float | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    memory_mb: float | None = None
    error: str = ""
    retrieval_only: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judge's view of one claim: `score` in [0, 1], or None when unscored, with the reason."""

    score: float | None
    supported: bool | None
    reason: str = ""

    @classmethod
    def at(cls, score: float, threshold: float) -> Judgement:
        """Supported when the score reaches the threshold."""
        return cls(score, score >= threshold)

    @classmethod
    def unscored(cls, reason: str) -> Judgement:
        """No verdict: counted and shown, neither supported nor dropped."""
        return cls(None, None, reason)


@dataclass(frozen=True, slots=True)
class Score:
    """An item's share in a metric: the metric is the sum of `num` over the sum of `den`.

    A mean has `den` 1 for each item. Unscored parts count in `den` at their worst, and in
    `unscored`, so that they are neither dropped nor taken as right.
    """

    num: float
    den: float = 1.0
    unscored: float = 0.0


def to_json(record: Any) -> dict[str, Any]:
    """A record as plain dictionaries and lists."""
    return asdict(record)


def prediction_from_json(values: Mapping[str, Any]) -> Prediction:
    """The inverse of `to_json` for a Prediction."""
    known = {f.name: values[f.name] for f in fields(Prediction) if f.name in values}
    known["claims"] = tuple(_claim(c) for c in values.get("claims", ()))
    known["hits"] = tuple(Retrieved(**h) for h in values.get("hits", ()))
    return Prediction(**known)


def _claim(values: Mapping[str, Any]) -> Claim:
    cited = tuple(CitedQuote(**c) for c in values.get("citations", ()))
    return Claim(values["text"], cited, values.get("verdict", ""), values.get("score"))
