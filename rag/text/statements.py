"""What a sentence states beside its words: whether it is negated, and the names in it. Pure."""

from __future__ import annotations

import re
import unicodedata

from rag.text.language import CJK, simplify

_NEGATION_EN = re.compile(
    r"\b(?:not|never|no|none|neither|nor|without|cannot|nobody|nothing|unable|fails?|failed|"
    r"lacks?|lacked)\b|n['’]t\b"
)
_NEGATION_ZH = re.compile(
    r"不(?!同|仅|断|过|论|久|少|但|只|管|妨|禁|如|错|敌|幸|慎|愧|菲|凡|朽|锈|动产)|"
    r"(?<!沉|淹|出)没(?!收)|未(?!来)|无(?!论|疑|线)|"
    r"非(?!常|洲)|(?:并非|禁止|拒绝|否认|从未|停止)"
)
_NAME = re.compile(r"(?<![.!?:\"“]\s)(?<!^)\b[A-Z][\w'’-]*\w")
_CURRENCIES = frozenset(
    ("rmb", "cny", "eur", "usd", "gbp", "jpy", "sgd", "hkd", "chf", "aud", "cad", "inr", "krw")
)
"""Capitals that are no names: 165 欧元 is EUR 165."""
_POSSESSIVE = re.compile(r"['’]s?$")
_QUOTED = re.compile(r"[《「“]([^》」”]{2,24})[》」”]")
_DOTS = re.compile("[•・‧∙]")
_DOTTED = re.compile(rf"[{CJK}]{{1,2}}·(?:[{CJK}]+·)*[{CJK}]{{1,2}}")
"""A foreign name in Chinese, as far as it is sure to be one: 是德劳帕迪·穆尔穆的 begins and ends
with what is none of it, so of its first and last part two characters count."""


def is_negated(text: str) -> bool:
    """Whether the text holds an odd number of negations, English or Chinese."""
    folded = simplify(unicodedata.normalize("NFKC", text)).lower()
    found = len(_NEGATION_EN.findall(folded)) + len(_NEGATION_ZH.findall(folded))
    return found % 2 == 1


def names(text: str) -> list[str]:
    """Capitalised words inside sentences, quoted titles and dotted foreign names, lower-cased."""
    folded = one_dot(simplify(unicodedata.normalize("NFKC", text)))
    found = [match.group() for match in _NAME.finditer(folded)]
    found += [match.group(1) for match in _QUOTED.finditer(folded)]
    found += _DOTTED.findall(folded)
    plain = (_POSSESSIVE.sub("", name.lower()) for name in found)
    return [name for name in plain if name not in _CURRENCIES]


def one_dot(text: str) -> str:
    """The text with one of the dots that part a foreign name in Chinese for all of them."""
    return _DOTS.sub("·", text)
