"""External support scorers by name, for those who have them. Each imports inside its branch.

hhem            Vectara's HHEM-2.1-open; runs the model code that its hub page ships
minicheck       MiniCheck (Tang et al. 2024), package `minicheck`
lettucedetect   LettuceDetect (Kovács and Recski 2025), package `lettucedetect`
anything else   a sentence-transformers cross-encoder: a folder or a hub name; one output is
                read as support, three as the entailment classes its labels name
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.models.logistic import sigmoid
from rag.seams import SupportScorer

HHEM = "vectara/hallucination_evaluation_model"
MINICHECK = "flan-t5-large"
LETTUCEDETECT = "KRLabsOrg/lettucedect-base-modernbert-en-v1"


class PairwiseScorer:
    """A model that scores (evidence, claim) pairs; the evidence is joined into one text."""

    def __init__(self, name: str, predict: Callable[[list[tuple[str, str]]], list[float]]) -> None:
        self.name = name
        self._predict = predict

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """See `rag.seams.SupportScorer`; the question is not used."""
        if not claims:
            return []
        joined = "\n".join(evidence)
        scores = self._predict([(joined, claim) for claim in claims])
        return [min(1.0, max(0.0, float(score))) for score in scores]


class LettuceScorer:
    """1 minus the confidence of the surest span that LettuceDetect calls unsupported."""

    def __init__(self, detector: Any) -> None:
        self.name = f"lettucedetect ({LETTUCEDETECT})"
        self._detector = detector

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """See `rag.seams.SupportScorer`."""
        return [self._one(question, claim, list(evidence)) for claim in claims]

    def _one(self, question: str, claim: str, evidence: list[str]) -> float:
        spans = self._detector.predict(
            context=evidence, question=question, answer=claim, output_format="spans"
        )
        return 1.0 - max((float(span["confidence"]) for span in spans), default=0.0)


def load_external(name: str) -> SupportScorer:
    """The external scorer called `name`. Raises ModelError naming what to install or fetch."""
    try:
        if name == "hhem":
            return PairwiseScorer(f"hhem ({HHEM})", _hhem())
        if name == "minicheck":
            return PairwiseScorer(f"minicheck ({MINICHECK})", _minicheck())
        if name == "lettucedetect":
            return _lettucedetect()
        return PairwiseScorer(name, _cross_encoder(name))
    except ImportError as err:
        raise ModelError(
            f"the scorer {name!r} needs a package that is missing: pip install {err.name}"
        ) from None
    except (OSError, ValueError) as err:
        raise ModelError(
            f"the scorer {name!r} cannot be loaded: {err}; "
            'set checking.scorer to "plumbline" or to a folder or hub name that exists'
        ) from None


def _hhem() -> Callable[[list[tuple[str, str]]], list[float]]:
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(HHEM, trust_remote_code=True)
    return lambda pairs: [float(score) for score in model.predict(pairs)]


def _minicheck() -> Callable[[list[tuple[str, str]]], list[float]]:
    from minicheck.minicheck import MiniCheck

    model = MiniCheck(model_name=MINICHECK)

    def predict(pairs: list[tuple[str, str]]) -> list[float]:
        _, probabilities, _, _ = model.score(
            docs=[evidence for evidence, _ in pairs], claims=[claim for _, claim in pairs]
        )
        return [float(p) for p in probabilities]

    return predict


def _lettucedetect() -> SupportScorer:
    from lettucedetect.models.inference import HallucinationDetector

    return LettuceScorer(HallucinationDetector(method="transformer", model_path=LETTUCEDETECT))


def _cross_encoder(name: str) -> Callable[[list[tuple[str, str]]], list[float]]:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(name)
    labels = {str(v).lower(): int(k) for k, v in (model.config.id2label or {}).items()}
    entailed = next((i for label, i in labels.items() if label.startswith("entail")), None)

    def predict(pairs: list[tuple[str, str]]) -> list[float]:
        raw = np.asarray(model.predict(pairs, convert_to_numpy=True), dtype=np.float64)
        return support_of(raw, entailed)

    return predict


def support_of(raw: np.ndarray[Any, np.dtype[np.float64]], entailed: int | None) -> list[float]:
    """A cross-encoder's outputs, shape [n] or [n, classes], as support in [0, 1].

    One output is a probability already or, where any lies outside [0, 1], a logit. Of several,
    the softmax of the class `entailed` counts, or of the last class if none is named so.
    """
    if raw.ndim == 1 or raw.shape[1] == 1:
        flat = raw.reshape(-1)
        is_logit = bool(((flat < 0.0) | (flat > 1.0)).any())
        return [sigmoid(float(x)) if is_logit else float(x) for x in flat]
    shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
    column = raw.shape[1] - 1 if entailed is None else entailed
    return [float(p) for p in (shifted / shifted.sum(axis=1, keepdims=True))[:, column]]
