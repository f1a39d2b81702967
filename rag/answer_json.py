"""An answer as the stable JSON object that other programs read: see docs/answer-json.md."""

from __future__ import annotations

from typing import Any

from rag.checking import cited_hits
from rag.checking.reasons import tell
from rag.types import Answer, Citation, Hit, Reason, Sentence


def to_json(answer: Answer) -> dict[str, Any]:
    """Plain dicts, lists, strings and numbers, keys in the documented order.

    `hits` are in the order of their scores, best first; `sources` are the cited ones by number.
    """
    ranked = sorted(answer.hits, key=lambda hit: -hit.score)
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "answer": answer.answer,
        "status": answer.status,
        "confidence": answer.confidence,
        "reason": _reason(answer.reason),
        "signals": dict(answer.signals),
        "sentences": [_sentence(s) for s in answer.sentences],
        "dropped": [_sentence(s) for s in answer.dropped],
        "sources": [
            {"number": number, **_place(hit)}
            for number, hit in enumerate(cited_hits(answer), start=1)
        ],
        "hits": [_hit(hit) for hit in ranked],
        "models": dict(answer.models),
        "timings_ms": dict(answer.timings_ms),
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "verdict": sentence.verdict,
        "score": sentence.score,
        "citations": [_citation(c) for c in sentence.citations],
        "reason": _reason(sentence.reason),
    }


def _reason(reason: Reason | None) -> dict[str, str] | None:
    if reason is None:
        return None
    return {"code": reason.code, "en": tell(reason, "en"), "zh": tell(reason, "zh")}


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "document": citation.document,
        "document_id": citation.document_id,
        "page": citation.page,
        "unit": citation.unit,
        "label": citation.label,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "chunk_id": citation.chunk_id,
    }


def _place(hit: Hit) -> dict[str, Any]:
    return {
        "chunk_id": hit.chunk.chunk_id,
        "document": hit.document,
        "document_id": hit.chunk.document_id,
        "page": hit.chunk.page,
        "unit": hit.unit,
        "label": hit.label,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **_place(hit),
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "heading": hit.chunk.heading,
        "score": hit.score,
        "text": hit.chunk.text,
    }
