"""Refuse: one decision whether the documents answer the question.

The decision is a logistic function of what the earlier stages know: how well the best passage
answers the question (`rag.answerable`, which checks subject, time and relation), how well the very
passage answers it that the answer was taken from, how well the answer itself does, how far the
documents support it (`rag.verify`), whether the model, shown that passage alone, finds an answer
in it (`rag.opinion`), and whether it declined. `Signals` are collected along the way; the same
decision is taken before generating, when nothing retrieved comes near (cheap), and after.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass

from rag.combination import load_logistic, sigmoid
from rag.sentences import sentence_spans
from rag.types import Language

ABSTENTION: dict[Language, str] = {
    "en": "Not in your documents.",
    "zh": "您的文档中没有答案。",
}
"""The whole answer when Plumbline abstains."""

HOPELESS = 0.03
"""Answerability of the best passage below which nothing is generated at all."""
LIKELY_TO_BE_THERE = 0.5
"""Answerability of the best passage from which a model that declines is shown that passage alone
and asked again: a small model overlooks among five what it reads in one."""
SURE_TO_BE_THERE = 0.7
"""Answerability of a passage from which its own words may be shown for an answer."""
_DECLINES_WITH = ("the documents do", "the passages do", "the document does", "资料中", "资料没有")
"""How the models that ship begin when they decline."""

_REFUSAL_EN = re.compile(
    r"\b(?:documents?|passages?|texts?|sources?|context|(?:provided |given )?information)\b"
    r"[^.]{0,40}"
    r"\b(?:do(?:es)? not|don't|doesn't|did not|didn't|cannot|can't|never)\b[^.]{0,30}"
    r"\b(?:say|state|mention|specify|contain|provide|include|answer|give|indicate|cover|address)"
    r"|\b(?:no|not enough|insufficient) (?:(?:relevant|such|specific|sufficient) )?"
    r"(?:information|mention of|answer)\b"
    r"|\bnot (?:\w+ )?(?:mentioned|specified|stated|provided|given|found|included|available|"
    r"answered|covered|contained)\b[^.]{0,20}\b(?:documents?|passages?|texts?|sources?|context)\b"
    r"|\b(?:cannot|can't|unable to|impossible to|not possible to) (?:be )?"
    r"(?:answer|determin|find (?:any|the|an)|say|tell)"
    r"|\bI (?:do not|don't) (?:know|have)\b|\bnot in (?:the|your) (?:documents?|passages?)\b",
    re.IGNORECASE,
)
_SOURCE_ZH = r"(?:资料|資料|文档|文件|文中|文章|原文|段落|上下文|提供的信息|已知信息)"
_REFUSAL_ZH = re.compile(
    rf"{_SOURCE_ZH}[^。]{{0,20}}(?:没有|沒有|未|无|無|不)[^。]{{0,12}}"
    r"(?:说明|說明|提及|提到|提供|给出|包含|回答|答案|记载|信息|内容|指出|涉及|明确|确定)"
    rf"|(?:没有|沒有|未)(?:在)?{_SOURCE_ZH}"
    r"|(?:没有|沒有|无|缺乏|缺少)(?:任何|足够|明确|直接|相关)*的?(?:相关)?(?:信息|答案|记载|資料|资料)"
    r"|(?:无法|不能|無法|难以)(?:从[^。，]{0,12})?(?:直接)?(?:回答|回覆|确定|得知|得出|判断|找到|提供)"
    r"|^我?(?:不知道|不清楚)"
)


@dataclass(frozen=True, slots=True)
class Signals:
    """What the stages know about one answer; all in [0, 1].

    `answerable`: the best score of any retrieved passage for the question. `cited`: the best score
    of the passages that the answer's sentences were taken from. `relevant`: the score, in place of
    a passage, of what would be shown. `support`: the best support score of any sentence. These
    three are 0 when nothing was attributed. `held`: the probability that the model itself gives to
    the passage cited holding the answer, less what the question's language adds to it; None where
    it was not asked or cannot tell.
    """

    answerable: float
    cited: float
    relevant: float
    support: float
    refused: bool
    held: float | None = None


NOTHING_SAID = Signals(0.0, 0.0, 0.0, 0.0, refused=True)
"""Where nothing was generated."""


def is_refusal(text: str) -> bool:
    """Whether a sentence declines to answer, in English or Chinese."""
    return bool(_REFUSAL_EN.search(text) or _REFUSAL_ZH.search(text))


def declines(text: str) -> bool:
    """Whether an answer says nothing but that it declines."""
    spans = sentence_spans(text)
    return bool(spans) and all(is_refusal(text[start:end]) for start, end in spans)


def may_decline(beginning: str) -> bool:
    """Whether an answer that begins so may yet turn out to decline."""
    text = beginning.strip().lower()
    return any(text.startswith(start) or start.startswith(text) for start in _DECLINES_WITH)


def hopeless(answerable: float, min_confidence: float) -> bool:
    """Whether to abstain before generating: no passage comes near to answering. Never so when the
    settings ask for an answer at any confidence."""
    return min_confidence > 0 and answerable < HOPELESS


def confidence(signals: Signals) -> float:
    """The calibrated probability, in [0, 1], that the answer is right and in the documents; fitted
    by `training/refusals.py`."""
    if signals.refused:
        return 0.0
    if signals.held is None:
        return sigmoid(unasked(signals))
    return load_logistic("refusal-asked").probability({"joined": joined(signals)})


def unasked(signals: Signals) -> float:
    """The logarithm of the odds that the answer is right, the model's own word left out."""
    return load_logistic("refusal").margin(asdict(signals))


def joined(signals: Signals) -> float:
    """That with the logarithm of the odds of the model's word added, as for two witnesses who know
    nothing of each other; 0 is added where it was not asked."""
    held = 0.5 if signals.held is None else signals.held
    return unasked(signals) + math.log(held / (1.0 - held))
