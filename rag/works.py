"""Works: whether what an answer tells of one work is told of another in what it quotes.

Asked for an actor's part in one series, "which recalls his Zhu Gaochi in 《大明风华》" holds a
part, and it is that of another series. Seen where works stand in the marks that Chinese sets
around titles. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.added import added_to, clauses_with
from rag.text import fold_width, simplify

_WORK = re.compile("(?<![据照以])《([^《》]{1,40})》")
"""A title; not one that is only referred to: 根据《民法典》."""
_WORK_ASKED = re.compile("哪(?![里儿])|什么(?!时)|另")
"""May ask for a work, which is then no other."""
_PAPERS = ("报", "刊", "网", "杂志", "新闻", "社")
"""What the names of papers end with, which report of other works."""


def told_of_another_work(question: str, sentence: str, quotes: Iterable[str]) -> bool:
    """Whether `question` names works, and everything that `sentence` adds to it stands in the
    quotes only in clauses that name others and none of these."""
    asked = _works(question)
    if not asked:
        return False
    added = added_to(question, sentence)
    answered = _works(sentence) if _WORK_ASKED.search(simplify(question)) else set()
    holding = [_works(clause) - answered for clause in clauses_with(added, quotes)]
    return bool(holding) and all(named and not _is_among(asked, named) for named in holding)


def _is_among(asked: set[str], named: set[str]) -> bool:
    """Whether one of the titles asked for is named, in full or in part."""
    return any(title in other or other in title for title in asked for other in named)


def _works(text: str) -> set[str]:
    found = _WORK.findall(simplify(fold_width(text)))
    return {title for title in found if not title.endswith(_PAPERS)}
