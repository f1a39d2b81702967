"""Refusing where the documents hold no answer, and the risk of answering.

`refusal_precision`  refusals on unanswerable questions / refusals; [0, 1], higher is better
`refusal_recall`     refusals on unanswerable questions / unanswerable questions (RGB's rejection
                     rate, Chen et al., 2024); [0, 1], higher is better
`false_refusals`     refusals on answerable questions / answerable questions; lower is better
`aurc`               area under the risk-coverage curve (Geifman, El-Yaniv, 2017); lower is better
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.types import Score

_REFUSAL = re.compile(
    r"\b(?:i (?:do not|don't|cannot|can't|am unable to|am not able to|'m not able to) "
    r"(?:know|answer|find|determine|say|tell|provide|have)|"
    r"not (?:in|found in|mentioned in|stated in|contained in) (?:your|the|these|any) "
    r"(?:documents?|passages?|context|text|provided)|"
    r"(?:documents?|passages?|context|text)s? (?:do|does) not (?:\w+ ){0,2}?"
    r"(?:contain|say|mention|provide|state|answer|hold|give|specify|include)|"
    r"(?:no|insufficient|not enough) (?:relevant )?information|cannot be (?:answered|determined)|"
    r"there is no (?:information|mention|answer)|unanswerable)\b"
    r"|无法(?:回答|确定|得知|判断|提供|找到)|不知道|没有(?:找到|提到|提及|提供|说明|相关|足够)"
    r"|(?:文档|文件|资料|段落|信息|上下文|文中|材料)(?:中|里)?(?:并)?(?:没有|未|不足|不包含|不含)"
    r"|未(?:提及|提到|找到|说明)|信息不足|不能回答",
    re.IGNORECASE,
)
SHORT = 400
"""Past so many characters an answer that also says "not in the text" somewhere is an answer."""


def looks_like_refusal(answer: str) -> bool:
    """Whether a system that does not say so refused: an empty answer, or a short one with a phrase
    of refusal, English or Chinese."""
    text = answer.strip().replace("’", "'")
    return not text or (len(text) <= SHORT and bool(_REFUSAL.search(text)))


def refusal_scores(answerable: bool, refused: bool) -> dict[str, Score]:
    """The share of one question in the refusal metrics."""
    right = float(refused and not answerable)
    scores = {}
    if refused:
        scores["refusal_precision"] = Score(right)
    if answerable:
        scores["false_refusals"] = Score(float(refused))
    else:
        scores["refusal_recall"] = Score(right)
    return scores


def risk_coverage(
    confidence: Sequence[float], wrong: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk when the questions are answered from the surest down; shape [n] each.

    Coverage i is (i + 1) / n; risk is the share of wrong answers among the first i + 1. Within
    equal confidence the order is unknown, so each counts with the group's mean.
    """
    sure = np.asarray(confidence, dtype=np.float64)
    errors = np.asarray(wrong, dtype=np.float64)
    order = np.argsort(-sure, kind="stable")
    _, group = np.unique(-sure[order], return_inverse=True)
    means = np.bincount(group, errors[order]) / np.bincount(group)
    count = np.arange(1, len(sure) + 1)
    return count / max(len(sure), 1), np.cumsum(means[group]) / count


def aurc(confidence: Sequence[float], wrong: Sequence[bool]) -> float:
    """Mean risk over all coverages; [0, 1], lower is better. Raises ValueError without items."""
    if not len(confidence):
        raise ValueError("a risk-coverage curve needs at least one answer")
    return float(risk_coverage(confidence, wrong)[1].mean())
