"""The words about summaries, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SummaryTexts:
    """See `web.texts.Texts`: one object per language."""

    summarise: str
    summarise_one: str
    summarise_chosen: str
    choose: str
    asked: str
    section: str
    between: str
    part: str
    overview: str
    unfinished: str


EN = SummaryTexts(
    summarise="Summarise",
    summarise_one="Summarise {document}",
    summarise_chosen="Summarise the chosen",
    choose="Choose {document}",
    asked="Summary of {documents}",
    section="Summary of “{section}” in {documents}",
    between=", ",
    part="Summarising part {number} of {total}: {title}",
    overview="Writing the overview",
    unfinished="This summary was not finished; what was done stands here, checked.",
)

ZH = SummaryTexts(
    summarise="概括",
    summarise_one="概括 {document}",
    summarise_chosen="概括所选文档",
    choose="选择 {document}",
    asked="概括：{documents}",
    section="概括 {documents} 中的“{section}”",
    between="、",
    part="正在概括第 {number} 部分，共 {total} 部分：{title}",
    overview="正在写总体概述",
    unfinished="这份摘要没有写完，下面是已完成并核对过的部分。",
)


def summary_texts(language: str) -> SummaryTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
