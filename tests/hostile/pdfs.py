"""Hostile PDFs, written object by object."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from tests.documents import encrypted_pdf, pdf
from tests.hostile.kinds import Trap, trap

_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_TEXT = b"BT /F 12 Tf 72 700 Td (The kettle is in the cellar.) Tj ET"


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    body, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += b"trailer <</Root 1 0 R/Size %d%b>>\n" % (len(objects) + 1, trailer)
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), entries, content)


def page(
    content: bytes = stream(_TEXT),
    font: bytes = _FONT,
    box: bytes = b"[0 0 595 842]",
    more: bytes = b"",
    resources: bytes = b"",
    catalogue: bytes = b"",
    others: tuple[bytes, ...] = (),
) -> bytes:
    """A PDF of one page; its content is object 4, its font 5, `others` follow."""
    return written(
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalogue,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox%b/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>%b>>%b>>" % (box, resources, more),
        content,
        font,
        *others,
    )


def _flate(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter[%b]" % (b"/FlateDecode" * times))


def _million_pages() -> bytes:
    kids = b"[" + b"3 0 R " * 3 + b"]"
    return page().replace(b"/Kids[3 0 R]/Count 1", b"/Kids%b/Count 1000000" % kids)


def _same_page_often() -> bytes:
    return page().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[%b]/Count 100" % (b"3 0 R " * 100))


def _cyclic_tree() -> bytes:
    return written(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 9>>",
        b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 9>>",
    )


def _cyclic_outline() -> bytes:
    item = b"<</Title(Again)/Parent 6 0 R/Next 7 0 R/First 7 0 R/Dest[3 0 R/Fit]>>"
    return page(
        catalogue=b"/Outlines 6 0 R",
        others=(b"<</First 7 0 R/Last 7 0 R/Count 1>>", item),
    )


def _form_in_itself() -> bytes:
    form = stream(
        b"/X Do " + _TEXT,
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
        b"/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>",
    )
    return page(stream(b"/X Do"), resources=b"/XObject<</X 6 0 R>>", others=(form,))


def _cyclic_fields() -> bytes:
    field = b"<</T(name)/FT/Tx/V(Bea)/Kids[6 0 R]/Parent 6 0 R>>"
    return page(catalogue=b"/AcroForm<</Fields[6 0 R]>>", others=(field,))


def _cyclic_length() -> bytes:
    return page(content=b"<</Length 4 0 R>>\nstream\n%b\nendstream" % _TEXT)


def _many_notes() -> bytes:
    notes = b"/Annots[%b]" % (b"6 0 R " * 200)
    note = b"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(Look)/T(Mia)>>"
    return page(more=notes, others=(note,))


def _script() -> bytes:
    action = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/AA<</WC<</S/Launch/F(/bin/sh)>>>>"
    return page(catalogue=action)


def _odd_fonts() -> bytes:
    font = (
        b"<</Type/Font/Subtype/TrueType/BaseFont/A/FirstChar -5/LastChar 2147483647"
        b"/Widths[-1e38 1e38]/FontDescriptor<</FontBBox[1e38 -1e38 0 0]/Ascent 1e38"
        b"/FontFile2 4 0 R>>/ToUnicode 4 0 R>>"
    )
    huge = b"BT /F 1e30 Tf 1e-30 0 0 1e30 1e30 -1e30 Tm (vast) Tj /F -0 Tf (none) Tj ET "
    return page(stream(huge + _TEXT), font=font)


def _endless_type3() -> bytes:
    glyph = stream(b"1000 0 d0 BT /F 1 Tf (aaaaaaaa) Tj ET")
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/FirstChar 97"
        b"/LastChar 97/Widths[1]/Encoding<</Differences[97/a]>>/CharProcs<</a 6 0 R>>"
        b"/Resources<</Font<</F 5 0 R>>>>>>"
    )
    return page(stream(b"BT /F 12 Tf (aaaa) Tj ET"), font=font, others=(glyph,))


def _map_of_all() -> bytes:
    """A character map that gives every code a long text."""
    told = b"".join(
        b"1 beginbfrange <%04X> <%04X> <%b> endbfrange\n" % (code, code + 255, b"0041" * 200)
        for code in range(0, 65536, 2048)
    )
    font = _FONT.replace(b">>", b"/ToUnicode 6 0 R>>")
    return page(font=font, others=(stream(told),))


_MAKERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut short.pdf": (lambda: pdf(["The kettle."])[:700], "failed: damaged"),
    "only a head.pdf": (lambda: b"%PDF-1.7\n", "failed: damaged"),
    "locked.pdf": (lambda: encrypted_pdf("The kettle.", "secret"), "failed: needs a password"),
    "a million pages.pdf": (_million_pages, "added: not looked at"),
    "one page 100 times.pdf": (_same_page_often, "added"),
    "page tree in a ring.pdf": (_cyclic_tree, "failed: none of the pages"),
    "outline in a ring.pdf": (_cyclic_outline, "added"),
    "drawing within itself.pdf": (_form_in_itself, "added"),
    "field within itself.pdf": (_cyclic_fields, "added"),
    "length of itself.pdf": (_cyclic_length, "added"),
    "xref in a ring.pdf": (lambda: page().replace(b"/Size", b"/Prev 9/Size"), "added"),
    "arrays 100,000 deep.pdf": (
        lambda: page(more=b"/Deep" + b"[" * 100_000 + b"]" * 100_000),
        "added|failed",
    ),
    "states 200,000 deep.pdf": (lambda: page(stream(b"q " * 200_000 + _TEXT)), "added"),
    "stream that inflates.pdf": (lambda: page(_flate(_TEXT + b" " * (1 << 23))), "added|failed"),
    "stream that inflates twice.pdf": (
        lambda: page(_flate(_TEXT + b"0 0 m " * (1 << 20), 2)),
        "added|failed",
    ),
    "no pages.pdf": (
        lambda: written(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
        "failed: damaged",
    ),
    "page as large as a town.pdf": (lambda: page(box=b"[0 0 1e9 1e9]"), "added"),
    "page without a size.pdf": (lambda: page(box=b"[0 0 0 0]"), "added"),
    "page inside out.pdf": (lambda: page(box=b"[900 900 -900 -900]"), "added"),
    "absurd font.pdf": (_odd_fonts, "added|failed"),
    "font of itself.pdf": (_endless_type3, "added|failed"),
    "font that says much.pdf": (_map_of_all, "added"),
    "200 notes.pdf": (_many_notes, "added|failed"),
    "script.pdf": (_script, "added"),
}


def traps() -> Iterator[Trap]:
    """The PDFs."""
    for name, (make, outcome) in _MAKERS.items():
        yield trap(name, make, outcome)
