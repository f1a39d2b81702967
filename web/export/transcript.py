"""A conversation -> what a reader of its export is told, in the order told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag.checking.reasons import tell
from rag.text.tables import TABLE_ROW, cells_of
from rag.text.units import placed
from rag.types import Answer
from web.exchange import Exchange, Exchanges
from web.render import standing
from web.texts import Texts, texts
from web.texts_source import source_texts
from web.texts_talk import talk_texts


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an answer with its place in the numbered evidence and its standing in words,
    which is empty where it claims nothing."""

    text: str
    numbers: tuple[int, ...]
    standing: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place cited, and the words that stand there."""

    number: int
    place: str
    quotes: tuple[str, ...]


def table_of(quote: str) -> list[list[str]]:
    """The cells of a quote that is rows of a table, all rows of one length; none of other text."""
    lines = [line for line in quote.splitlines() if line.strip()]
    if not all(TABLE_ROW.match(line) for line in lines):
        return []
    found = [list(cells_of(line)) for line in lines]
    width = max(map(len, found), default=0)
    return [row + [""] * (width - len(row)) for row in found]


@dataclass(frozen=True, slots=True)
class Reply:
    """A question with its answer; `notes` are what else is to be known of it. `said` is empty where
    there is no answer, and a note says why."""

    question: str
    status: str
    said: tuple[Said, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation. `heading` names the evidence, `facts` say where and when it was written."""

    title: str
    facts: str
    heading: str
    replies: tuple[Reply, ...]


def transcript(
    title: str, collection: str, exchanges: Exchanges, language: str, now: datetime
) -> Transcript:
    """The conversation told in a language."""
    t = texts(language)
    models = {e.answer.models.get("generator", "") for e in exchanges if e.answer} - {""}
    facts = [
        talk_texts(language).exported,
        f"{now:%Y-%m-%d %H:%M} UTC",
        collection,
        *sorted(models),
    ]
    replies = tuple(_reply(exchange, t) for exchange in exchanges)
    return Transcript(title, " · ".join(facts), t.sources, replies)


def _reply(exchange: Exchange, t: Texts) -> Reply:
    answer = exchange.answer
    if answer is None:
        return Reply(exchange.question, "", (), (), (exchange.problem,))
    notes = []
    colon = "：" if t.language == "zh" else ": "
    if answer.standalone_question.strip() != exchange.question.strip():
        notes.append(f"{t.searched_for}{colon}{answer.standalone_question}")
    if answer.reason is not None:
        notes.append(tell(answer.reason, t.language))
    for sentence in answer.dropped:
        why = f" ({tell(sentence.reason, t.language)})" if sentence.reason else ""
        notes.append(f"{t.left_out}{colon}{sentence.text}{why}")
    status = str(getattr(t, answer.status))
    return Reply(exchange.question, status, _said(answer, t), _evidence(answer, t), tuple(notes))


def _said(answer: Answer, t: Texts) -> tuple[Said, ...]:
    told = source_texts(t.language)
    out = []
    at = 0
    for sentence in answer.sentences:
        numbers = tuple(sorted({citation.number for citation in sentence.citations}))
        kind = standing(sentence)
        text = answer.answer[at : sentence.end]
        out.append(Said(text, numbers, str(getattr(told, kind)) if kind else ""))
        at = sentence.end
    if rest := answer.answer[at:]:
        out.append(Said(rest, (), ""))
    return tuple(out)


def _evidence(answer: Answer, t: Texts) -> tuple[Evidence, ...]:
    places: dict[int, str] = {}
    quotes: dict[int, list[str]] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            page = placed(citation.unit, citation.page, citation.label, t.language)
            places[citation.number] = f"{citation.document}, {page}"
            said = quotes.setdefault(citation.number, [])
            if citation.quote not in said:
                said.append(citation.quote)
    return tuple(Evidence(n, places[n], tuple(quotes[n])) for n in sorted(places))
