"""What the pages of a document are called, by its kind: a presentation has slides, a workbook
sheets. In both languages.
"""

from __future__ import annotations

from rag.types import Language, Unit

_UNITS: dict[str, Unit] = {
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slide",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
    "application/epub+zip": "section",
    "application/zip": "part",
    "message/rfc822": "part",
}
_ENGLISH = ("{unit} {number}", "{unit} {number} of {count}")
_CHINESE: dict[Unit, tuple[str, str]] = {
    "page": ("第 {number} 页", "第 {number} 页，共 {count} 页"),
    "slide": ("第 {number} 张幻灯片", "第 {number} 张幻灯片，共 {count} 张"),
    "sheet": ("第 {number} 个工作表", "第 {number} 个工作表，共 {count} 个"),
    "section": ("第 {number} 节", "第 {number} 节，共 {count} 节"),
    "part": ("第 {number} 部分", "第 {number} 部分，共 {count} 部分"),
}


def unit_of(media_type: str) -> Unit:
    """What a page of a document of that kind is."""
    return _UNITS.get(media_type, "page")


def placed(
    unit: Unit, number: int, label: str, language: Language, count: int | None = None
) -> str:
    """A page as a reader names it: "slide 3", "sheet 2 (Lockers)"; with `count`, of how many."""
    single, counted = _CHINESE[unit] if language == "zh" else _ENGLISH
    form = single if count is None else counted
    named = form.format(unit=unit, number=number, count=count)
    if not label:
        return named
    return f"{named}（{label}）" if language == "zh" else f"{named} ({label})"
