"""Scanned pages and pictures read by the real recogniser, and marked by its boxes."""

from __future__ import annotations

import base64
import io
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import openpyxl.drawing.image
import pptx
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.loaders import Losses, load
from ingest.pictures import page_picture, stored_page_picture
from ingest.pictures.quote import find_quote
from ingest.pipeline import ingest
from rag.config import IngestSettings, Settings
from rag.errors import NothingToRead
from rag.store import Collection
from tests.archives import zipped
from tests.documents import pdf
from tests.fakes import FakeEmbedder

CJK = [
    *Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"),
    *Path("/usr/share/fonts").rglob("wqy-microhei.ttc"),
]
LINES = "The pump weighs 15 kilograms.\nIts hose is 6 metres long.\nMrs Okafor keeps the key."


def scanned(text: str) -> Image.Image:
    """A page of the text as a picture, as a scanner makes one."""
    document = pypdfium2.PdfDocument(pdf([text]))
    image: Image.Image = document[0].render(scale=2).to_pil().convert("L")
    return image


def test_a_scanned_page_is_read_stored_and_marked(
    tmp_path: Path, settings: Settings, embedder: FakeEmbedder
) -> None:
    path = tmp_path / "scan.pdf"
    typed = pypdfium2.PdfDocument(pdf(["A page with text of its own"]))
    picture, buffer = pypdfium2.PdfDocument.new(), io.BytesIO()
    scanned(LINES).convert("RGB").save(buffer, "PDF", resolution=144)
    picture.import_pages(typed)
    picture.import_pages(pypdfium2.PdfDocument(buffer.getvalue()))
    picture.save(path)
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        (result,) = ingest([path], collection, embedder, settings).results
        assert result.missing[0].startswith("page 2: read by OCR (confidence 0.9")
        (info,) = collection.documents()
        page = collection.page(info.document_id, 2)
        assert " ".join(page.text.split()) == " ".join(LINES.split())
        (span,) = find_quote("6 metres", page.text)
        ((left, top, right, bottom),) = stored_page_picture(
            collection, info.document_id, 1, [span]
        ).marks
    # "Its hose is " is drawn in Helvetica of 11 points from 70 points on, its baseline 76 points
    # from the top of a page of 595 by 842 points.
    assert 70 + 50 < left * 595 / 32_000 < 70 + 62
    assert 70 + 95 < right * 595 / 32_000 < 70 + 112
    assert top * 842 / 32_000 < 76 < bottom * 842 / 32_000
    scanned(LINES).save(alone := tmp_path / "alone.png")
    with pytest.raises(NothingToRead):
        load(alone, IngestSettings(ocr=False))


@pytest.mark.skipif(not CJK, reason="no Chinese font on this machine")
def test_a_chinese_picture_is_read_though_it_lies_on_its_head(tmp_path: Path) -> None:
    image = Image.new("RGB", (900, 300), "white")
    font = ImageFont.truetype(str(CJK[0]), 36)
    text = "宿舍晚间安静时间为22时30分。\n每月用电额度为150度。"
    ImageDraw.Draw(image).multiline_text((40, 60), text, font=font, fill="black", spacing=24)
    image.rotate(180).save(path := tmp_path / "rules.png")
    losses = Losses()
    (page,) = load(path, losses=losses).pages
    assert page.text.split() == text.split()
    assert losses.sentences()[0].startswith("page 1: read by OCR (confidence ")
    ((left, top, right, bottom),) = page_picture(
        path, 0, find_quote("150度", page.text), text=page
    ).marks
    # Seven characters of 36 pixels stand before it, 40 pixels from the edge of 900.
    assert (900 - 40 - 7 * 36 - 110) * 32_000 / 900 < left < right < 609 * 32_000 / 900 + 400
    assert top < 16_000 < bottom


def within_files(png: bytes) -> dict[str, bytes]:
    """Files of many formats that show the picture, by name."""
    files: dict[str, bytes] = {}
    document = docx.Document()
    document.add_picture(io.BytesIO(png))
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[6]).shapes.add_picture(io.BytesIO(png), 0, 0)
    book = openpyxl.Workbook()
    book.active.append(["place", "of", "pumps"])
    book.active.add_image(openpyxl.drawing.image.Image(io.BytesIO(png)), "C5")
    for name, file in (("a.docx", document), ("a.pptx", show), ("a.xlsx", book)):
        file.save(buffer := io.BytesIO())
        files[name] = buffer.getvalue()
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    files["a.html"] = f'<p><img src="{address}"></p>'.encode()
    files["a.md"] = f"![]({address})".encode()
    mail = EmailMessage()
    mail["From"] = "a@example.org"
    mail.set_content("See there.")
    mail.add_alternative('<p>See <img src="cid:x1"></p>', subtype="html")
    shown = mail.get_body(("html",))
    assert isinstance(shown, EmailMessage)
    shown.add_related(png, "image", "png", cid="<x1>")
    files["a.eml"] = mail.as_bytes()
    files["a.zip"] = zipped({"plans/plan.png": png})
    return files


def test_pictures_within_files_are_read_where_they_stand(tmp_path: Path) -> None:
    scanned(LINES).crop((100, 100, 900, 300)).save(buffer := io.BytesIO(), "PNG")
    for name, data in within_files(buffer.getvalue()).items():
        (path := tmp_path / name).write_bytes(data)
        losses = Losses()
        text = "\n".join(page.text for page in load(path, losses=losses).pages)
        assert text.count("hose is 6 metres long") == 1, name
        assert "read by OCR" in " ".join(losses.sentences()), name
