"""Books: sections in reading order, with what their style sheets say."""

from __future__ import annotations

import pytest

from ingest.loaders import Losses
from ingest.loaders.epub import load_epub
from rag.config import IngestSettings
from rag.errors import DocumentError
from tests.archives import zipped

CONTAINER = '<container><rootfiles><rootfile full-path="O/c.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>The Pump</dc:title><dc:creator>Nina Falk</dc:creator></metadata>
<manifest><item id="b" href="t/b%20x.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="t/a.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="c.jpg" media-type="image/jpeg"/></manifest>
<spine><itemref idref="c"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine>
</package>"""
SECTION = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title>'
    '<link rel="stylesheet" href="../s.css"/></head><body><h1>{}</h1><p>{}</p></body></html>'
)
BOOK: dict[str, str | bytes] = {
    "META-INF/container.xml": CONTAINER,
    "O/c.opf": PACKAGE,
    "O/c.jpg": b"\xff\xd8\xff",
    "O/s.css": ".up { position: relative; font-size: 0.58em; top: -0.33em } .x > a {}",
    "O/t/a.xhtml": SECTION.format("Limits", 'At most 10<span class="up">3</span> germs.'),
    "O/t/b x.xhtml": SECTION.format("Hoses", "Six metres."),
}


def test_sections_are_pages_in_reading_order() -> None:
    losses = Losses()
    pages = load_epub(zipped(BOOK), "a.epub", IngestSettings(), losses)
    assert [(page.number, page.text) for page in pages] == [
        (1, "The Pump\nNina Falk"),
        (2, "Limits\n\nAt most 10^3 germs."),
        (3, "Hoses\n\nSix metres."),
    ]
    assert losses.sentences() == ("section 1: picture without text",)


def test_a_section_that_is_missing_is_said() -> None:
    losses = Losses()
    book = {name: content for name, content in BOOK.items() if name != "O/t/a.xhtml"}
    assert len(load_epub(zipped(book), "a.epub", IngestSettings(), losses)) == 3
    assert "section 2: cannot be read" in losses.sentences()


def test_a_locked_book_is_refused_unless_only_its_fonts_are() -> None:
    locked = (
        '<encryption><EncryptedData><CipherData><CipherReference URI="{}"/></CipherData>'
        "</EncryptedData></encryption>"
    )
    part = "META-INF/encryption.xml"
    load_epub(zipped({**BOOK, part: locked.format("O/f.ttf")}), "a.epub", IngestSettings())
    with pytest.raises(DocumentError, match="DRM"):
        load_epub(zipped({**BOOK, part: locked.format("O/t/a.xhtml")}), "a.epub", IngestSettings())


def test_a_book_without_parts_is_named() -> None:
    with pytest.raises(DocumentError, match=r"a\.epub is a damaged EPUB file"):
        load_epub(zipped({"META-INF/container.xml": "<x/>"}), "a.epub", IngestSettings())
