"""Of what kind an unsupported claim is: number, name, negation, or invented.

A rough sorting for reports, by rules over characters; the verdict itself comes from the judge.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Literal

from eval.metrics.text import is_chinese, tokens
from rag.text import fold_width, sentence_spans

Kind = Literal["number", "name", "negation", "invented"]
KINDS: tuple[Kind, ...] = ("number", "name", "negation", "invented")
SEVERITY: dict[Kind, float] = {"number": 1.0, "negation": 1.0, "name": 1.0, "invented": 0.5}
"""How heavily a kind weighs. A wrong number, name or polarity stands where the reader expects the
truth of a passage; wholly invented sentences are easier to see. The weights are a convention."""

NEAR = 0.5
"""A claim with at least this share of its tokens in one evidence sentence is a distorted copy of
it; a claim below is invented."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HAN_NUMBER = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿]+(?=[年月日号个人名元件次天周岁倍万亿%])"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|nobody|nothing)\b|n't\b"
    r"|不|没|無|无(?!论)|未|非(?!常)|别(?!的|人)|勿|否"
)
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")
_HAN_NAMES = frozenset({"nr", "ns", "nt", "nz", "nrt", "nrfg"})


def numbers(text: str) -> set[str]:
    """The numbers of a text, digit grouping removed; Chinese numerals before a unit as written."""
    folded = fold_width(text)
    digits = {n.replace(",", "").rstrip(".") for n in _NUMBER.findall(folded)}
    return digits | set(_HAN_NUMBER.findall(folded))


def negated(text: str) -> bool:
    """Whether the text holds an odd number of negations, English or Chinese."""
    return len(_NEGATION.findall(fold_width(text))) % 2 == 1


def names(text: str) -> set[str]:
    """Proper names in lower case: capitalised words past the start of a sentence, and what jieba's
    dictionary tags as a person, place, organisation or other proper noun."""
    found = {m.group().lower() for m in _NAME.finditer(text) if not _starts_sentence(text, m)}
    return found | (_han_names(text) if is_chinese(text) else set())


def kind_of(claim: str, evidence: Sequence[str]) -> Kind:
    """The kind of an unsupported claim, seen from the evidence sentence nearest to it."""
    sentence, share = _nearest(claim, evidence)
    if share < NEAR:
        return "invented"
    everything = "\n".join(evidence)
    if numbers(claim) - numbers(everything):
        return "number"
    if any(name not in everything.lower() for name in names(claim)):
        return "name"
    if negated(claim) != negated(sentence):
        return "negation"
    return "invented"


def _nearest(claim: str, evidence: Sequence[str]) -> tuple[str, float]:
    wanted = tokens(claim)
    best, best_share = "", 0.0
    for text in evidence:
        for start, end in sentence_spans(text):
            there = set(tokens(text[start:end]))
            share = sum(t in there for t in wanted) / max(len(wanted), 1)
            if share > best_share:
                best, best_share = text[start:end], share
    return best, best_share


def _starts_sentence(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()].rstrip()
    single = " " not in match.group()
    return single and (not before or before[-1] in ".!?。！？:：\n")


def _han_names(text: str) -> set[str]:
    import jieba.posseg  # slow to load, and of use for Chinese only

    jieba.setLogLevel(logging.WARNING)
    return {w.word.lower() for w in jieba.posseg.cut(text) if w.flag in _HAN_NAMES}
