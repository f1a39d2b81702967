"""A page is drawn with the very words marked that a span names, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from ingest.loaders import load
from ingest.pictures import page_picture, stored_page_picture
from ingest.pictures.command import draw_page
from ingest.pictures.quote import find_quote
from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import DocumentError, UsageError
from rag.store import Collection
from tests.documents import PNG, pdf
from tests.fakes import FakeEmbedder

LINES = "The pump weighs 15 kilograms.\nThe hose is 6 metres long.\n软管长六米。"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (path := tmp_path / "pump.pdf").write_bytes(pdf(["First page", LINES]))
    return path


def yellow_rows(png: bytes) -> list[int]:
    """The rows of a picture that hold the marker's colour, in points from the top."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    pixels = image.load()
    assert pixels is not None
    return [
        y // 2
        for y in range(image.height)
        if any(pixels[x, y] == (255, 232, 92) for x in range(0, image.width, 2))
    ]


def spans(path: Path, quote: str, page: int = 1) -> list[tuple[int, int]]:
    return find_quote(quote, load(path).pages[page].text)


@pytest.mark.parametrize(("quote", "baseline"), [("6 metres", 76), ("软管长六米", 90)])
def test_the_mark_lies_on_the_line_of_the_quote(path: Path, quote: str, baseline: int) -> None:
    """The second line is drawn 780 - 14 points above the foot of a page of 842 points."""
    drawn = page_picture(path, 1, spans(path, quote))
    rows = yellow_rows(drawn.png)
    assert baseline - 13 < min(rows) <= max(rows) < baseline + 5
    assert len(drawn.marks) == 1


def test_without_spans_nothing_is_marked(path: Path) -> None:
    drawn = page_picture(path, 0)
    assert drawn.marks == ()
    assert yellow_rows(drawn.png) == []


def test_a_page_that_is_shown_turned_and_cropped_is_marked_where_it_shows(path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.pages[1].rotate(90)
    writer.pages[1].cropbox.lower_left = (50, 400)
    turned = path.with_name("turned.pdf")
    writer.write(turned)
    ((left, top, right, bottom),) = page_picture(turned, 1, spans(turned, "6 metres")).marks
    # The crop box is 442 points high; the line's baseline is 76 points below its upper edge, which
    # is the right edge of the page as shown.
    across = 442 / 32_000
    assert 442 - 80 < left * across < 442 - 76 < right * across < 442 - 64
    assert bottom - top > 2 * (right - left) * across / (545 / 32_000)


def test_a_stored_document_is_drawn_from_its_file(
    path: Path, settings: Settings, embedder: FakeEmbedder
) -> None:
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        copy = path.with_name("copy.pdf")
        copy.write_bytes(path.read_bytes())
        ingest([path, copy], collection, embedder, settings)
        (info,) = collection.documents()
        found = find_quote("15 kilograms", collection.page(info.document_id, 2).text)
        picture = stored_page_picture(collection, info.document_id, 1, found)
        assert picture == page_picture(path, 1, found)
        path.unlink()
        assert stored_page_picture(collection, info.document_id, 1, found) == picture
        copy.write_bytes(pdf(["Another"]))
        with pytest.raises(DocumentError, match="changed since it was read"):
            stored_page_picture(collection, info.document_id, 1, found)


def test_files_and_pages_without_a_picture_are_refused(path: Path) -> None:
    with pytest.raises(DocumentError, match="has 2 pages, none of number 3"):
        page_picture(path, 2)
    (text := path.with_name("a.md")).write_text("# Title")
    with pytest.raises(DocumentError, match=r"a\.md has no pages to show"):
        page_picture(text, 0)
    (broken := path.with_name("b.pdf")).write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(DocumentError, match=r"b\.pdf cannot be drawn"):
        page_picture(broken, 0)


def test_the_command_writes_the_picture_or_says_why_not(
    path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    output = path.with_name("out.png")
    assert draw_page(settings, path, 2, ["15 kilograms", "六米"], output) == 0
    assert output.read_bytes().startswith(PNG[:8])
    assert "page 2 of pump.pdf, 2 places marked" in capsys.readouterr().out
    assert draw_page(settings, path, 2, ["16 kilograms"], output) == 1
    assert "page 2 does not hold “16 kilograms”" in capsys.readouterr().err
    assert draw_page(settings, path, 3, ["15"], output) == 1
    assert "has 2 pages, none of number 3" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no such file"):
        draw_page(settings, path.with_name("none.pdf"), 1, [], output)
    with pytest.raises(UsageError, match="cannot be written"):
        draw_page(settings, path, 1, [], path.parent)
