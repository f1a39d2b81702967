"""Pictures within files: what is written in their place where no text is read on them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ingest.loaders import Losses
from ingest.loaders.inner_pictures import InnerPictures, data_of


def png(colour: str = "white") -> bytes:
    """A picture with nothing on it, large enough to be looked at."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


@pytest.mark.parametrize("ocr", [True, False])
def test_a_picture_without_text_is_missed_unless_it_is_described(ocr: bool) -> None:
    losses = Losses()
    pictures = InnerPictures(losses, ocr=ocr)
    assert pictures.shown(png(), " The\nhall ", 3) == "[picture: The hall]"
    assert pictures.shown(png("red"), "", 3, decorative=True) == ""
    assert losses.sentences() == ()
    assert [pictures.shown(png(), "", page) for page in (3, None)] == ["", ""]
    assert losses.sentences() == ("page 3: picture without text", "1 picture without text")


def test_what_cannot_be_shown_is_said() -> None:
    losses = Losses()
    broken = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    assert InnerPictures(losses, ocr=True).shown(broken, "The hall", None) == "[picture: The hall]"
    assert losses.sentences() == (
        "1 picture not read (is damaged and cannot be shown (UnidentifiedImageError))",
    )


def test_pictures_written_as_addresses() -> None:
    assert data_of("data:image/png;base64,aGkg\ndGhlcmU=") == b"hi there"
    assert data_of("data:image/svg+xml,%3Csvg/%3E") == b"<svg/>"
    assert data_of("hall.png") is None
    held = {"hall.png": png()}
    losses = Losses()
    assert InnerPictures(losses, ocr=True, find=held.get).named("hall.png") == ""
    assert losses.sentences() == ("1 picture without text",)
