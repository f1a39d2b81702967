"""From whatever a system returns to a Prediction: text, the answer JSON, or Plumbline's record.

The answer JSON is documented in docs/answer-json.md; only `answer` is needed of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval.errors import SystemFailure
from eval.metrics.refusal import looks_like_refusal
from eval.types import CitedQuote, Claim, Prediction, Retrieved
from rag.text import sentence_spans


def to_prediction(identity: str, value: Any) -> Prediction:
    """The prediction for question `identity`. Raises SystemFailure when `value` is no answer."""
    if isinstance(value, str):
        return from_text(identity, value)
    if isinstance(value, Mapping):
        return from_answer_json(identity, value)
    raise SystemFailure(f"an answer must be text or the answer JSON, not {type(value).__name__}")


def from_text(identity: str, text: str) -> Prediction:
    """A bare answer: its sentences are the claims, and a phrase of refusal is a refusal."""
    refused = looks_like_refusal(text)
    claims = () if refused else tuple(Claim(text[a:b]) for a, b in sentence_spans(text))
    return Prediction(identity, text, refused, claims)


def from_answer_json(identity: str, value: Mapping[str, Any]) -> Prediction:
    """The answer JSON. Fields of a wrong type are a SystemFailure that names them."""
    answer = value.get("answer")
    if not isinstance(answer, str):
        raise SystemFailure(f"the answer JSON needs 'answer' as text, not {answer!r:.60}")
    plain = from_text(identity, answer)
    try:
        hits = tuple(_hit(h) for h in value.get("hits") or ())
        sentences = [_claim(s, hits) for s in value.get("sentences") or ()]
        status = value.get("status")
        refused = plain.abstained if status is None else status == "abstained"
        claims = tuple(s for s in sentences if s.verdict != "no_claim") or plain.claims
        return Prediction(
            id=identity,
            answer=answer,
            abstained=refused,
            claims=() if refused else claims,
            hits=hits,
            confidence=_confidence(value, sentences, refused),
            timings_ms={str(k): float(v) for k, v in (value.get("timings_ms") or {}).items()},
            tokens={str(k): int(v) for k, v in (value.get("tokens") or {}).items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise SystemFailure(f"the answer JSON is malformed: {type(err).__name__} {err}") from None


def _hit(value: Mapping[str, Any]) -> Retrieved:
    return Retrieved(
        document=str(value["document"]),
        text=str(value["text"]),
        score=float(value.get("score", 0.0)),
        page=int(value.get("page", 1)),
        chunk_id=str(value.get("chunk_id", "")),
    )


def _claim(value: Mapping[str, Any], hits: tuple[Retrieved, ...]) -> Claim:
    score = value.get("score")
    return Claim(
        text=str(value["text"]),
        citations=tuple(_citation(c, hits) for c in value.get("citations") or ()),
        verdict=str(value.get("verdict", "")),
        score=None if score is None else float(score),
    )


def _citation(value: Mapping[str, Any], hits: tuple[Retrieved, ...]) -> CitedQuote:
    """Without the document at hand a quote is exact as far as can be seen when it stands in the
    passage that it names and is as long as its offsets say."""
    quote, start, end = str(value["quote"]), int(value.get("start", 0)), int(value.get("end", 0))
    chunk = str(value.get("chunk_id", ""))
    passages = [h.text for h in hits if h.chunk_id == chunk]
    exact = None
    if passages:
        exact = end - start == len(quote) and any(quote in text for text in passages)
    return CitedQuote(
        str(value["document"]), quote, int(value.get("page", 1)), start, end, chunk, exact
    )


def _confidence(value: Mapping[str, Any], claims: list[Claim], refused: bool) -> float | None:
    """The system's own `confidence`, else the score of its least supported sentence."""
    if (given := value.get("confidence")) is not None:
        return float(given)
    scores = [c.score for c in claims if c.score is not None and c.verdict != "no_claim"]
    if refused:
        return 0.0
    return min(scores) if scores else None
