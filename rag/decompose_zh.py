"""Decompose Chinese: clauses that each ask something, or one question about two things.

Chinese leaves out the subject once it is known; the later question gets it back. Pure functions.
"""

from __future__ import annotations

import re

from rag.mentions import mentions
from rag.part import END, Part

_ASKS_ZH = re.compile(
    r"多少|几(?!乎|个月前)|什么|哪|谁|何[时处年月日人]|多[久长大高远]|怎么|怎样|如何|是否|为什么|为何"
)
_LEANS_ZH = re.compile(r"该|这|那|它|他|她|其(?![他它余中实])|此")
_EACH_ZH = re.compile(r"分别|各自|各(?![种类个地位方界国省市级部项门大式样处单])")
_AND_ZH = re.compile(r"以及|[和与及跟]")
_CODE_ZH = re.compile(r"[\w/-]+", re.ASCII)
_LONGEST_NOUN_ZH = 16


def two_zh(text: str) -> list[Part]:
    """Clauses that each ask something, what stands before the first one's question shared."""
    groups: list[str] = []
    lead = ""
    for clause in re.findall(r"[^，,；;？?。]+[，,；;？?。]?", text):
        if _ASKS_ZH.search(clause.strip(END)):
            groups.append(lead + clause)
            lead = ""
        else:
            lead += clause
    if len(groups) < 2 or lead.strip(END):
        return []
    whole = [Part(groups[0])]
    for group in groups[1:]:
        completed = _completed_zh(group.strip(END), groups[0])
        if completed is None:
            return []
        whole.append(completed)
    return whole


def _completed_zh(piece: str, first: str) -> Part | None:
    """The later question with its subject, which Chinese leaves out once it is known."""
    if _LEANS_ZH.search(piece):
        return Part(piece, leans=True)
    text = _completed_text_zh(piece, first)
    return None if text is None else Part(text)


def _completed_text_zh(piece: str, first: str) -> str | None:
    if any(m.kind in ("name", "person") for m in mentions(piece)):
        return piece
    asking = _ASKS_ZH.search(first)
    told = first[: asking.start()] if asking else first
    found = mentions(told)
    named = [m for m in found if m.kind in ("name", "person")]
    if not named and any(m.start == 0 for m in mentions(piece)):
        return piece
    named = named or found
    return told[: named[-1].end] + piece if named else None


def each_zh(text: str) -> list[str]:
    """One question about two things, each of which is asked about ("A 和 B 各是多少")."""
    each = _EACH_ZH.search(text)
    if not each:
        return []
    clause = max(text.rfind(mark, 0, each.start()) for mark in "，,；;。：:") + 1
    joints = list(_AND_ZH.finditer(text, clause, each.start()))
    rest = text[each.end() :]
    for joint in joints:
        if found := _same_kind_zh(text, joint, each.start()):
            head, left, right, tail = found
            return [f"{head}{thing}{tail}{rest}" for thing in (left, right)]
    if len(joints) != 1:
        return []
    head, left, right = text[:clause], text[clause : joints[0].start()], text[joints[0].end() :]
    right = right[: each.start() - joints[0].end()]
    if max(len(left), len(right)) > _LONGEST_NOUN_ZH:
        return []
    left, right = left.strip(), right.strip()
    owner = left[: left.rfind("的") + 1] if "的" not in right else ""
    of_right = right.find("的")
    shared = right[of_right:] if of_right > 0 and right[of_right - 1] == left[-1:] else ""
    return [f"{head}{left}{shared}{rest}", f"{head}{owner}{right}{rest}"]


def _same_kind_zh(text: str, joint: re.Match[str], end: int) -> tuple[str, str, str, str] | None:
    """(head, left thing, right thing, shared tail) where things of a kind stand around `joint`."""
    named = [m for m in mentions(text) if m.kind != "noun"]
    before = [m for m in named if m.end <= joint.start()]
    after = [m for m in named if joint.end() <= m.start and m.end <= end]
    if not before or not after or (before[-1].kind == "time") != (after[0].kind == "time"):
        return None
    left, right = before[-1], after[0]
    right_end = right.end
    if re.fullmatch(r"[\w/-]+", left.text, re.ASCII) and (code := _CODE_ZH.match(right.text)):
        right_end = right.start + code.end()
    elif right.kind == "time" and text[right_end : right_end + 1] in tuple("初中末底"):
        right_end += 1
    lead = text[joint.end() : right.start].strip()
    ending = text[left.end : joint.start()].strip()
    follows = text[right_end:]
    if not text[: left.start].rstrip().endswith(lead) or not follows.lstrip().startswith(ending):
        return None
    cut = right_end + follows.find(ending) + len(ending)
    things = text[left.start : joint.start()].strip(), text[right.start : cut].strip()
    return text[: left.start], *things, text[cut:end]
