"""The words of answers' evidence and of the pane that shows a source, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.types import Language, ReasonCode


@dataclass(frozen=True, slots=True)
class SourceTexts:
    """See `web.texts.Texts`: one object per language."""

    language: Language
    source: str
    close: str
    previous: str
    following: str
    keys: str
    picture: str
    text: str
    place: str
    download: str
    no_place: str
    no_place_picture: str
    drawing: str
    no_picture: str
    gone: str
    quoted_then: str
    cut: str
    table: str
    supported: str
    partly: str
    missing: str
    unchecked: str
    count: str
    open_beside: str
    try_title: str
    tries: Mapping[ReasonCode, tuple[str, ...]]


EN = SourceTexts(
    language="en",
    source="Source",
    close="Close",
    previous="Previous citation",
    following="Next citation",
    keys="← → to go through the citations, Esc to go back to the answer",
    picture="Page",
    text="Text",
    place="{document}, {place}, with the quoted words marked",
    download="Download",
    no_place="The exact place is not known, so nothing is marked. The words were quoted from this "
    "page.",
    no_place_picture="The exact place on the picture is not known, so nothing is marked there; the "
    "text has the mark.",
    drawing="Drawing the page …",
    no_picture="The page cannot be shown as a picture: its file was moved, removed or changed.",
    gone="This document was removed or replaced since the answer was given.",
    quoted_then="What the answer quoted then:",
    cut="The page is long; shown is what stands around the place.",
    table="Table",
    supported="supported",
    partly="partly supported",
    missing="not found",
    unchecked="not checked",
    count="{count} {verdict}",
    open_beside="Open beside the answer",
    try_title="What you can try",
    tries={
        "nothing_found": (
            "Use words that the documents use.",
            "See under “Documents” whether the right one is there and has text.",
        ),
        "declined": (
            "Read the nearest passages: the answer may be worded in another way.",
            "Ask for one thing at a time, with names in full.",
        ),
        "nothing_supported": (
            "Read the nearest passages.",
            "Ask more exactly: name the document, the year or the place that you mean.",
        ),
        "unsure": (
            "Read the nearest passages: the answer may be there.",
            "Ask more exactly, or in the words of the document.",
        ),
    },
)

ZH = SourceTexts(
    language="zh",
    source="来源",
    close="关闭",
    previous="上一处引用",
    following="下一处引用",
    keys="按 ← → 逐处查看引用，按 Esc 回到回答",
    picture="页面",
    text="文字",
    place="{document}，{place}，引用的文字已标出",
    download="下载",
    no_place="无法确定确切位置，因此没有标记。引文出自本页。",
    no_place_picture="无法确定在页面图像上的确切位置，图上没有标记；文字中已标出。",
    drawing="正在绘制页面……",
    no_picture="无法显示页面图像：文件已被移动、移除或更改。",
    gone="回答之后，这份文档已被移除或替换。",
    quoted_then="当时回答引用的文字：",
    cut="本页很长，这里只显示引文前后的部分。",
    table="表格",
    supported="有依据",
    partly="部分有依据",
    missing="无依据",
    unchecked="未核查",
    count="{count} 句{verdict}",
    open_beside="在回答旁打开",
    try_title="您可以试试",
    tries={
        "nothing_found": (
            "换用文档中的说法。",
            "到“文档”页看看所需的文档是否在库中、是否有文字。",
        ),
        "declined": (
            "读一读最接近的段落，答案的说法可能不同。",
            "一次只问一件事，并写出完整的名称。",
        ),
        "nothing_supported": (
            "读一读最接近的段落。",
            "问得更具体些：写明文档、年份或地点。",
        ),
        "unsure": (
            "读一读最接近的段落，答案可能就在其中。",
            "问得更具体些，或换用文档中的说法。",
        ),
    },
)


def source_texts(language: str) -> SourceTexts:
    """The words for a language code; anything that is not Chinese gets English."""
    return ZH if language.lower().startswith("zh") else EN
