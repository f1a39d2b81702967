"""Where sentences begin and end, in English and Chinese text. Pure functions, no models.

All spans are 0-based character offsets into the text given, end exclusive.
"""

from __future__ import annotations

import re

from rag.text.lines import soft_breaks
from rag.types import Span

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ebef"
_CLOSERS = "\"'”’」』）)】》〉]*"
_CLOSE = rf"(?:[{re.escape(_CLOSERS)}]|_(?!_*[^\W_{_HAN}]))*"
"""A low line closes emphasis, unless a word begins with it."""
_ENDS = rf"(?=\s|$|[{_HAN}“「『（《])"
_TERMINATOR = re.compile(
    rf"(?P<wide>[。！？；｡][。！？；｡!?…]*{_CLOSE})"
    rf"|(?P<ascii>(?:[!?]+|．+){_CLOSE}{_ENDS}|…+{_CLOSE}(?=\s|$))"
    rf"|(?P<stop>\.+{_CLOSE}{_ENDS})"
    r"|(?P<blank>\n[ \t\u3000]*\n\s*)"
)
_NEVER_LAST = re.compile(
    r"(?:^|[\s(\[“\"'])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Capt|Lt|Sgt|Hon|St|Mt|vs|cf|ca|"
    r"approx|resp|incl|esp|viz|e\.g|i\.e|eg|ie|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)$"
)
_BEFORE_NUMBER = re.compile(
    r"(?:^|[\s(\[“\"'])(?:Nos?|Figs?|Eqs?|Secs?|Arts?|Vols?|Chs?|Chap|Tabs?|Para|Cl|Reg|Rule|"
    r"pp?|nos?|figs?|eqs?|secs?|arts?|vols?|chs?|para|cl|ver|v)$"
)
_MAYBE_LAST = re.compile(
    r"(?:^|[\s(\[“\"'])(?:Inc|Ltd|Co|Corp|LLC|Jr|Sr|al|etc|a\.m|p\.m|U\.S|U\.K|U\.N|E\.U|"
    r"Ph\.D|M\.D|B\.A|M\.A|D\.C|(?:[A-Z]\.)+[A-Z])$"
)
_STARTER = re.compile(
    r"\s+[\"“'(]?(?:The|A|An|It|Its|In|On|At|By|For|From|He|She|They|We|You|I|This|That|These|"
    r"Those|There|However|If|When|While|After|Before|But|And|As|To|With|Our|All|No|Each|"
    r"Please|See)\b"
)
_LIST_MARK = re.compile(
    r"(?:^|\n)\s*(?:[-*•|]\s*)?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})$"
)
_LOOK_BACK = 24


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of `text`, English or Chinese, white space trimmed at both ends.

    A sentence ends at 。！？； anywhere; at . ! ? before white space, the end or a Han character,
    and at … before white space or the end, unless the full stop belongs to an abbreviation, an
    initial or a list number, or a lower-case word follows; at a blank line; and at a line break
    that does not merely wrap a line (so a heading, a list item, a table row, a record and a line of
    code stand alone). Every character that is not white space is in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for cut in _cuts(text):
        _append_trimmed(spans, text, start, cut)
        start = cut
    _append_trimmed(spans, text, start, len(text))
    return spans


def _cuts(text: str) -> list[int]:
    soft = set(soft_breaks(text))
    cuts = {match.start() + 1 for match in re.finditer("\n", text) if match.start() not in soft}
    for match in _TERMINATOR.finditer(text):
        if match.lastgroup == "stop" and not _stop_ends_sentence(text, match):
            continue
        if match.lastgroup == "ascii" and _lower_follows(text, match.end()):
            continue
        cuts.add(match.end())
    return sorted(cuts)


def _stop_ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether the full stop (or dots, with closing marks) at `match` ends a sentence."""
    if _lower_follows(text, match.end()):
        return False
    if match.group() != ".":
        return True
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _NEVER_LAST.search(before) or _LIST_MARK.search(before):
        return False
    if _BEFORE_NUMBER.search(before):
        return re.match(r"\s*[\dIVXivx(]", text[match.end() : match.end() + 8]) is None
    if _MAYBE_LAST.search(before):
        following = text[match.end() : match.end() + 16]
        return not following.strip() or _STARTER.match(following) is not None
    return True


def _lower_follows(text: str, end: int) -> bool:
    """Whether the sentence plainly goes on: the next word on the line starts in lower case."""
    return re.match(r"[ \t]*\n?[ \t]*[a-z]", text[end : end + 40]) is not None


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if right > left:
        spans.append((start + left, start + right))
