"""Pictures: shown upright and on white; without text, damaged or too large they are told apart."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from ingest.loaders import load_bytes
from ingest.loaders.picture import pictures
from rag.config import IngestSettings
from rag.errors import DocumentError, NothingToRead
from tests.documents import PNG


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def test_a_picture_is_shown_upright_and_on_white() -> None:
    image = Image.new("RGB", (40, 20), "red")
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    (shown,) = pictures(saved(image, "JPEG", exif=exif), "a.jpg")
    assert shown.size == (20, 40)
    (clear,) = pictures(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"), "a.png")
    assert clear.getpixel((0, 0)) == (255, 255, 255)


def test_each_picture_of_a_tiff_is_shown() -> None:
    first, second = Image.new("1", (30, 30), 1), Image.new("L", (50, 20), 9)
    data = saved(first, "TIFF", save_all=True, append_images=[second])
    assert [(shown.mode, shown.size) for shown in pictures(data, "a.tif")] == [
        ("RGB", (30, 30)),
        ("RGB", (50, 20)),
    ]


def test_one_without_text_or_with_ocr_off_is_passed_over() -> None:
    data = saved(Image.new("RGB", (90, 90), "navy"), "PNG")
    with pytest.raises(NothingToRead, match="picture without text"):
        load_bytes(data, Path("a.png"), IngestSettings())
    with pytest.raises(NothingToRead, match=r"switched off \(setting ingest\.ocr\)"):
        load_bytes(data, Path("a.png"), IngestSettings(ocr=False))


def test_one_that_is_damaged_or_huge_is_named() -> None:
    with pytest.raises(DocumentError, match=r"a\.png is damaged and cannot be shown"):
        load_bytes(PNG, Path("a.png"), IngestSettings())
    huge = saved(Image.new("1", (12_000, 11_000)), "PNG")
    with pytest.raises(DocumentError, match="12,000 by 11,000 pixels: make it smaller"):
        load_bytes(huge, Path("a.png"), IngestSettings())
