"""A paragraph of a Word document -> its visible text on the way from left to right.

Raised and lowered runs, formulas, boxes, drop-downs, links, notes and comments become words; what
is deleted, hidden or struck out is left out. Knows nothing of blocks and tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from ingest.loaders.docx.pictures import pictures_in
from ingest.loaders.docx.styles import Look, Styles
from ingest.loaders.formulas import formula
from ingest.loaders.links import noted
from ingest.loaders.losses import Losses
from ingest.loaders.scripts import fraction, lowered, note, raised
from ingest.loaders.signs import shown

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
LEFT_OUT = {
    qn("w:del"), qn("w:moveFrom"), qn("w:delText"), qn("w:pPr"), qn("w:rPr"), qn("w:sdtPr"),
    qn("w:tblPr"), _FALLBACK,
}  # fmt: skip
_TEXTS = {
    qn("w:tab"): "\t",
    qn("w:ptab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+(?:\\[a-z]\s+)*"([^"]+)"', re.I)
_BAR = re.compile(r"\s*[/\u2044]\s*$")


@dataclass(slots=True)
class _Field:
    """An open field: its code, whether the code is still being read, where its text begins."""

    start: int
    code: str = ""
    in_code: bool = True


@dataclass(slots=True)
class Spoken:
    """What a paragraph gives: its text, the comments on it, and the targets of links that stand
    apart (in headings)."""

    text: str = ""
    comments: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """What the paragraphs of one part share: styles, notes by id, comments by id, the targets of
    relations by id, the marks that begin paragraphs (`marks`), the losses, and what gives the words
    for a picture from the id of its relation, its description, and whether it is decorative."""

    styles: Styles
    losses: Losses
    pictures: Callable[[str, str, bool], str]
    notes: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()


def speak(paragraph: Any, context: Context, *, apart: bool = False) -> Spoken:
    """The visible text of `paragraph`; with `apart`, the targets of links are kept out of it."""
    return _Reader(context, apart).read(paragraph)


class _Reader:
    """Reads one paragraph into pieces of normal, raised and lowered text."""

    def __init__(self, context: Context, apart: bool) -> None:
        self._context = context
        self._apart = apart
        self._pieces: list[list[str]] = []
        self._fields: list[_Field] = []
        self._spoken = Spoken()
        self._base = Look()
        self._struck = False

    def read(self, paragraph: Any) -> Spoken:
        self._base = self._context.styles.paragraph_look(paragraph)
        self._walk(paragraph, self._base)
        self._spoken.text = _joined(self._pieces, self._context.marks)
        return self._spoken

    def _add(self, text: str, script: str = "") -> None:
        if any(open_field.in_code for open_field in self._fields) or not text:
            return
        if self._pieces and self._pieces[-1][0] == script:
            self._pieces[-1][1] += text
        else:
            self._pieces.append([script, text])

    def _walk(self, parent: Any, look: Look) -> None:
        for element in parent:
            tag = element.tag
            if not isinstance(tag, str) or tag in LEFT_OUT or tag == qn("w:txbxContent"):
                continue
            if tag == qn("w:r"):
                self._run(element)
            elif tag == qn("w:t"):
                self._add(shown(element.text or "", look.font), look.script or "")
            elif tag in _TEXTS:
                self._add(_TEXTS[tag])
            elif tag == qn("w:hyperlink"):
                self._hyperlink(element)
            elif tag == qn("w:ruby"):
                self._ruby(element, look)
            elif tag == qn("w:sdt"):
                self._control(element, look)
            elif tag == qn("w:fldSimple"):
                start = len(_joined(self._pieces, frozenset()))
                self._walk(element, look)
                self._link_field(element.get(qn("w:instr"), ""), start)
            elif tag.startswith(_MATH) and tag[len(_MATH) :] in ("oMath", "oMathPara"):
                text = formula(element)
                before = self._pieces[-1][1] if self._pieces else ""
                self._add(f" {text}" if "/" in text and before[-1:].isdigit() else text)
            else:
                self._sign(element, tag, look)

    def _sign(self, element: Any, tag: str, look: Look) -> None:
        """Elements that stand for a sign, a note, a comment, a picture or a part of a field."""
        identity = element.get(qn("w:id"), "")
        if tag == qn("w:sym"):
            code = element.get(qn("w:char"), "0")
            code = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,6}", code) else 0
            self._add(shown(chr(code), element.get(qn("w:font"))), look.script or "")
        elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
            if not element.get(qn("w:customMarkFollows")):
                self._add(self._context.notes.get(f"{tag}{identity}", ""))
        elif tag == qn("w:commentReference"):
            if comment := self._context.comments.get(identity):
                self._spoken.comments.append(comment)
        elif tag == qn("w:fldChar"):
            self._field_mark(element)
        elif tag == qn("w:instrText"):
            if self._fields:
                self._fields[-1].code += element.text or ""
        elif tag in (qn("w:drawing"), qn("w:pict"), qn("w:object")):
            self._picture(element)
        else:
            self._walk(element, look)

    def _run(self, run: Any) -> None:
        look = self._context.styles.run_look(run, self._base)
        if look.hidden:
            return
        if look.struck and any(child.tag == qn("w:t") for child in run):
            if not self._struck:
                self._context.losses.count(
                    "struck-out passage left out", "struck-out passages left out"
                )
            self._struck = True
            return
        self._struck = False
        self._walk(run, look)

    def _hyperlink(self, element: Any) -> None:
        start = len(_joined(self._pieces, frozenset()))
        self._walk(element, self._base)
        key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        self._link(self._context.targets.get(key, ""), start)

    def _link_field(self, code: str, start: int) -> None:
        if match := _LINK_FIELD.match(code):
            self._link(match.group(1), start)

    def _link(self, target: str, start: int) -> None:
        """Set the target of a link behind its text, which begins at `start`, unless it says so."""
        found = noted(target, _joined(self._pieces, frozenset())[start:])
        if found and self._apart:
            self._spoken.targets.append(found)
        elif found:
            self._add(f" ({found})")

    def _field_mark(self, mark: Any) -> None:
        kind = mark.get(qn("w:fldCharType"))
        if kind == "begin":
            self._add(_form_field(mark))
            self._fields.append(_Field(len(_joined(self._pieces, frozenset()))))
        elif kind == "separate" and self._fields:
            self._fields[-1].in_code = False
        elif kind == "end" and self._fields:
            done = self._fields.pop()
            self._link_field(done.code, done.start)

    def _ruby(self, ruby: Any, look: Look) -> None:
        """Characters, and in brackets behind them how they are read, which stands above them."""
        for part, around in (("w:rubyBase", "{}"), ("w:rt", "({})")):
            reader = _Reader(self._context, self._apart)
            for element in ruby.iterfind(qn(part)):
                reader._walk(element, look)
            if text := _joined(reader._pieces, frozenset()).strip():
                self._add(around.format(text), look.script or "")

    def _control(self, control: Any, look: Look) -> None:
        """A content control: a box that is ticked or not, or what was filled in."""
        box = control.find(f"{qn('w:sdtPr')}/{_W14}checkbox")
        if box is None:
            self._walk(control, look)
            return
        state = box.find(f"{_W14}checked")
        value = state.get(f"{_W14}val", "1") if state is not None else "0"
        self._add("[x]" if value in ("1", "true", "on") else "[ ]")

    def _picture(self, element: Any) -> None:
        """A picture's description and the text on it. Text boxes are read elsewhere."""
        if next(element.iter(_CHART), None) is not None:
            self._context.losses.count("chart not read", "charts not read")
            return
        shown, words = pictures_in(element)
        for number, (relation, decorative) in enumerate(shown):
            said = self._context.pictures(relation, "" if number else words, decorative)
            self._add(f" {said} " if said else "")


def _form_field(mark: Any) -> str:
    """The state of an old form field: a box, or the entry chosen from a list."""
    data = mark.find(qn("w:ffData"))
    if data is None:
        return ""
    box, choice = data.find(qn("w:checkBox")), data.find(qn("w:ddList"))
    if box is not None:
        state = box.find(qn("w:checked"))
        state = box.find(qn("w:default")) if state is None else state
        ticked = state is not None and state.get(qn("w:val"), "1") not in ("0", "false", "off")
        return "[x]" if ticked else "[ ]"
    if choice is None:
        return ""
    entries = [entry.get(qn("w:val"), "") for entry in choice.iterfind(qn("w:listEntry"))]
    for tag in ("w:result", "w:default"):
        chosen = choice.find(qn(tag))
        if chosen is not None and chosen.get(qn("w:val"), "").isdigit():
            index = int(chosen.get(qn("w:val")))
            return entries[index] if index < len(entries) else ""
    return entries[0] if entries else ""


def _joined(pieces: list[list[str]], marks: frozenset[str]) -> str:
    """The pieces as one text; raised over lowered figures with a bar between are a fraction."""
    text = ""
    number = 0
    while number < len(pieces):
        script, piece = pieces[number]
        if (
            script == "sup"
            and number + 2 < len(pieces)
            and piece.strip().isdigit()
            and _BAR.match(pieces[number + 1][1])
            and pieces[number + 2][0] == "sub"
        ):
            text += fraction(text, piece, pieces[number + 2][1])
            number += 3
            continue
        if script == "sup":
            text += piece if not piece.strip() else raised(text, piece, marks)
        elif script == "sub":
            text += lowered(text, piece)
        elif text[-1:].isdigit() and piece[:1].isdigit() and number:
            text += f" {piece}"
        else:
            text += piece
        number += 1
    return text


def starting_mark(paragraph: Any) -> str:
    """The raised figure or sign that a paragraph begins with, as a note under a table does."""
    for run in paragraph.iterfind(qn("w:r")):
        text = "".join(t.text or "" for t in run.iterfind(qn("w:t"))).strip()
        if text:
            align = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
            is_raised = align is not None and align.get(qn("w:val")) == "superscript"
            return text if is_raised else ""
    return ""


def note_marks(body: Any, kind: str, number: Any) -> dict[str, str]:
    """How the references of `kind` ("footnote" or "endnote") print, by tag and id: numbered in
    the order of the text, `number` giving the figure; a mark of the author's own stays."""
    tag = qn(f"w:{kind}Reference")
    marks: dict[str, str] = {}
    count = 0
    for reference in body.iter(tag):
        key = f"{tag}{reference.get(qn('w:id'), '')}"
        if reference.get(qn("w:customMarkFollows")):
            following = reference.getnext()
            marks[key] = note((following.text or "*") if following is not None else "*")
        elif key not in marks:
            count += 1
            label = "note" if kind == "footnote" else "endnote"
            marks[key] = f"[{label} {number(count)}]"
    return marks
