"""Why a sentence was left out, or no answer given: a short closed list, told in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from rag.checking.facts import Facts, missing_numbers
from rag.checking.windows import Evidence
from rag.types import Language, Reason, ReasonCode

_TOLD: Mapping[ReasonCode, Mapping[Language, str]] = {
    "nothing_found": {
        "en": "No passage was found for the question.",
        "zh": "没有找到与问题有关的段落。",
    },
    "declined": {
        "en": "The language model found no answer in the passages that were found.",
        "zh": "语言模型在找到的段落中没有看到答案。",
    },
    "nothing_supported": {
        "en": "What the language model wrote does not stand in the passages.",
        "zh": "语言模型写出的内容在段落中没有依据。",
    },
    "unsure": {
        "en": "It is too uncertain that the passages answer the question: {detail}.",
        "zh": "段落是否回答了问题过于不确定：{detail}。",
    },
    "no_quote": {
        "en": "No words in the passages say this.",
        "zh": "段落中没有这样的说法。",
    },
    "number": {
        "en": "The passages do not have this number or date: {detail}.",
        "zh": "段落中没有这个数字或日期：{detail}。",
    },
    "name": {
        "en": "The passages do not have this name: {detail}.",
        "zh": "段落中没有这个名称：{detail}。",
    },
    "negation": {
        "en": "The passages deny it where this affirms it, or the reverse.",
        "zh": "一方肯定，另一方否定。",
    },
    "weak": {
        "en": "The passages do not bear this out.",
        "zh": "段落不足以支持这句话。",
    },
    "blocked_question": {
        "en": "This question is not answered here: the rules of this server forbid it.",
        "zh": "根据本服务器的内容规则，不回答这个问题。",
    },
    "blocked_answer": {
        "en": "The answer is not shown: the rules of this server forbid it.",
        "zh": "根据本服务器的内容规则，不显示这个回答。",
    },
}


def tell(reason: Reason, language: Language) -> str:
    """The reason as a sentence for the user."""
    return _TOLD[reason.code][language].format(detail=reason.detail)


def why_unsupported(
    sentence: str, facts: Facts, evidence: Evidence, quoted: bool, question: str = ""
) -> Reason:
    """The plainest thing that speaks against a sentence that does not count as supported."""
    if facts.numbers:
        return Reason("number", ", ".join(missing_numbers(sentence, evidence, question)))
    if not quoted:
        return Reason("no_quote")
    return Reason("negation") if facts.negation >= _DENIED else Reason("weak")


_DENIED = 0.5
"""Share of the sentence's words in a sentence of the other polarity from which that is the reason.
"""


def why_refused(
    found: bool, declined: bool, supported: bool, confidence: float, needed: float
) -> Reason:
    """Why no answer is shown: `found` passages, a model that `declined`, something `supported`."""
    if not found:
        return Reason("nothing_found")
    if declined:
        return Reason("declined")
    if not supported:
        return Reason("nothing_supported")
    return Reason("unsure", f"{confidence:.1%} < {needed:.1%}")
