"""The pictures that a drawing in a Word document shows. Knows lxml elements, nothing of bytes."""

from __future__ import annotations

from typing import Any

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def pictures_in(drawing: Any) -> tuple[list[tuple[str, bool]], str]:
    """(id of its relation, whether it is marked as decorative) of each picture in `drawing`, and
    the description that the author gave, "" without one."""
    elements = [e for e in drawing.iter() if isinstance(e.tag, str)]
    decorative = any(e.tag.endswith("}decorative") for e in elements)
    descriptions = dict.fromkeys(
        (e.get("descr") or e.get("alt") or "").strip()
        for e in elements
        if e.tag.endswith(("}docPr", "}shape"))
    )
    shown = [
        (e.get(f"{_RELATIONS}embed") or e.get(f"{_RELATIONS}id") or "", decorative)
        for e in elements
        if e.tag.endswith(("}blip", "}imagedata"))
    ]
    return shown, "; ".join(filter(None, descriptions))
