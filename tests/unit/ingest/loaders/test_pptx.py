"""Slides: titles, levels, tables, charts, notes; what is hidden or drawn is said."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches

from ingest.loaders import Losses
from ingest.loaders.pptx import load_pptx
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page
from tests.archives import in_strict_form, unzipped, zipped

PLACE = (Inches(1), Inches(2), Inches(6), Inches(2))


def saved(show: Any) -> bytes:
    buffer = io.BytesIO()
    show.save(buffer)
    return buffer.getvalue()


def read(show: Any) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    losses = Losses()
    return load_pptx(saved(show), "a.pptx", IngestSettings(), losses), losses.sentences()


def test_title_levels_notes_and_looks() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Pumps"
    frame = slide.placeholders[1].text_frame
    frame.text = "Dora 40"
    for level, runs in ((1, [("hose 6 m", {})]), (0, [("10", {}), ("3", {"baseline": "30000"}),
                        (" old", {"strike": "sngStrike"})])):  # fmt: skip
        paragraph = frame.add_paragraph()
        paragraph.level = level
        for words, look in runs:
            run = paragraph.add_run()
            run.text = words
            for key, value in look.items():
                run.font._element.set(key, value)
    slide.notes_slide.notes_text_frame.text = "Mrs Okafor has the key."
    ((page,), losses) = read(show)
    assert page.text == (
        "Pumps\n\n- Dora 40\n  - hose 6 m\n- 10^3\n\nNotes: Mrs Okafor has the key."
    )
    assert [(h.level, h.text, h.start) for h in page.headings] == [(1, "Pumps", 0)]
    assert losses == ("slide 1: struck-out text left out",)


def test_tables_and_charts_have_their_rows() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(2, 3, *PLACE).table
    for row, texts in enumerate((["Course", "Fee", ""], ["Choir", "20", "35"])):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["East", "West"]
    data.add_series("Q1", (19.2, 21.4))  # type: ignore[no-untyped-call]
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *PLACE, data)
    ((page,), losses) = read(show)
    assert "| Course | Fee | Fee |\n| Choir | 20 | 35 |" in page.text
    assert page.text.endswith("| | Q1 |\n| East | 19.2 |\n| West | 21.4 |")
    assert losses == ()


def test_pictures_without_words_and_hidden_slides_are_said() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    for caption in ("", "The yard from above"):
        shape = slide.shapes.add_picture(io.BytesIO(picture.getvalue()), 0, 0)
        shape._element.nvPicPr.cNvPr.set("descr", caption)
    hidden = show.slides.add_slide(show.slide_layouts[0])
    hidden.shapes.title.text = "Secret"
    hidden._element.set("show", "0")
    (pages, losses) = read(show)
    assert [page.text for page in pages] == ["[picture: The yard from above]", ""]
    assert losses == ("slide 1: picture without text", "slide 2: hidden slide left out")


def test_a_slide_show_and_the_strict_form_are_read_like_a_presentation() -> None:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Shown"
    members = unzipped(saved(show))
    types = members["[Content_Types].xml"]
    members["[Content_Types].xml"] = types.replace(
        b"presentationml.presentation.main", b"presentationml.slideshow.main"
    )
    for parts in (members, in_strict_form(members)):
        (page,) = load_pptx(zipped(parts), "a.ppsx", IngestSettings())
        assert page.text == "Shown"


def test_a_broken_file_is_named() -> None:
    with pytest.raises(DocumentError, match=r"a\.pptx is damaged and cannot be opened as PPTX"):
        load_pptx(zipped({"ppt/presentation.xml": "<x/>"}), "a.pptx", IngestSettings())


def test_numbered_paragraphs_are_numbered_as_shown() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    frame = slide.shapes.add_textbox(*PLACE).text_frame
    for words, level, kind, start in (
        ("boil", 0, "arabicPeriod", ""), ("once", 1, "alphaLcParenR", ""),
        ("twice", 1, "alphaLcParenR", ""), ("cool", 0, "arabicPeriod", ""), ("rest", 0, "", ""),
        ("taste", 0, "arabicPeriod", "7"), ("note", 0, "arabicPeriod", "7"),
    ):  # fmt: skip
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = words, level
        if kind:
            mark = paragraph._p.get_or_add_pPr().makeelement(qn("a:buAutoNum"), {"type": kind})
            paragraph._p.get_or_add_pPr().append(mark)
            if start:
                mark.set("startAt", start)
    assert read(show)[0][0].text == (
        "1. boil\n  a) once\n  b) twice\n2. cool\nrest\n7. taste\n8. note"
    )
