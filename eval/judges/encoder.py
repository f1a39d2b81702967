"""A named encoder as judge: any sentence-transformers cross-encoder, from a folder or a hub.

For those who have one: HHEM, MiniCheck's encoders, NLI models, LettuceDetect's sentence heads.
One output is a probability of support; three are an NLI model, whose entailment label is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eval.types import Judgement
from rag.errors import ModelError

THRESHOLD = 0.5


class PairScorer(Protocol):
    """What is used of a cross-encoder: logits for (evidence, claim) pairs."""

    def predict(self, sentences: Any, **options: Any) -> Any:
        """Shape [pairs] or [pairs, labels]."""


class Encoder:
    """Each passage is read by itself; a claim's score is that of the passage that supports it
    best, so a claim that needs two passages at once may be underrated."""

    threshold = THRESHOLD

    def __init__(
        self,
        model: str,
        scorer: PairScorer | None = None,
        labels: Mapping[int, str] | None = None,
    ) -> None:
        """Load the model unless a scorer is given. Raises ModelError when it cannot be had."""
        self._model = model
        self._scorer, self._labels = (scorer, labels or {}) if scorer else _load(model)

    @property
    def name(self) -> str:
        """The last part of the model's name."""
        return self._model.rstrip("/").rsplit("/", 1)[-1]

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """The model's name and labels."""
        return {"judge": "encoder", "model": self._model, "labels": dict(self._labels)}

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """Without evidence every claim is unscored."""
        if not evidence:
            return [Judgement.unscored("there is no evidence to hold it against")] * len(claims)
        pairs = [(passage, claim) for claim in claims for passage in evidence]
        raw = np.asarray(self._scorer.predict(pairs, activation_fn=_identity), dtype=np.float64)
        best = self._support(raw).reshape(len(claims), len(evidence)).max(axis=1)
        return [Judgement.at(float(score), THRESHOLD) for score in best]

    def close(self) -> None:
        """Nothing is held beyond the process."""

    def _support(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        if logits.ndim == 1 or logits.shape[1] == 1:
            chance: NDArray[np.float64] = 1 / (1 + np.exp(-logits.reshape(-1)))
            return chance
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares[:, self._entailment(logits.shape[1])]

    def _entailment(self, count: int) -> int:
        for place, label in self._labels.items():
            if str(label).lower() in ("entailment", "supported", "consistent", "label_1"):
                return int(place)
        raise ModelError(
            f"model {self._model} has {count} labels ({', '.join(self._labels.values())}), none of "
            "which is entailment, supported or consistent"
        )


def _identity(values: Any) -> Any:
    return values


def _load(model: str) -> tuple[PairScorer, Mapping[int, str]]:
    from sentence_transformers import CrossEncoder

    try:
        encoder = CrossEncoder(model)
    except (OSError, ValueError) as err:
        raise ModelError(
            f"the encoder {model!r} cannot be loaded: {str(err).splitlines()[0]}; name a folder "
            "that holds it, or a hub name while the hub can be reached"
        ) from None
    return encoder, dict(encoder.config.id2label)
