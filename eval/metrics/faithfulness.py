"""Faithfulness of one answer: do the passages hold what it claims?

`faithfulness`       supported claims / all claims, pooled over answers; [0, 1], higher is better
                     (as in RAGAS, Es et al., 2024, and FActScore, Min et al., 2023)
`faithful_answers`   answers without an unsupported claim / answers; [0, 1], higher is better
`severity`           weight of the unsupported claims by kind / claims; [0, 1], lower is better
`wrong_KIND`         unsupported claims of the kind / claims; [0, 1], lower is better
A claim without a verdict stays in the denominator as not supported, and is counted as unscored.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.facts import KINDS, SEVERITY, Kind
from eval.types import Judgement, Score


def faithfulness_scores(
    judgements: Sequence[Judgement], kinds: Sequence[Kind | None]
) -> dict[str, Score]:
    """The scores of an answer with these claims; `kinds` names the kind of each unsupported one.

    An answer without claims (a refusal) has none of these scores.
    """
    if not judgements:
        return {}
    total = len(judgements)
    supported = sum(j.supported is True for j in judgements)
    unscored = sum(j.supported is None for j in judgements)
    bad = [k for k, j in zip(kinds, judgements, strict=True) if j.supported is False and k]
    scores = {
        "faithfulness": Score(supported, total, unscored),
        "faithful_answers": Score(float(supported == total), 1.0, float(unscored > 0)),
        "severity": Score(sum(SEVERITY[k] for k in bad) + unscored, total, unscored),
    }
    for kind in KINDS:
        scores[f"wrong_{kind}"] = Score(bad.count(kind), total)
    return scores
