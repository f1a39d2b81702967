"""Proposing questions from a collection's passages and sifting them.

The model, the search and the passages come in through small seams, so that any can be exchanged.
Deterministic for a fixed seed as far as the model is.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from eval.metrics.refusal import looks_like_refusal
from eval.synth.checks import Proposal, agrees, faults, locate, rank_of
from eval.synth.prompts import KINDS, SYSTEM, TWO_PASSAGES, Kind, prompt, schema
from eval.systems.endpoint import GIVEN
from rag.text import detect_language

MIN_CHARS = 120
"""Passages shorter than this hold too little to ask about."""
FOUND_WITHIN = 5
ATTEMPTS = 6
"""Passages tried for each question wanted, before giving up."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage to ask about."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that passed, ready to be written as a line of the project's own format."""

    kind: Kind
    question: str
    answer: str
    evidence: tuple[tuple[str, str], ...]
    history: tuple[tuple[str, str], ...]
    rank: int | None

    def to_json(self, identity: str) -> dict[str, Any]:
        """The line; `status` is `proposed` until a person decides."""
        return {
            "id": identity,
            "question": self.question,
            "history": [{"question": q, "answer": a} for q, a in self.history],
            "answers": [self.answer] if self.answer else [],
            "evidence": [{"document": d, "quote": q} for d, q in self.evidence],
            "answerable": bool(self.answer),
            "language": detect_language(self.question),
            "kind": self.kind,
            "status": "proposed",
            "checks": {"found_at_rank": self.rank},
        }


Search = Callable[[str], Sequence[Source]]
"""The passages that the system under test would find for a question, best first."""
Reject = Callable[[Kind, str, Sequence[str]], None]
"""Told of every proposal that did not pass: kind, question, reasons."""


class Maker:
    """Makes questions of the kinds asked for, in turn."""

    def __init__(
        self, chat: BaseChatModel, search: Search, sources: Sequence[Source], seed: int
    ) -> None:
        self._chat, self._search = chat, search
        self._sources = [s for s in sources if len(s.text) >= MIN_CHARS]
        self._rng = random.Random(seed)

    def make(self, count: int, kinds: Sequence[Kind], rejected: Reject) -> Iterator[Question]:
        """Up to `count` questions; fewer when the passages or the model give no more."""
        kinds = kinds or KINDS
        made = 0
        for attempt in range(count * ATTEMPTS):
            if made >= count or not self._sources:
                return
            kind = kinds[attempt % len(kinds)]
            question = self._try(kind, rejected)
            if question is not None:
                made += 1
                yield question

    def _try(self, kind: Kind, rejected: Reject) -> Question | None:
        sources = self._pick(kind)
        if not sources:
            return None
        history: tuple[tuple[str, str], ...] = ()
        if kind == "follow-up":
            first = self._try("fact", rejected)
            if first is None:
                return None
            history = ((first.question, first.answer),)
            sources = [s for s in self._sources if s.document == first.evidence[0][0]][:1]
        proposal = self._propose(kind, sources, history)
        if proposal is None:
            rejected(kind, "", ["the model's reply was not the JSON asked for"])
            return None
        wrong = faults(proposal)
        rank = None
        if not wrong:
            wrong, rank = self._round_trip(proposal, history)
        if wrong:
            rejected(kind, proposal.question, wrong)
            return None
        quotes = [locate(q, s.text) or q for q, s in zip(proposal.quotes, sources, strict=False)]
        evidence = tuple((s.document, q) for s, q in zip(sources, quotes, strict=False))
        answerable = kind != "unanswerable"
        return Question(
            kind,
            proposal.question.strip(),
            proposal.answer.strip() if answerable else "",
            evidence if answerable else (),
            history,
            rank,
        )

    def _pick(self, kind: Kind) -> list[Source]:
        if not self._sources:
            return []
        first = self._rng.choice(self._sources)
        if kind not in TWO_PASSAGES:
            return [first]
        near = [s for s in self._search(first.text[:500]) if s.text != first.text]
        language = detect_language(first.text)
        near = [s for s in near if detect_language(s.text) == language]
        return [first, near[0]] if near else []

    def _propose(
        self, kind: Kind, sources: Sequence[Source], history: Sequence[tuple[str, str]]
    ) -> Proposal | None:
        texts = [s.text for s in sources]
        language = detect_language(texts[0])
        asked, told = history[0] if history else ("", "")
        request = prompt(kind, language, texts, asked, told)
        reply = self._ask(SYSTEM[language], request, schema(kind))
        if reply is None:
            return None
        names = ("quote", "second_quote")[: len(texts)] if kind != "unanswerable" else ()
        quotes = tuple(str(reply.get(n, "")) for n in names)
        return Proposal(
            kind, str(reply.get("question", "")), str(reply.get("answer", "")), quotes, tuple(texts)
        )

    def _round_trip(
        self, proposal: Proposal, history: Sequence[tuple[str, str]]
    ) -> tuple[list[str], int | None]:
        query = " ".join([*(q for q, _ in history), proposal.question])
        found = [s.text for s in self._search(query)][:FOUND_WITHIN]
        again = self._answer(query, found)
        if proposal.kind == "unanswerable":
            return ([] if looks_like_refusal(again) else ["the passages answer it"]), None
        rank = rank_of(proposal.passages, found)
        wrong = [] if rank else [f"its passage is not among the first {FOUND_WITHIN} found"]
        if not agrees(proposal.answer, again):
            wrong.append("asked again, the model gives another answer")
        return wrong, rank

    def _answer(self, question: str, passages: Sequence[str]) -> str:
        numbered = "\n\n".join(f"[{i}] {p}" for i, p in enumerate(passages, start=1))
        form = GIVEN[detect_language(question)]
        message = HumanMessage(form.format(passages=numbered, question=question))
        return str(self._chat.invoke([message], temperature=0).text)

    def _ask(self, system: str, text: str, form: Mapping[str, Any]) -> Mapping[str, Any] | None:
        wanted = {"type": "json_schema", "json_schema": {"name": "question", "schema": form}}
        messages = [SystemMessage(system), HumanMessage(text)]
        message = self._chat.invoke(messages, response_format=wanted, temperature=0)
        try:
            reply = json.loads(str(message.text))
        except json.JSONDecodeError:
            return None
        return reply if isinstance(reply, dict) else None
