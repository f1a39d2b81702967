"""Decompose: a question for several things becomes one question for each, by rules.

A small model asked for two things at once mixes them up, and a passage that holds one of them
answers neither. Three forms are taken apart: two questions in one sentence ("what ..., and when
...?"), one question about two things ("at the end of 2025 and at the end of 2026", "A 和 B 各是"),
and a change from one to another. What asks for one value of both (a difference, a sum) is left
whole. A part that leans on the answer to the one before ("which part, and what does it cost?") says
so, and is asked once that is known.
"""

from __future__ import annotations

import re

from rag.decompose_en import each_en, two_en
from rag.decompose_zh import each_zh, two_zh
from rag.part import END, Part
from rag.text import detect_language

MOST_PARTS = 3
_LONGEST = 400
"""Characters from which a question tells a story, and is not taken apart."""
_JOINT = re.compile(
    r"\b(?:differences?|differ|compare[ds]?|comparison|sum|total|together|combined|average|same|"
    r"between|both|either|more|less|larger|smaller|higher|lower|longer|shorter|or)\b"
    r"|相差|差多少|差几|合计|总共|一共|共计|之和|区别|不同|差别|差异|相同|一样|相比|比较|还是|平均",
    re.IGNORECASE,
)
"""What asks for one value of several things."""


def decompose(question: str) -> list[Part]:
    """The questions to be asked one by one, in order; the question alone if it is one or if it
    cannot be taken apart safely."""
    text = question.strip()
    if len(text) > _LONGEST or _JOINT.search(text):
        return [Part(question)]
    chinese = detect_language(text) == "zh"
    if chinese:
        found = two_zh(text) or [Part(each) for each in each_zh(text)]
    else:
        found = two_en(text) or [Part(each) for each in each_en(text)]
    if not 2 <= len(found) <= MOST_PARTS:
        return [Part(question)]
    end = "？" if chinese else "?"
    return [Part(_capital(part.text.strip(END)) + end, part.leans) for part in found]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
