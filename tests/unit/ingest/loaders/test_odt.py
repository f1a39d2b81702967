"""OpenDocument texts: looks, lists, tables, notes, comments, fields."""

from __future__ import annotations

import pytest

from ingest.loaders import Losses
from ingest.loaders.odt import load_odt
from ingest.loaders.odt.names import _SPACES
from rag.config import IngestSettings
from rag.errors import DocumentError
from tests.archives import zipped

NAMES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
STYLES = """
<style:font-face style:name="W" svg:font-family="Wingdings"/>
<style:style style:name="Up" style:family="text">
 <style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Down" style:family="text">
 <style:text-properties style:text-position="-8% 58%"/></style:style>
<style:style style:name="Out" style:family="text">
 <style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="Gone" style:family="text">
 <style:text-properties text:display="none"/></style:style>
<style:style style:name="Sign" style:family="text">
 <style:text-properties style:font-name="W"/></style:style>
<text:list-style style:name="L">
 <text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
 <text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>
</text:list-style>
<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>
"""


def odt(body: str) -> bytes:
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{STYLES}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def read(body: str) -> tuple[str, tuple[str, ...]]:
    losses = Losses()
    (page,) = load_odt(odt(body), "a.odt", IngestSettings(), losses)
    return page.text, losses.sentences()


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def item(text: str) -> str:
    return f"<text:list-item><text:p>{text}</text:p></text:list-item>"


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        (f"10{span('Up', '3')} germs of CO{span('Down', '2')}", "10^3 germs of CO2"),
        (f"EUR {span('Out', '35')} 42", "EUR 42"),
        (f"Seen{span('Gone', ' unseen')}", "Seen"),
        (f"{span('Sign', chr(0xF0FD))} train", "[x] train"),
        ("a<text:s text:c='3'/>b<text:tab/>c", "a b c"),
        ("one<text:line-break/>two", "one\ntwo"),
        ("<text:a xlink:href='https://x.example'>portal</text:a>", "portal (https://x.example)"),
        (
            "<text:p/><math:math><math:msup><math:mi>x</math:mi><math:mn>2</math:mn></math:msup>"
            "</math:math>".replace("<text:p/><math", "<draw:frame><draw:object><math", 1)
            + "</draw:object></draw:frame>",
            "x^2",
        ),
    ],
)
def test_looks_become_words(paragraph: str, text: str) -> None:
    assert read(f"<text:p>{paragraph}</text:p>")[0] == text


def test_lists_count_as_printed_and_go_on() -> None:
    inner = f"<text:list>{item('deep')}</text:list>"
    first = f'<text:list text:style-name="L">{item("one")}{item("two" + "")[:-17]}{inner}'
    first += "</text:list-item></text:list>"
    rest = f'<text:list text:style-name="L" text:continue-numbering="true">{item("three")}'
    bullets = f'<text:list text:style-name="B">{item("dot")}</text:list>'
    body = f"{first}<text:p>Then</text:p>{rest}</text:list>{bullets}"
    assert read(body)[0] == "1. one\n2. two\n  a) deep\n\nThen\n\n3. three\n- dot"


def test_tables_repeat_what_spans() -> None:
    def cell(text: str, span: str = "") -> str:
        return f"<table:table-cell {span}><text:p>{text}</text:p></table:table-cell>"

    covered = "<table:covered-table-cell/>"
    wide = 'table:number-columns-spanned="2"'
    head = f"<table:table-row>{cell('Day')}{cell('Fee', wide)}{covered}</table:table-row>"
    row = f"<table:table-row>{cell('Mon')}{cell('20')}{cell('35')}</table:table-row>"
    body = f"<table:table><table:table-header-rows>{head}</table:table-header-rows>{row}"
    assert read(f"{body}</table:table>")[0] == "| Day | Fee | Fee |\n| Mon | 20 | 35 |"


def test_headings_notes_and_comments() -> None:
    note = (
        '25<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>If cleaned.</text:p></text:note-body></text:note> years"
    )
    comment = "<office:annotation><dc:creator>Mia</dc:creator><text:p>Check.</text:p>"
    body = (
        f'<text:h text:outline-level="2">Life</text:h><text:p>{note}{comment}'
        "</office:annotation></text:p>"
    )
    (page,) = load_odt(odt(body), "a.odt", IngestSettings())
    assert (
        page.text == "Life\n\n25[note 1] years\n\n[comment by Mia: Check.]\n\n[note 1] If cleaned."
    )
    assert [(h.level, h.start) for h in page.headings] == [(2, 0)]


def test_fields_and_pictures() -> None:
    box = (
        '<field:fieldmark field:type="x.FORMCHECKBOX">'
        '<field:param field:name="Checkbox_Checked" field:value="true"/></field:fieldmark>'
    )
    choice = (
        '<field:fieldmark field:type="x.FORMDROPDOWN">'
        '<field:param field:name="Dropdown_ListEntry" field:value="Anna"/>'
        '<field:param field:name="Dropdown_ListEntry" field:value="Luis"/>'
        '<field:param field:name="Dropdown_Selected" field:value="1"/></field:fieldmark>'
    )
    picture = "<draw:frame><draw:image/>{}</draw:frame>"
    text, losses = read(
        f"<text:p>{box} yes, by {choice}</text:p><text:p>{picture.format('')}"
        f"{picture.format('<svg:desc>The yard</svg:desc>')}</text:p>"
    )
    assert text == "[x] yes, by Luis\n\n[picture: The yard]"
    assert losses == ("1 picture without text",)


def test_locked_and_broken_files_are_named() -> None:
    locked = zipped({"META-INF/manifest.xml": "<manifest:encryption-data/>"})
    with pytest.raises(DocumentError, match="needs a password"):
        load_odt(locked, "a.odt", IngestSettings())
    with pytest.raises(DocumentError, match="cannot be opened as ODT"):
        load_odt(zipped({"content.xml": "<broken"}), "a.odt", IngestSettings())


def test_tracked_deletions_are_said_and_readings_kept() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>in May</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes><text:p>Due in June: "
        "<text:ruby><text:ruby-base>京</text:ruby-base><text:ruby-text>jing</text:ruby-text></text:ruby></text:p>"
    )
    assert read(body) == ("Due in June: 京(jing)", ("1 tracked deletion left out",))
