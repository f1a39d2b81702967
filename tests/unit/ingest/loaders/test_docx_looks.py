"""DOCX: looks, fields, lists, spans, remarks, and the variants of the format that Word opens."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.loaders.docx import load_docx
from ingest.loaders.losses import Losses
from rag.config import IngestSettings
from tests.documents import saved, word

W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def text(data: bytes, losses: Losses | None = None) -> str:
    return load_docx(data, "a.docx", IngestSettings(), losses)[0].text


def with_paragraph(runs: str, losses: Losses | None = None) -> str:
    """The text of a document whose one paragraph holds the XML `runs`."""
    document = docx.Document()
    names = nsdecls("w", "m", "r", "wp", "a", "pic")
    document.element.body.insert(0, parse_xml(f"<w:p {names} {W14}>{runs}</w:p>"))
    return text(saved(document), losses)


def run(content: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{content}</w:t></w:r>'


UP, DOWN = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (run("10") + run("3", UP) + run(" germs"), "10^3 germs"),
        (run("10") + run("-", UP) + run("2", UP), "10^-2"),
        (run("10") + run("3", '<w:position w:val="6"/><w:sz w:val="14"/>'), "10^3"),
        (run("25") + run("1", UP) + run(" years"), "25[note 1] years"),
        (run("the 1") + run("st", UP), "the 1st"),
        (run("CO") + run("2", DOWN), "CO2"),
        (run("3") + run("1", UP) + run("/") + run("2", DOWN), "3 1/2"),
        (run("a ") + run("old", "<w:strike/>") + run("new"), "a new"),
        (run("a ") + run("old", "<w:dstrike/>") + run("new"), "a new"),
        (run("a ") + run("kept", '<w:strike w:val="0"/>'), "a kept"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run(" car"), "[x] car"),
        (run("\u00fe", '<w:rFonts w:ascii="Wingdings"/>') + run(" car"), "[x] car"),
        (run("a", '<w:rFonts w:ascii="Symbol"/>') + run(" = 2"), "α = 2"),
        (run("a b", '<w:rFonts w:ascii="Arial"/>'), "a b"),
        ("<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val='1'/></w14:checkbox></w:sdtPr>"
         "<w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>" + run(" yes"), "[x] yes"),
        ("<w:r>3</w:r>" + run("3") + "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den>"
         "<m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>", "3 1/2"),
    ],
)  # fmt: skip
def test_runs(runs: str, expected: str) -> None:
    assert with_paragraph(runs) == expected


def field(code: str, shown: str, data: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        f"<w:r><w:instrText>{code}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{shown}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_fields() -> None:
    box = "<w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData>"
    choice = (
        "<w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='Ann'/>"
        "<w:listEntry w:val='Lou'/></w:ddList></w:ffData>"
    )
    assert with_paragraph(field(' HYPERLINK "https://x.org/a" ', run("it"))) == (
        "it (https://x.org/a)"
    )
    assert with_paragraph(field(" FORMCHECKBOX ", "", box) + run(" yes")) == "[x] yes"
    assert with_paragraph(run("By ") + field(" FORMDROPDOWN ", "", choice)) == "By Lou"
    assert with_paragraph(field(" DATE ", run("1 May"))) == "1 May"


def test_struck_text_is_said_once_a_passage() -> None:
    losses = Losses()
    runs = run("a", "<w:strike/>") + run("b", "<w:strike/>") + run("c") + run("d", "<w:strike/>")
    assert with_paragraph(runs, losses) == "c"
    assert losses.sentences() == ("2 struck-out passages left out",)


def test_links_of_the_document_and_of_headings() -> None:
    document = docx.Document()
    relation = document.part.relate_to(
        "https://x.org/a",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    link = f'<w:hyperlink {nsdecls("w", "r")} r:id="{relation}">{run("the portal")}</w:hyperlink>'
    document.add_heading("See ", 1)._p.append(parse_xml(link))
    document.add_paragraph("Open ")._p.append(parse_xml(link))
    page = load_docx(saved(document), "a.docx", IngestSettings())[0]
    assert page.text == "See the portal\n\n(https://x.org/a)\n\nOpen the portal (https://x.org/a)"
    assert [heading.text for heading in page.headings] == ["See the portal"]


def test_comments_stand_behind_their_paragraph() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The hotel costs 140.")
    document.add_comment(paragraph.runs, text="Only up to 110.", author="R. Example")
    document.add_paragraph("Next.")
    assert text(saved(document)) == (
        "The hotel costs 140.\n\n[comment by R. Example: Only up to 110.]\n\nNext."
    )


def numbered(document: docx.document.Document, number_id: int, *texts: str) -> None:
    for item in texts:
        properties = document.add_paragraph(item)._p.get_or_add_pPr()
        properties.append(
            parse_xml(
                f"<w:numPr {nsdecls('w')}><w:ilvl w:val='0'/>"
                f"<w:numId w:val='{number_id}'/></w:numPr>"
            )
        )


def test_lists_start_afresh_where_they_are_told_to() -> None:
    document = docx.Document()
    part = document.part.numbering_part.element
    level = (
        "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/>"
        "<w:lvlText w:val='%1)'/></w:lvl>"
    )
    part.insert(
        0,
        parse_xml(f"<w:abstractNum {nsdecls('w')} w:abstractNumId='77'>{level}</w:abstractNum>"),
    )
    for number_id, override in (
        (71, ""),
        (72, "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='10'/></w:lvlOverride>"),
        (73, ""),
    ):
        part.append(
            parse_xml(
                f"<w:num {nsdecls('w')} w:numId='{number_id}'><w:abstractNumId w:val='77'/>"
                f"{override}</w:num>"
            )
        )
    numbered(document, 71, "one", "", "three")
    numbered(document, 72, "ten", "eleven")
    numbered(document, 73, "twelve")
    assert re.sub(r"\s+", " ", text(saved(document))) == (
        "a) one c) three j) ten k) eleven l) twelve"
    )


def test_cells_that_span_columns() -> None:
    document = docx.Document()
    table = document.add_table(2, 3)
    for index, value in enumerate(("Mon", "8-12", "14-18")):
        table.cell(0, index).text = value
    table.cell(1, 0).text = "Tue"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "closed"
    assert text(saved(document)) == "| Mon | 8-12 | 14-18 |\n| Tue | closed | closed |"


def test_a_frame_of_one_cell_is_no_table() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "A note in a box."
    assert text(saved(document)) == "A note in a box."


def test_pictures_without_a_description_are_said() -> None:
    drawing = (
        "<w:r><w:drawing><wp:inline><wp:docPr id='1' name='p' {}/><a:graphic><a:graphicData "
        "uri='x'><pic:pic><pic:blipFill><a:blip/></pic:blipFill></pic:pic></a:graphicData>"
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )
    losses = Losses()
    assert with_paragraph(run("a") + drawing.format(""), losses) == "a"
    assert losses.sentences() == ("1 picture without text",)
    assert with_paragraph(run("a") + drawing.format("descr='The hall'")) == "a [picture: The hall]"


def repacked(data: bytes, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            changed = change(name, source.read(name))
            if changed is not None:
                target.writestr(*changed)
    return buffer.getvalue()


def strict(name: str, content: bytes) -> tuple[str, bytes]:
    for part in (b"wordprocessingml", b"officeDocument"):
        content = content.replace(
            b"http://schemas.openxmlformats.org/" + part + b"/2006/",
            b"http://purl.oclc.org/ooxml/" + part + b"/",
        )
    return name, content


def null_relation(name: str, content: bytes) -> tuple[str, bytes]:
    relation = (
        b'<Relationship Id="rId900" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/image" Target="NULL"/></Relationships>'
    )
    if name.endswith("document.xml.rels"):
        content = content.replace(b"</Relationships>", relation)
    return name, content


def with_macros(name: str, content: bytes) -> tuple[str, bytes]:
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    return name, content.replace(plain, macro)


def other_main_part(name: str, content: bytes) -> tuple[str, bytes]:
    for old, new in ((b"document.xml", b"document22.xml"), (b"_main", b"_main")):
        content = content.replace(old, new) if name.startswith(("[", "_rels")) else content
    return name.replace("document.xml", "document22.xml"), content


def backslashes(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("/", "\\") if name.startswith("word") else name, content


def untyped_part(name: str, content: bytes) -> tuple[str, bytes]:
    if name.startswith("["):
        content = re.sub(rb'<Default Extension="jpeg"[^>]*/>', b"", content)
    return name, content


@pytest.mark.parametrize(
    "change", [strict, null_relation, with_macros, other_main_part, backslashes, untyped_part]
)
def test_variants_that_word_opens(change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    data = repacked(word([("Heading 1", "Rules"), ("Normal", "Quiet from 22:30.")]), change)
    assert text(data) == "Rules\n\nQuiet from 22:30."


def test_a_damaged_side_part_costs_itself_alone() -> None:
    def broken(name: str, content: bytes) -> tuple[str, bytes]:
        return name, b"<broken" if name == "word/numbering.xml" else content

    losses = Losses()
    assert text(repacked(word([("Normal", "Kept.")]), broken), losses) == "Kept."
    assert losses.sentences() == ("a part of the file is damaged: numbering.xml",)


def test_notes_are_numbered_as_printed() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Sold for 90")
    reference = f'<w:r {nsdecls("w")}><w:footnoteReference w:id="7"/></w:r>'
    paragraph._p.append(parse_xml(reference))
    data = saved(document)
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="7"><w:p>{run("Unpaid.")}</w:p>'
        "</w:footnote></w:footnotes>"
    )
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/footnotes" Target="footnotes.xml"/></Relationships>'
    )

    def linked(name: str, content: bytes) -> tuple[str, bytes]:
        if name.endswith("document.xml.rels"):
            content = content.replace(b"</Relationships>", relation)
        return name, content

    buffer = io.BytesIO(repacked(data, linked))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("word/footnotes.xml", notes)
    assert text(buffer.getvalue()) == "Sold for 90[note 1]\n\n[note 1] Unpaid."


def test_readings_above_characters_stand_in_brackets() -> None:
    document = docx.Document()
    ruby = f"<w:ruby><w:rt>{run('jing')}</w:rt><w:rubyBase>{run('京')}</w:rubyBase></w:ruby>"
    document.add_paragraph("北")._p.append(parse_xml(f"<w:r {nsdecls('w')}>{ruby}</w:r>"))
    assert text(saved(document)) == "北京(jing)"


def test_tracked_deletions_are_said() -> None:
    document = docx.Document()
    deleted = "<w:r><w:delText>in May</w:delText></w:r>"
    document.add_paragraph("Due in June.")._p.append(
        parse_xml(f'<w:del {nsdecls("w")} w:id="1">{deleted}</w:del>')
    )
    losses = Losses()
    assert text(saved(document), losses) == "Due in June."
    assert losses.sentences() == ("1 tracked deletion left out",)
