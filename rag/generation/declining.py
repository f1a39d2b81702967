"""Whether a model's text declines to answer, in English or Chinese.

Models decline in few forms of words; this reads the form of a reply and judges no content.
"""

from __future__ import annotations

import re

from rag.text import sentence_spans

_BEGINNINGS = ("the documents do", "the passages do", "the document does", "资料中", "资料没有")
"""How the models that ship begin when they decline."""
_SOURCE_EN = r"(?:documents?|passages?|texts?|sources?|context|(?:provided |given )?information)"
_REFUSAL_EN = re.compile(
    rf"\b{_SOURCE_EN}\b[^.]{{0,40}}\b(?:do(?:es)? not|don't|doesn't|did not|cannot|can't|never)\b"
    r"[^.]{0,30}\b(?:say|state|mention|specify|contain|provide|include|answer|give|indicate|cover)"
    r"|\b(?:no|not enough|insufficient) (?:(?:relevant|specific|sufficient) )?"
    r"(?:information|mention of|answer)\b"
    rf"|\bnot (?:\w+ )?(?:mentioned|specified|stated|provided|given|found|available|answered)\b"
    rf"[^.]{{0,20}}\b{_SOURCE_EN}\b"
    r"|\b(?:cannot|can't|unable to) (?:be )?(?:answer|determin|find (?:any|the|an)|say|tell)"
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


def is_refusal(sentence: str) -> bool:
    """Whether a sentence declines to answer."""
    return bool(_REFUSAL_EN.search(sentence) or _REFUSAL_ZH.search(sentence))


def declines(text: str) -> bool:
    """Whether an answer says nothing but that it declines; true of no text at all."""
    return all(is_refusal(text[start:end]) for start, end in sentence_spans(text))


def may_decline(beginning: str) -> bool:
    """Whether an answer that begins so may yet turn out to decline."""
    text = beginning.strip().lower()
    return any(text.startswith(start) or start.startswith(text) for start in _BEGINNINGS)
