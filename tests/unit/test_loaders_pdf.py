"""PDF pages: text as people read it, what cannot be read, and what must be refused."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle

from ingest.loaders import limits
from ingest.loaders.losses import Losses
from ingest.loaders.pdf import find_headings, load_pdf
from ingest.loaders.pdf.glyphs import Sheet, read_sheet
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page
from tests.documents import encrypted_pdf, image_only_pdf, pdf, pdf_with_table


def load(data: bytes) -> tuple[Page, ...]:
    return load_pdf(data, "paper.pdf", IngestSettings())


def test_pages_are_numbered_and_wraps_mended() -> None:
    pages = load(
        pdf(
            [
                "The warranty of this cabinet covers all parts and labour for a pe-\n"
                "riod of 36 months. It begins on the day on which the machine is first\nused.",
                "冷藏箱运输后应直立静置不少于四小时，背面与墙壁的距\n离不小于一百毫米。",
            ]
        )
    )
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].text == (
        "The warranty of this cabinet covers all parts and labour for a period of 36 months. "
        "It begins on the day on which the machine is first used."
    )
    assert "背面与墙壁的距离不小于一百毫米。" in pages[1].text


def test_table_rows_are_put_together() -> None:
    rows = [["Part", "Months"], ["Fan", "36"], ["Door seal", "6"]]
    page = load(pdf_with_table(rows, "Warranty", "Wear is not covered."))[0]
    assert page.text == (
        "Warranty\n| Part | Months |\n| Fan | 36 |\n| Door seal | 6 |\nWear is not covered."
    )
    assert [(h.level, h.text, h.start) for h in page.headings] == [(1, "Warranty", 0)]


def test_headings_come_from_the_outline() -> None:
    data = pdf(
        ["1.1 Scope\nThis applies to all.", "1.2 Claims\nWithin days."],
        outline=[("Scope", 0), ("Claims", 1), ("Nowhere", 1)],
    )
    assert [(p.number, h.text) for p in load(data) for h in p.headings] == [
        (1, "1.1 Scope"),
        (2, "1.2 Claims"),
    ]


def test_a_title_within_a_sentence_is_no_heading() -> None:
    text = "The scope of this\nScope\nis wide."
    assert [h.start for h in find_headings(text, [(1, "Scope")])] == [18]


def test_pages_without_text_are_kept_and_empty() -> None:
    pages = load(pdf(["First", "", "Third"]))
    assert [page.text for page in pages] == ["First", "", "Third"]


def test_scanned_pages_are_refused_with_the_mend() -> None:
    with pytest.raises(DocumentError, match=r"paper\.pdf has no text on any of its 3 pages.*OCR"):
        load(image_only_pdf(3))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_password_is_asked_for_by_name(algorithm: str) -> None:
    with pytest.raises(DocumentError, match=r"paper\.pdf is encrypted and needs a password"):
        load(encrypted_pdf("Secret", "open", algorithm))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_empty_password_is_tried(algorithm: str) -> None:
    assert load(encrypted_pdf("Not so secret", "", algorithm))[0].text == "Not so secret"


def test_a_damaged_file_is_one_clear_sentence() -> None:
    with pytest.raises(DocumentError, match=r"paper\.pdf .*whole copy"):
        load(b"%PDF-1.7\nnothing that follows makes sense")


def test_a_page_that_cannot_be_read_does_not_cost_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pdf(["First", "Second", "Third"])
    numbers = iter(range(3))

    def fails_on_second(page: object, type3: dict[int, str]) -> Sheet:
        if next(numbers) == 1:
            raise ValueError("broken stream")
        return read_sheet(page, type3)

    monkeypatch.setattr("ingest.loaders.pdf.load.read_sheet", fails_on_second)
    losses = Losses()
    pages = load_pdf(data, "paper.pdf", IngestSettings(), losses)
    assert [page.text for page in pages] == ["First", "", "Third"]
    assert losses.sentences() == ("page 2: cannot be read",)


def test_text_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MIB", 1024)  # a MiB of text takes long to draw and to read
    given = IngestSettings(max_text_mb=2)
    page = "\n".join(["x" * 60] * 10)
    load_pdf(pdf([page] * 3), "paper.pdf", given)
    with pytest.raises(DocumentError, match=r"up to 2 MiB are read"):
        load_pdf(pdf([page] * 4), "paper.pdf", given)


def test_a_page_whose_printed_number_differs_has_it_for_a_label() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(["Preface", "One", "Two"]))))
    writer.set_page_label(0, 0, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(1, 2, style=PageLabelStyle.DECIMAL, start=2)
    buffer = io.BytesIO()
    writer.write(buffer)
    pages = load_pdf(buffer.getvalue(), "a.pdf", IngestSettings())
    assert [page.label for page in pages] == ["i", "", ""]
