"""What lies upon the pages of a PDF: form fields, comments, links, struck-out words, attachments.

pypdf knows these better than PDFium's text does. Places are rectangles (left, bottom, right, top)
in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader

from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_text

Rect = tuple[float, float, float, float]

_HIDDEN = 2 | 32
"""Flags of an annotation that no screen shows: hidden, no view."""
_RADIO_OR_PUSH = 1 << 16
_PASSWORD = 1 << 13
_COMMENTS = frozenset([
    "/Text", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Line", "/Square",
    "/Circle", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/FileAttachment",
])  # fmt: skip
_MOVING = frozenset(["/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"])
_MARKED = frozenset(["/Highlight", "/Underline", "/Squiggly", "/StrikeOut"])
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Field:
    """A filled form field: its text, its place, and whether it is a box or button to tick."""

    text: str
    place: Rect
    box: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A note on the page: its text, its author, the words it is on. `plain`: it stands on the page
    as text, with nothing that sets it apart."""

    text: str
    author: str = ""
    places: tuple[Rect, ...] = ()
    plain: bool = False


@dataclass(slots=True)
class Marks:
    """All marks of one page."""

    fields: list[Field] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    links: list[tuple[Rect, str]] = field(default_factory=list)
    strikes: list[Rect] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read_marks(page: Any, number: int, losses: Losses) -> Marks:
    """The marks of a pypdf `page`, the `number`-th of its document."""
    marks = Marks()
    for reference in page.get("/Annots") or ():
        annotation = reference.get_object()
        if not isinstance(annotation, dict) or int(annotation.get("/F", 0)) & _HIDDEN:
            continue
        kind, noted = str(annotation.get("/Subtype", "")), len(marks.comments)
        if kind == "/Widget":
            marks.fields.extend(_field(annotation))
        elif kind == "/Link":
            target = _target(annotation)
            if target:
                marks.links.append((_rect(annotation), target))
        elif kind in _MOVING:
            losses.page(number, "embedded recording")
        else:
            _note(annotation, kind, marks)
            if kind == "/Stamp" and len(marks.comments) == noted:
                losses.page(number, "stamp without text")
    return marks


def _note(annotation: Any, kind: str, marks: Marks) -> None:
    """Take up an annotation that holds text, strikes words out or carries a file."""
    if kind == "/StrikeOut":
        marks.strikes.extend(_quads(annotation))
    if kind == "/FileAttachment":
        marks.files.append(_file_name(annotation.get("/FS")))
    text = _words(annotation.get("/Contents"))
    if not text and "/RC" in annotation:
        text = " ".join(_TAGS.sub(" ", _words(annotation.get("/RC"))).split())
    if kind == "/Stamp" and not text:
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(annotation.get("/Name", ""))[1:])
        text = f"stamp: {text}" if text and not text.startswith("#") else ""
    if not text or kind not in _COMMENTS | {"/FreeText"}:
        return
    places = tuple(_quads(annotation)) if kind in _MARKED else ()
    author = " ".join(_words(annotation.get("/T")).split())
    marks.comments.append(Comment(text, author, places, plain=kind == "/FreeText"))


def _words(value: Any) -> str:
    """A string of the file as clean text on one line."""
    if value is None:
        return ""
    value = value.get_object() if hasattr(value, "get_object") else value
    if hasattr(value, "get_data"):
        value = value.get_data()
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return " ".join(clean_text(str(value)).split())


def _rect(annotation: Any) -> Rect:
    left, bottom, right, top = (float(value) for value in annotation["/Rect"])
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _quads(annotation: Any) -> Iterator[Rect]:
    """The rectangles around the words that a mark is on."""
    numbers = [float(value) for value in annotation.get("/QuadPoints") or ()]
    for start in range(0, len(numbers) - 7, 8):
        xs, ys = numbers[start : start + 8 : 2], numbers[start + 1 : start + 8 : 2]
        yield min(xs), min(ys), max(xs), max(ys)


def _target(annotation: Any) -> str:
    """The address that a link leads to outside the document; "" if it leads to a place within."""
    action = annotation.get("/A")
    action = action.get_object() if action is not None else {}
    return _words(action.get("/URI")) if isinstance(action, dict) else ""


def _file_name(specification: Any) -> str:
    found = specification.get_object() if specification is not None else {}
    name = found.get("/UF") or found.get("/F") if isinstance(found, dict) else found
    return _words(name) or "unnamed"


def _inherited(annotation: Any, key: str) -> Any:
    """The value of a field's entry, its own or that of the field it is part of."""
    holder, depth = annotation, 0
    while holder is not None and depth < 20:
        if key in holder:
            return holder[key]
        parent = holder.get("/Parent")
        holder, depth = parent.get_object() if parent is not None else None, depth + 1
    return None


def _field(annotation: Any) -> Iterator[Field]:
    """The text that a form field shows, if it shows any."""
    kind = str(_inherited(annotation, "/FT"))
    place = _rect(annotation)
    flags = int(_inherited(annotation, "/Ff") or 0)
    value = _inherited(annotation, "/V")
    if kind == "/Btn" and flags & _RADIO_OR_PUSH:
        caption = _words((annotation.get("/MK") or {}).get("/CA"))
        if len(caption) > 1:
            yield Field(caption, place)
    elif kind == "/Btn":
        state = annotation.get("/AS", value)
        yield Field("[x]" if state is not None and state != "/Off" else "[ ]", place, box=True)
    elif kind == "/Ch":
        chosen = value if isinstance(value, list) else [value]
        shown = _shown_choices(_inherited(annotation, "/Opt") or [])
        text = ", ".join(shown.get(_words(v), _words(v)) for v in chosen if v is not None)
        if text:
            yield Field(text, place)
    elif kind == "/Sig" and value is not None:
        name = _words(value.get_object().get("/Name"))
        yield Field(f"[signed by {name}]" if name else "[signed]", place)
    elif kind == "/Tx" and not flags & _PASSWORD and _words(value):
        yield Field(_words(value), place)


def _shown_choices(options: Any) -> dict[str, str]:
    """What a list shows for the values that it stores."""
    pairs = (option.get_object() for option in options)
    return {_words(p[0]): _words(p[1]) for p in pairs if isinstance(p, list) and len(p) == 2}


def whole_document(reader: PdfReader, files: Iterable[str], losses: Losses) -> None:
    """Add to `losses` what is not read of the whole document: attached files, those that lie on
    its pages (`files`) among them, and forms made of scripts."""
    try:
        losses.files([*files, *reader.attachments])
        form = reader.root_object.get("/AcroForm")
        form = form.get_object() if form is not None else None
        if isinstance(form, dict) and "/XFA" in form and not form.get("/Fields"):
            losses.add("form in XFA not read: print it to a new PDF")
    except Exception:  # pypdf's documentation promises no closed set of errors
        losses.add("attachments and forms could not be looked at")
