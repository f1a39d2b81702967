"""The words of the filter of questions, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilterTexts:
    """See `web.texts.Texts`: one object per language."""

    filter: str
    clear: str
    all: str
    document: str
    tag: str
    since: str
    until: str


EN = FilterTexts("Filter", "Clear", "All", "Document", "Tag", "From", "Until")
ZH = FilterTexts("筛选", "清除", "全部", "文档", "标签", "起始日期", "截止日期")


def filter_texts(language: str) -> FilterTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
