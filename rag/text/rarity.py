"""How rare a word is among given texts, and how much of a text others cover, rare words first.

Inverse document frequency after Robertson and Spärck Jones (1976), in the always positive form
ln(1 + (N - n + 0.5) / (n + 0.5)). Pure; knows nothing of models or documents.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.text.terms import keyword_terms

_LISTED = """
a an the this that these those it its he she they them his her their i me my we us our you your
who whom whose which what when where why how is are was were be been being am do doe did done have
has had having will would shall should can could may might must to of in on at by for from with
without as and or but if than then so not no nor only also too very just there here about into over
under between per ani all some each both such more most other same tell pleas say said thi becaus
befor after dure whi onli veri mani much s t re ve ll d m
的 了 是 在 和 与 及 或 等 吗 呢 吧 啊 呀 么 什么 多少 几 谁 哪 哪个 哪些 哪里 哪儿 怎么 怎样
如何 为什么 为何 何时 是否 请问 请 我 你 您 他 她 它 我们 你们 他们 它们 这 那 这个 那个 这些
那些 有 没有 不 也 都 就 还 要 会 能 可以 应 应该 需要 被 把 对 从 到 向 为 以 于 由 其 之 而 且
但 因 因为 所以 如果 个 位 名 一个 时候 上 下 中 里 内 多 多长 多久 多大 关于 根据 告诉 一下 地
得 着 过 将
"""
_FUNCTION_WORDS = frozenset(_LISTED.split())
"""Words that say nothing about the subject, English ones as the stemmer leaves them."""


def content_terms(text: str) -> list[str]:
    """The keyword terms of `text` without function words, in order, repeats kept."""
    return [term for term in keyword_terms(text) if term not in _FUNCTION_WORDS]


def is_content(term: str) -> bool:
    """Whether a keyword term is more than a function word or a single letter."""
    return term not in _FUNCTION_WORDS and not (len(term) == 1 and term.isascii())


@dataclass(frozen=True, slots=True)
class Rarity:
    """Document frequencies of terms among `texts` texts."""

    texts: int
    frequencies: Mapping[str, int]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Rarity:
        """Count in how many of `texts` each content term occurs."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(content_terms(text)))
        return cls(len(texts), counts)

    def weight(self, term: str) -> float:
        """The term's inverse document frequency; greatest for a term that occurs nowhere."""
        n = self.frequencies.get(term, 0)
        return math.log(1.0 + (self.texts - n + 0.5) / (n + 0.5))

    def coverage(self, wanted: Collection[str], present: Collection[str]) -> float:
        """The share, in [0, 1], of the weight of `wanted` whose terms are `present`."""
        total = sum(self.weight(term) for term in wanted)
        if not total:
            return 0.0
        return sum(self.weight(term) for term in wanted if term in present) / total
