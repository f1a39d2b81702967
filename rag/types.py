"""The frozen records that pass between stages.

Knows nothing of files, databases, models or the network.

Offsets everywhere are 0-based character positions (Python code points), `start` inclusive and
`end` exclusive. Page numbers are 1-based, as people count them; for formats without pages a
document has one page, or one per slide or sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:  # a tenth of a second that a command which shows a list need not spend
    import numpy as np
    from numpy.typing import NDArray

FloatArray: TypeAlias = "NDArray[np.float32]"
Span = tuple[int, int]

Status = Literal["grounded", "partly_grounded", "abstained"]
Verdict = Literal["supported", "partly", "unsupported", "no_claim", "unchecked"]
ReasonCode = Literal[
    "nothing_found",
    "declined",
    "nothing_supported",
    "unsure",
    "no_quote",
    "number",
    "name",  # of answers kept since names were compared
    "negation",
    "weak",
    "blocked_question",
    "blocked_answer",
]
Language = Literal["en", "zh"]
Unit = Literal["page", "slide", "sheet", "section", "part"]
Change = Literal["added", "unchanged", "replaced", "renamed", "skipped", "failed"]
Metadata = Mapping[str, object]
"""What is said about a document by field: strings, numbers, truth values, or lists of these."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 = top) and the offset in the page's text where it starts."""

    level: int
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page's extracted text. `number` is 1-based; `headings` are in order of `start`. `label`
    is what the page is called beside its number: the sheet's name, the file in an archive, the
    number that is printed. `boxes` are the places of characters that were read by OCR, packed by
    `ingest.places.boxes`."""

    number: int
    text: str
    headings: tuple[Heading, ...] = ()
    label: str = ""
    boxes: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """One file as read. `document_id` is the SHA-256 of its bytes in lower-case hex; `metadata` is
    what the file says of itself (front matter)."""

    document_id: str
    name: str
    path: str
    media_type: str
    pages: tuple[Page, ...]
    bytes: int
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `text` equals `page.text[start:end]` of page `page` of its document.

    `heading` is the path of headings above it, joined by " > " (empty if none); `tokens` counts
    the embedder's tokens of `text`; `ordinal` is its 0-based place among its document's chunks.
    """

    chunk_id: str
    document_id: str
    page: int
    start: int
    end: int
    text: str
    heading: str
    tokens: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What a collection remembers of a document, without its text; `metadata` is what the file and
    its first place say."""

    document_id: str
    name: str
    path: str
    media_type: str
    bytes: int
    pages: int
    pages_without_text: int
    chunks: int
    added_at: str
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A path from which a document was read. `stamp` names the state of the file at that time:
    while it is the same the file is not read again ("": read it). `metadata` is said of the place,
    not in the document."""

    path: str
    name: str
    document_id: str
    stamp: str = ""
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What makes vectors comparable: `digest` is the SHA-256 of the embedder's weights."""

    name: str
    digest: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk. `score` grows with relevance; `ranks` gives its 1-based rank by each
    searcher that found it ("vectors", "keywords"), `scores` that searcher's own score. `unit` and
    `label` name its page (`rag.text.units`)."""

    chunk: Chunk
    document: str
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    unit: Unit = "page"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str


Turns = Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer sentence stands: `quote` equals the page's text at `start:end`.

    `number` is the 1-based number shown to the reader; it indexes `Answer.hits` in order. `unit`
    and `label` are the hit's.
    """

    number: int
    document: str
    document_id: str
    page: int
    start: int
    end: int
    quote: str
    chunk_id: str
    unit: Unit = "page"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a sentence is not supported or no answer is shown (`rag.checking.reasons` puts it in
    words); `detail` names the number, name or figure meant."""

    code: ReasonCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer; `start:end` are offsets in `Answer.answer`, `score` in [0, 1].
    `reason` says why it is not supported, None where it is or claims nothing."""

    text: str
    start: int
    end: int
    verdict: Verdict
    score: float
    citations: tuple[Citation, ...]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets. `standalone_question` is what was searched for: the question itself, or
    the follow-up made to stand alone. `dropped` are sentences left out as unsupported (strict
    mode). `models` maps role to name, `timings_ms` maps stage to milliseconds. `confidence`, in
    [0, 1], is how likely the answer is right and in the documents; below the settings'
    `min_confidence` the answer is an abstention, and `reason` says why. `signals` are what the
    confidence rests on, by name (`rag.checking.decide`); empty where nothing is supported."""

    question: str
    standalone_question: str
    answer: str
    status: Status
    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    dropped: tuple[Sentence, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    reason: Reason | None = None
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Event: retrieval is done."""

    standalone_question: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Event of a summary: `done` of `total` pieces are written and checked, which `answer` holds
    (None before there is any); `title` is what comes next, empty for the overview."""

    done: int
    total: int
    title: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """Event: the model wrote this much more raw text (provisional until `Done`)."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """Event: the checked answer; always the last one."""

    answer: Answer


Event = Retrieved | Progress | Delta | Done
