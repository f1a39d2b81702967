"""Form fields, buttons, pictures and drawings of a web page -> the text that they show.

Works on the parsed tree, as `inline` does.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.html.tree import names, replace, tag_of, text_of
from ingest.loaders.html.visible import is_command
from ingest.loaders.inner_pictures import InnerPictures

_HANDLED = names("input select textarea button meter progress img svg")
_VALUELESS = names("hidden password image file submit button reset color range")
_DECORATIVE = re.compile(
    r"(?:logo|icon|image|picture|photo|avatar|banner|bild|spacer|img)?\s*\d*$|\S+$", re.I
)


def put_into_words(root: Any, pictures: InnerPictures) -> None:
    """Replace controls and pictures by their text in place; pictures without one are counted."""
    for element in [e for e in root.iter() if tag_of(e) in _HANDLED]:
        parent = element.getparent()
        if parent is None:
            continue
        tag = tag_of(element)
        if tag == "button":
            _unwrap_button(element)
        elif tag == "textarea":
            continue
        else:
            replace(element, _TEXTS[tag](element, pictures))


def _input(element: Any, _: InnerPictures) -> str:
    kind, value = element.get("type", "text").lower(), element.get("value", "")
    if kind in ("checkbox", "radio"):
        return " [x] " if "checked" in element.attrib else " [ ] "
    if kind in ("submit", "button", "reset"):
        return "" if is_command(value) else f" {value} "
    return "" if kind in _VALUELESS or not value else f" {value} "


def _select(element: Any, _: InnerPictures) -> str:
    """What is chosen; nothing where the page leaves the choice to its reader."""
    chosen = [
        text_of(e) for e in element.iter() if tag_of(e) == "option" and "selected" in e.attrib
    ]
    return f" {', '.join(chosen)} " if chosen else " "


def _gauge(element: Any, _: InnerPictures) -> str:
    value, most = element.get("value"), element.get("max", "1")
    return f" {value} of {most} " if value else f" {text_of(element)} "


def _picture(element: Any, pictures: InnerPictures) -> str:
    caption = element.get("alt")
    described = caption if caption and not _DECORATIVE.match(caption.strip()) else ""
    tiny = any(element.get(side, "").rstrip("px ") in ("0", "1") for side in ("width", "height"))
    decorative = caption is not None or element.get("role") in ("presentation", "none")
    source = "" if tiny else element.get("src") or element.get("data-src") or ""
    return f" {pictures.named(source, described, decorative=tiny or decorative)} "


def _drawing(element: Any, pictures: InnerPictures) -> str:
    """The words of a drawing, and of the pictures set in it."""
    texts = [text_of(e) for e in element.iter() if tag_of(e) == "text"]
    for image in [e for e in element.iter() if tag_of(e) == "image"]:
        source = next((v for k, v in image.attrib.items() if k.rpartition("}")[2] == "href"), "")
        texts.append(pictures.named(source or image.get("xlink:href", "")))
    return f" {' '.join(texts)} " if any(texts) else " "


_TEXTS = {
    "input": _input,
    "select": _select,
    "meter": _gauge,
    "progress": _gauge,
    "img": _picture,
    "svg": _drawing,
}


def _unwrap_button(element: Any) -> None:
    """A button with a name of its own is text; one within a sentence stays within it."""
    if is_command(text_of(element)):
        replace(element, " ")
        return
    previous = element.getprevious()
    earlier = element.getparent().text if previous is None else previous.tail
    alone = not (earlier or "").strip() and not (element.tail or "").strip()
    element.tag = "div" if alone else "span"
    element.set("aria-expanded", element.get("aria-expanded", "false"))
