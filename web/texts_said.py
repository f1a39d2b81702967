"""The words about what is said of documents, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SaidTexts:
    """See `web.texts.Texts`: one object per language."""

    edit: str
    tags: str
    tags_help: str
    date: str
    fields: str
    fields_help: str
    save: str
    cancel: str


EN = SaidTexts(
    edit="Tags",
    tags="Tags",
    tags_help="Several are parted by commas",
    date="Date of the document",
    fields="Other fields",
    fields_help="One a line: name = value",
    save="Save",
    cancel="Cancel",
)

ZH = SaidTexts(
    edit="标签",
    tags="标签",
    tags_help="多个标签用逗号隔开",
    date="文档日期",
    fields="其他字段",
    fields_help="每行一个：名称 = 值",
    save="保存",
    cancel="取消",
)


def said_texts(language: str) -> SaidTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
