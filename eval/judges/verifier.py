"""Plumbline's own verifier as a judge: offline, deterministic, the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.provenance import code_digest
from eval.types import Judgement
from rag.config import Settings
from rag.seams import SupportScorer


class Verifier:
    """Any SupportScorer; a claim is supported from `threshold` on."""

    def __init__(
        self, scorer: SupportScorer, threshold: float, identity: Mapping[str, Any]
    ) -> None:
        self._scorer = scorer
        self._identity = dict(identity)
        self.threshold = threshold

    @property
    def name(self) -> str:
        """`plumbline`; the version stands in the fingerprint."""
        return "plumbline"

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """Scorer, threshold, and the embedder beneath it."""
        return {
            "judge": "plumbline",
            "scorer": self._scorer.name,
            "threshold": self.threshold,
            **self._identity,
        }

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """Without evidence every claim is unscored."""
        if not evidence:
            return [Judgement.unscored("there is no evidence to hold it against")] * len(claims)
        scores = self._scorer.score(question, claims, evidence)
        return [Judgement.at(float(score), self.threshold) for score in scores]

    def close(self) -> None:
        """Nothing is held beyond the process."""


def open_verifier(settings: Settings) -> Verifier:
    """Load the shipped scorer. Raises ModelError naming the model that is missing."""
    from rag.checking import SUPPORTED_FROM, load_scorer
    from rag.models.embedder import load_embedder

    embedder = load_embedder(settings)
    scorer = load_scorer(settings, embedder)
    identity = {
        "embedder": embedder.info.name,
        "embedder_sha256": embedder.info.digest,
        "weights_sha256": code_digest("rag/weights"),
    }
    return Verifier(scorer, SUPPORTED_FROM, identity)
