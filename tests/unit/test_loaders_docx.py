"""DOCX: everything that Word shows, in order, and nothing that it hides."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.loaders.docx import load_docx
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page
from tests.documents import saved, word


def load(data: bytes) -> Page:
    return load_docx(data, "letter.docx", IngestSettings())[0]


def test_paragraphs_tables_and_headings_in_order() -> None:
    page = load(
        word(
            [
                ("Title", "Warranty"),
                ("Normal", "Valid from 2026."),
                ("Heading 1", "Scope"),
                ("List Bullet", "cabinets"),
                ("List Bullet", "trucks"),
                ("table", [["Part", "Months"], ["Fan", "36"]]),
                ("Heading 2", "Claims"),
                ("Normal", "Within 14 days."),
            ]
        )
    )
    assert page.text == (
        "Warranty\n\nValid from 2026.\n\nScope\n\n- cabinets\n- trucks\n\n"
        "| Part | Months |\n| Fan | 36 |\n\nClaims\n\nWithin 14 days."
    )
    assert [(h.level, h.text) for h in page.headings] == [
        (1, "Warranty"),
        (1, "Scope"),
        (2, "Claims"),
    ]
    assert all(page.text[h.start :].startswith(h.text) for h in page.headings)


def test_numbered_paragraphs_show_their_numbers() -> None:
    page = load(word([("List Number", "first"), ("List Number", "second"), ("Normal", "end")]))
    assert page.text == "1. first\n2. second\n\nend"


def test_hidden_and_deleted_text_is_left_out_and_insertions_kept() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("seen ")
    paragraph.add_run("HIDDEN").font.hidden = True
    for xml in (
        '<w:del %s w:id="1" w:author="a"><w:r><w:delText>DELETED</w:delText></w:r></w:del>',
        '<w:ins %s w:id="2" w:author="a"><w:r><w:t>inserted</w:t></w:r></w:ins>',
    ):
        paragraph._p.append(parse_xml(xml % nsdecls("w")))
    assert load(saved(document)).text == "seen inserted"


def test_content_controls_are_read() -> None:
    document = docx.Document()
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, control)
    assert load(saved(document)).text == "controlled"


def test_headers_and_footers_stand_once_and_page_numbers_do_not() -> None:
    document = docx.Document()
    document.add_paragraph("body")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Kelvara LEG-007"
    section.footer.paragraphs[0].text = "3 / 9"
    document.add_section()
    document.add_paragraph("more")
    page = load(saved(document))
    assert page.text == "Kelvara LEG-007\n\nbody\n\nmore"


def test_cells_merged_downwards_stand_in_each_of_their_rows() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "merged"
    table.cell(0, 1).text, table.cell(1, 1).text = "up", "down"
    assert load(saved(document)).text == "| merged | up |\n| merged | down |"


def test_a_broken_archive_is_one_clear_sentence() -> None:
    data = word([("Normal", "x")])
    with pytest.raises(DocumentError, match=r"letter\.docx is a damaged DOCX file"):
        load(data[: len(data) // 2])


def test_a_broken_part_is_one_clear_sentence() -> None:
    buffer = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(word([("Normal", "x")])))
    with source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            data = b"<broken" if name == "word/document.xml" else source.read(name)
            target.writestr(name, data)
    with pytest.raises(DocumentError, match=r"letter\.docx is damaged and cannot be opened"):
        load(buffer.getvalue())


def test_an_archive_that_would_unpack_to_a_mountain_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (21 << 20))
    with pytest.raises(DocumentError, match=r"would unpack to 21 MiB and is refused"):
        load_docx(buffer.getvalue(), "bomb.docx", IngestSettings(max_text_mb=1))
