"""A paragraph of an OpenDocument text -> its visible text, from left to right.

Raised and lowered spans, formulas, links, notes and comments become words; what is struck out or
hidden is left out. Text boxes are blocks and stay out of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import ZipFile

from lxml import etree

from ingest.loaders.archive import read_member
from ingest.loaders.formulas import formula
from ingest.loaders.inner_pictures import InnerPictures, data_of
from ingest.loaders.links import noted
from ingest.loaders.losses import Losses
from ingest.loaders.odt.fields import controls, fieldmark
from ingest.loaders.odt.names import q
from ingest.loaders.odt.styles import Styles
from ingest.loaders.scripts import lowered, note, raised
from ingest.loaders.signs import shown

_SKIPPED = {
    q("text:tracked-changes"), q("office:annotation-end"), q("text:bookmark"), q("svg:desc"),
    q("svg:title"), q("text:soft-page-break"), q("office:forms"), q("draw:text-box"),
    q("text:hidden-text"), q("text:hidden-paragraph"),
    q("draw:custom-shape"), q("text:alphabetical-index-mark"), q("text:page-number"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """What all paragraphs of a file share."""

    archive: ZipFile
    styles: Styles
    losses: Losses
    pictures: InnerPictures


class Inline:
    """Reads paragraphs; collects their notes, and the comments on each."""

    def __init__(self, source: Source, body: Any) -> None:
        self._source = source
        self._notes: dict[str, str] = {}
        self._remarks: list[str] = []
        self._text = ""
        self._font = ""
        self._struck = False
        self._controls = controls(body)

    def speak(self, paragraph: Any) -> str:
        """The visible text of a paragraph; line breaks in it are those of its author."""
        outer, self._text = self._text, ""
        self._struck = False
        self._walk(paragraph, "")
        text, self._text = self._text, outer
        return text

    def remarks(self) -> list[str]:
        """The comments on the paragraphs read since the last call."""
        found, self._remarks = self._remarks, []
        return found

    def notes(self) -> Iterator[str]:
        """The notes of the paragraphs read, each behind its mark."""
        for label, text in self._notes.items():
            yield f"{label} {text}"

    def _add(self, text: str, script: str) -> None:
        text = shown(text, self._font)
        if not text.strip() or not script:
            self._text += text
        elif script == "sup":
            self._text += raised(self._text, text)
        else:
            self._text += lowered(self._text, text)

    def _walk(self, element: Any, script: str) -> None:
        self._add(_words(element.text), script)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                self._child(child, script)
            self._add(_words(child.tail), script)

    def _child(self, child: Any, script: str) -> None:
        tag = child.tag
        if tag == q("text:span"):
            self._span(child, script)
        elif tag == q("text:s"):
            count = child.get(q("text:c"), "1")
            self._text += " " * min(int(count) if count.isdigit() else 1, 80)
        elif tag == q("text:tab"):
            self._text += "\t"
        elif tag == q("text:line-break"):
            self._text += "\n"
        elif tag == q("text:a"):
            start = len(self._text)
            self._walk(child, script)
            if target := noted(child.get(q("xlink:href"), ""), self._text[start:]):
                self._text += f" ({target})"
        elif tag == q("text:note"):
            self._note(child)
        elif tag == q("text:ruby-text"):
            reading = "".join(child.itertext()).strip()
            self._text += f"({reading})" if reading else ""
        elif tag == q("office:annotation"):
            self._comment(child)
        elif tag == q("draw:frame"):
            self._frame(child)
        elif tag == q("field:fieldmark"):
            self._text += fieldmark(child)
            self._walk(child, script)
        elif tag == q("draw:control"):
            self._text += self._controls.get(child.get(q("draw:control"), ""), "")
        elif tag == q("loext:content-control") and child.get(q("loext:checkbox")) == "true":
            self._text += "[x]" if child.get(q("loext:checked")) == "true" else "[ ]"
        else:
            self._walk(child, script)

    def _span(self, span: Any, script: str) -> None:
        look = self._source.styles.look(span.get(q("text:style-name")))
        if look.hidden:
            return
        if look.struck:
            if not self._struck:
                self._source.losses.count(
                    "struck-out passage left out", "struck-out passages left out"
                )
            self._struck = True
            return
        self._struck = False
        outer, self._font = self._font, look.font or self._font
        self._walk(span, look.script or script)
        self._font = outer

    def _note(self, element: Any) -> None:
        mark = element.find(q("text:note-citation"))
        body = element.find(q("text:note-body"))
        sign = (mark.get(q("text:label")) or mark.text or "*") if mark is not None else "*"
        label = note(sign)
        if element.get(q("text:note-class")) == "endnote":
            label = label.replace("[note", "[endnote")
        self._text += label
        if body is not None:
            words = (self.speak(paragraph) for paragraph in body.iter(q("text:p")))
            self._notes.setdefault(label, " ".join(" ".join(words).split()))

    def _comment(self, element: Any) -> None:
        author = element.find(q("dc:creator"))
        by = f" by {' '.join((author.text or '').split())}" if author is not None else ""
        words = (self.speak(paragraph) for paragraph in element.iter(q("text:p")))
        text = " ".join(" ".join(words).split())
        if text:
            self._remarks.append(f"[comment{by}: {text}]")

    def _frame(self, frame: Any) -> None:
        """A formula, a chart, or a picture with its own description."""
        for thing in frame.iterfind(q("draw:object")):
            math = thing.find(q("math:math"))
            folder = thing.get(q("xlink:href"), "").removeprefix("./").strip("/")
            if math is None and folder:
                content = read_member(self._source.archive, posixpath.join(folder, "content.xml"))
                root = _root(content)
                math = root if root is not None and root.tag == q("math:math") else None
            if math is not None:
                self._text += f" {formula(math)} "
            else:
                self._source.losses.count("chart not read", "charts not read")
            return
        if frame.find(q("draw:image")) is None:
            if frame.find(q("draw:plugin")) is not None:
                self._source.losses.count("recording not read", "recordings not read")
            self._walk(frame, "")
            return
        captions = [frame.find(q("svg:desc")), frame.find(q("svg:title"))]
        caption = next((c.text for c in captions if c is not None and c.text), "")
        if said := self._source.pictures.shown(self._bytes_of(frame), caption, None):
            self._text += f" {said} "

    def _bytes_of(self, frame: Any) -> bytes | None:
        """The first picture of a frame, the others being the same in other formats."""
        image = frame.find(q("draw:image"))
        written = image.find(q("office:binary-data"))
        if written is not None and written.text:
            return data_of(f"data:image/any;base64,{written.text}")
        path = image.get(q("xlink:href"), "").removeprefix("./")
        return read_member(self._source.archive, path)


def _words(text: str | None) -> str:
    """Text between elements: white space collapses, as it is the XML's own."""
    if not text:
        return ""
    joined = " ".join(text.split())
    before = " " if text[0].isspace() and joined else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{joined}{after}"


def _root(content: bytes | None) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(content, parser) if content else None
    except etree.XMLSyntaxError:
        return None
