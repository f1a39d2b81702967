"""Whether a sentence is negated. Pure."""

from __future__ import annotations

import re
import unicodedata

from rag.text.language import simplify

_NEGATION_EN = re.compile(
    r"\b(?:not|never|no|none|neither|nor|without|cannot|nobody|nothing|unable|fails?|failed|"
    r"lacks?|lacked)\b|n['’]t\b"
)
_NEGATION_ZH = re.compile(
    r"不(?!同|仅|断|过|论|久|少|但|只|管|妨|禁|如|错|敌|幸|慎|愧|菲|凡|朽|锈|动产)|"
    r"(?<!沉|淹|出)没(?!收)|未(?!来)|无(?!论|疑|线)|"
    r"非(?!常|洲)|(?:并非|禁止|拒绝|否认|从未|停止)"
)


def is_negated(text: str) -> bool:
    """Whether the text holds an odd number of negations, English or Chinese."""
    folded = simplify(unicodedata.normalize("NFKC", text)).lower()
    found = len(_NEGATION_EN.findall(folded)) + len(_NEGATION_ZH.findall(folded))
    return found % 2 == 1
