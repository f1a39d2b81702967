"""The words of the documents' tab, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShelfTexts:
    """See `web.texts.Texts`: one object per language."""

    search: str
    state: str
    whole: str
    size: str
    preview: str
    download: str
    replace: str
    proven: str
    unproven: str
    stage_received: str
    stage_read: str
    stage_embed: str
    stages: str
    previous_page: str
    next_page: str
    no_text: str
    both: str


EN = ShelfTexts(
    search="Search documents",
    state="State",
    whole="ready",
    size="Size",
    preview="Preview: what the machine read of {document}",
    download="Download",
    replace="Replace",
    proven="Removed {name}. No index of the collection holds anything of it any more.",
    unproven="Removed {name}, but not all of it is gone yet: {reason}",
    stage_received="Received",
    stage_read="Read",
    stage_embed="Made searchable",
    stages="Steps",
    previous_page="Previous page",
    next_page="Next page",
    no_text="No text was read on this page: answers cannot draw on it.",
    both="The page as it looks, and the text that was read from it",
)

ZH = ShelfTexts(
    search="搜索文档",
    state="状态",
    whole="可提问",
    size="大小",
    preview="预览：从 {document} 读到的内容",
    download="下载",
    replace="替换",
    proven="已移除 {name}，文档库的任何索引中都不再有它的内容。",
    unproven="已移除 {name}，但尚未全部清除：{reason}",
    stage_received="已收到",
    stage_read="读取",
    stage_embed="建立检索",
    stages="步骤",
    previous_page="上一页",
    next_page="下一页",
    no_text="这一页没有读到文字，回答无法引用它。",
    both="页面原貌，以及从中读到的文字",
)


def shelf_texts(language: str) -> ShelfTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
