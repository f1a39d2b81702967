"""Asking a judge through the cache, so that the same claim is never judged twice."""

from __future__ import annotations

from collections.abc import Sequence

from eval.cache import Cache, key_of
from eval.judges import Judge
from eval.types import Judgement, to_json


class CachedJudge:
    """A judge whose verdicts are kept by content. Unscored ones are not: they may pass next time
    (an endpoint that was down), so a later run asks again."""

    def __init__(self, judge: Judge, cache: Cache) -> None:
        self.judge_itself = judge
        self._cache = cache
        self._identity = dict(judge.fingerprint)

    @property
    def name(self) -> str:
        """The judge's own name."""
        return self.judge_itself.name

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """As the judge's own; only what is not known yet is asked."""
        keys = [key_of(self._identity, question, claim, list(evidence)) for claim in claims]
        known: dict[str, Judgement] = {}
        for key in keys:
            if (stored := self._cache.get(key)) is not None:
                known[key] = Judgement(**stored)
        open_claims = {k: c for k, c in zip(keys, claims, strict=True) if k not in known}
        if open_claims:
            fresh = self.judge_itself.judge(question, list(open_claims.values()), evidence)
            for key, judgement in zip(open_claims, fresh, strict=True):
                known[key] = judgement
                if judgement.score is not None:
                    self._cache.put(key, to_json(judgement))
        return [known[key] for key in keys]
