"""PDF: print that looks like something, marks upon the page, ruled and set tables, fonts that name
no characters. Both sides: what was wrong is mended, and what was right stays."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from ingest.loaders.losses import Losses
from ingest.loaders.pdf import load_pdf
from rag.config import IngestSettings
from rag.errors import DocumentError

Draw = Callable[[Canvas], None]


def drawn(*pages: Draw) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for page in pages:
        canvas.setFont("Helvetica", 11)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def laid_out(*story: object) -> bytes:
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4).build(list(story))
    return buffer.getvalue()


def text(data: bytes, losses: Losses | None = None) -> str:
    pages = load_pdf(data, "a.pdf", IngestSettings(ocr=False), losses)
    return "\n".join(page.text for page in pages)


def paragraph(markup: str) -> Paragraph:
    return Paragraph(markup, getSampleStyleSheet()["BodyText"])


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("at most 10<super>3</super> germs", "at most 10^3 germs"),
        ("10<super>-2</super> and 12 m<super>2</super>.", "10^-2 and 12 m^2."),
        ("CO<sub>2</sub> is measured", "CO2 is measured"),
        ("he came 1<super>st</super>.", "he came 1st."),
        ("has 3<super>1</super>/<sub>2</sub> hectares", "has 3 1/2 hectares"),
        ("lasts 25<super>1</super> years", "lasts 25[note 1] years"),
        ("costs <strike>EUR 90</strike> EUR 105", "costs EUR 105"),
        ("an <u>underlined</u> word", "an underlined word"),
        ("see <a href='https://x.example.org/a?b=1'>the portal</a> first",
         "see the portal (https://x.example.org/a?b=1) first"),
        ("see <a href='https://x.example.org/'>x.example.org</a>", "see x.example.org"),
        ("<a href='mailto:d@x.org'>the desk</a>", "the desk (d@x.org)"),
    ],
)  # fmt: skip
def test_looks(markup: str, expected: str) -> None:
    assert text(laid_out(paragraph(markup))) == expected


def test_a_note_below_names_the_marks_above() -> None:
    data = laid_out(
        paragraph("lasts 25<super>2</super> years, 10<super>2</super> at most"),
        paragraph("<super>2</super> If it is cleaned."),
    )
    assert "25[note 2] years, 10^2 at most" in text(data)
    assert "[note 2] If it is cleaned." in text(data)


@pytest.mark.parametrize("shifts", [[(0.3, 0)], [(0.5, -0.5)], [(0.2, 0), (0.4, 0)]])
def test_text_printed_twice_is_read_once(shifts: Sequence[tuple[float, float]]) -> None:
    def page(canvas: Canvas) -> None:
        for dx, dy in [(0.0, 0.0), *shifts]:
            canvas.drawString(60 + dx, 700 + dy, "Total due: EUR 4,860.00")
            x = 60.0
            for char in "Account 7718":
                canvas.drawString(x + dx, 680 + dy, char)
                x += canvas.stringWidth(char)

    assert text(drawn(page)) == "Total due: EUR 4,860.00\nAccount 7718"


def test_double_letters_and_repeated_lines_stay() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Balloon 1100 little")
        canvas.drawString(60, 686, "Ditto")
        canvas.drawString(60, 672, "Ditto")

    assert text(drawn(page)) == "Balloon 1100 little\nDitto\nDitto"


def test_letter_spaced_print_is_closed() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Serial number 90210033", charSpace=2.5)
        canvas.drawString(60, 680, "T O T A L   D U E")
        canvas.drawString(60, 660, "1 2 3 4 5 6")

    assert text(drawn(page)).split("\n") == ["Serial number 90210033", "TOTAL DUE", "1 2 3 4 5 6"]


def test_form_fields_stand_at_their_labels() -> None:
    def page(canvas: Canvas) -> None:
        form = canvas.acroForm
        canvas.drawString(60, 700, "Name:")
        form.textfield(name="n", x=160, y=695, width=200, height=18, value="Ola Berg")
        canvas.drawString(60, 660, "District:")
        form.choice(
            name="d", x=160, y=655, width=99, height=18, options=[("North", "N"), ("South", "S")],
            value="S",
        )  # fmt: skip
        canvas.drawString(60, 620, "Vehicle:")
        for number, (kind, selected) in enumerate((("car", False), ("van", True))):
            form.radio(name="v", value=kind, selected=selected, x=160 + 80 * number, y=617, size=12)
            canvas.drawString(178 + 80 * number, 620, kind)
        form.checkbox(name="z", x=60, y=577, size=12, checked=True)
        canvas.drawString(80, 580, "Send me news")
        form.textfield(name="e", x=160, y=535, width=200, height=18, value="")

    assert text(drawn(page)).split("\n\n") == [
        "Name: Ola Berg",
        "District: South",
        "Vehicle: [ ] car [x] van",
        "[x] Send me news",
    ]


def test_a_label_without_a_colon_gets_one() -> None:
    def page(canvas: Canvas) -> None:
        for x, label, value in ((60, "Surname", "Lindqvist"), (300, "First name", "Petra")):
            canvas.drawString(x, 700, label)
            canvas.acroForm.textfield(name=label, x=x + 70, y=696, width=90, height=16, value=value)

    assert text(drawn(page)) == "| Surname: Lindqvist | First name: Petra |"


def test_fields_below_their_labels_make_a_row() -> None:
    def page(canvas: Canvas) -> None:
        for x, label, value in ((60, "Name", "Ola Berg"), (300, "Plate", "KX-44")):
            canvas.drawString(x, 700, label)
            canvas.acroForm.textfield(name=label, x=x, y=675, width=90, height=18, value=value)

    assert text(drawn(page)) == "| Name | Plate |\n| Ola Berg | KX-44 |"


def annotated(*annotations: dict[str, object]) -> bytes:
    data = drawn(lambda canvas: canvas.drawString(60, 700, "The rent is 900 a month."))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for annotation in annotations:
        entries = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
        for key, value in annotation.items():
            entries[NameObject(key)] = (
                ArrayObject(map(FloatObject, value))
                if isinstance(value, list)
                else NameObject(value)
                if isinstance(value, str) and value.startswith("/")
                else TextStringObject(value)
            )
        writer.add_annotation(0, entries)
    buffer = io.BytesIO()
    writer.add_attachment("plan.xlsx", b"x")
    writer.write(buffer)
    return buffer.getvalue()


PLACE = [60.0, 690.0, 200.0, 712.0]


def test_comments_and_struck_words() -> None:
    quad = [118.0, 710.0, 137.0, 710.0, 118.0, 697.0, 137.0, 697.0]
    losses = Losses()
    data = annotated(
        {"/Subtype": "/FreeText", "/Rect": PLACE, "/Contents": "Rent falls."},
        {"/Subtype": "/Text", "/Rect": PLACE, "/Contents": "See file.", "/T": "Mia"},
        {"/Subtype": "/Highlight", "/Rect": PLACE, "/QuadPoints": quad, "/Contents": "Since May."},
        {"/Subtype": "/StrikeOut", "/Rect": PLACE, "/QuadPoints": quad},
        {"/Subtype": "/Stamp", "/Rect": PLACE, "/Name": "/NotApproved"},
    )
    assert text(data, losses).split("\n\n") == [
        "The rent is a month.",
        "Rent falls.",
        "[comment by Mia: See file.]",
        "[comment on “900”: Since May.]",
        "[comment: stamp: Not Approved]",
    ]
    assert losses.sentences() == (
        "page 1: struck-out text left out",
        "1 attachment not read: plan.xlsx",
    )


def test_running_lines_go_and_recurring_content_stays() -> None:
    rows = [
        ["Part", "Price", "Stock"],
        *([f"P{n}", f"EUR {3 * n}", str(7 * n)] for n in range(1, 160)),
    ]

    def running(canvas: Canvas, document: object) -> None:
        canvas.drawString(72, 810, "Kelvara parts 2026")
        canvas.drawString(280, 30, f"Page {canvas.getPageNumber()} of 5")

    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4).build(
        [Table(rows, colWidths=110, repeatRows=1)], onFirstPage=running, onLaterPages=running
    )
    pages = load_pdf(buffer.getvalue(), "a.pdf", IngestSettings(ocr=False))
    assert len(pages) == 5
    assert all("| Part | Price | Stock |" in page.text for page in pages)
    assert ["Kelvara" in page.text for page in pages] == [True, *[False] * 4]
    assert ["of 5" in page.text for page in pages] == [True, *[False] * 4]


def test_lines_of_the_body_that_recur_stay() -> None:
    def page(number: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            for row, line in enumerate(
                (
                    f"Pump {chr(64 + number)}",
                    f"A hose of {number + 2} metres.",
                    "Warranty: 12 months",
                )
            ):
                canvas.drawString(60, 800 - 14 * row, line)

        return draw

    assert text(drawn(*map(page, range(1, 7)))).count("Warranty: 12 months") == 6
    assert all(
        f"hose of {n + 2} metres" in text(drawn(*map(page, range(1, 7)))) for n in range(1, 7)
    )


ROOMS = [
    ["Day", "Teacher", "Course", "Room"],
    ["Monday", "Ilse Varga", "Pottery", "B12"],
    ["", "", "Drawing", "C07"],
    ["Tuesday", "Omar Haddad", "Spanish", "A03"],
    ["Friday", "Nina Falk", "Choir", ""],
]


def test_ruled_cells_that_span_rows_stand_in_each() -> None:
    table = Table(ROOMS, colWidths=110)
    spans = [((0, 1), (0, 2)), ((1, 1), (1, 2)), ((3, 3), (3, 4))]
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                *(("SPAN", first, last) for first, last in spans),
            ]
        )
    )
    assert text(laid_out(table)).split("\n") == [
        "| Day | Teacher | Course | Room |",
        "| Monday | Ilse Varga | Pottery | B12 |",
        "| Monday | Ilse Varga | Drawing | C07 |",
        "| Tuesday | Omar Haddad | Spanish | A03 |",
        "| Friday | Nina Falk | Choir | A03 |",
    ]


def test_an_empty_cell_keeps_its_place_without_lines() -> None:
    rows = [["Item", "Jan", "Feb", "Mar"], ["Rent", "100", "", "120"], ["Power", "", "20", ""]]
    assert text(laid_out(Table(rows, colWidths=90))).split("\n") == [
        "| Item | Jan | Feb | Mar |",
        "| Rent | 100 | | 120 |",
        "| Power | | 20 | |",
    ]


def test_narrow_ruled_columns_do_not_run_together() -> None:
    rows = [["36", "4.5", "12"], ["37", "5.5", "13"]]
    table = Table(rows, colWidths=[16, 17, 16])
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("LEFTPADDING", (0, 0), (-1, -1), 1.5),
                ("RIGHTPADDING", (0, 0), (-1, -1), 1.5),
            ]
        )
    )
    assert text(laid_out(table)) == "| 36 | 4.5 | 12 |\n| 37 | 5.5 | 13 |"


def without_character_map(readable: str) -> bytes:
    """A page of one line in a composite font without a map to Unicode, and one in Helvetica."""
    data = drawn(lambda canvas: canvas.drawString(60, 700, readable))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    page = writer.pages[0]
    descendant = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): NameObject("/ABCDEF+Secret"),
            NameObject("/CIDSystemInfo"): DictionaryObject(
                {
                    NameObject("/Registry"): TextStringObject("Adobe"),
                    NameObject("/Ordering"): TextStringObject("Identity"),
                    NameObject("/Supplement"): FloatObject(0),
                }
            ),
        }
    )
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type0"),
            NameObject("/BaseFont"): NameObject("/ABCDEF+Secret"),
            NameObject("/Encoding"): NameObject("/Identity-H"),
            NameObject("/DescendantFonts"): ArrayObject([descendant]),
        }
    )
    page["/Resources"]["/Font"].get_object()[NameObject("/FX")] = font  # type: ignore[index]
    stream = StreamObject()
    codes = "".join(f"{code:04x}" for code in range(0x35, 0x55))
    stream.set_data(
        page.get_contents().get_data()  # type: ignore[union-attr]
        + f"\nBT /FX 12 Tf 60 600 Td <{codes}> Tj ET".encode()
    )
    page[NameObject("/Contents")] = writer._add_object(stream)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_text_without_a_character_map_is_said_and_not_read() -> None:
    losses = Losses()
    assert text(without_character_map("Readable line."), losses) == "Readable line."
    assert losses.sentences() == ("page 1: font without character map (Secret)",)


def test_a_document_without_readable_text_is_refused_with_the_reason() -> None:
    losses = Losses()
    with pytest.raises(DocumentError, match=r"no readable text on its only page.*character map"):
        text(without_character_map(""), losses)
    assert losses.sentences()


def test_a_page_of_pictures_is_said() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(Image.new("RGB", (40, 40), "red"))
    losses = Losses()
    data = drawn(
        lambda canvas: canvas.drawString(60, 700, "Words."),
        lambda canvas: canvas.drawImage(picture, 0, 0, *A4),
    )
    assert text(data, losses) == "Words.\n"
    assert losses.sentences() == ("page 2: picture without text",)


def test_space_parts_paragraphs_and_wrapped_lines_are_joined() -> None:
    lines = [
        (700, "The warranty of this cabinet covers all parts and labour for the"),
        (687, "first three years."),
        (655, "It begins on the day of delivery, which is stated on the invoice and"),
        (642, "on the box."),
    ]

    def page(canvas: Canvas) -> None:
        for y, line in lines:
            canvas.drawString(60, y, line)

    assert text(drawn(page)) == (
        "The warranty of this cabinet covers all parts and labour for the first three years.\n\n"
        "It begins on the day of delivery, which is stated on the invoice and on the box."
    )


def test_ligatures_and_right_to_left_scripts_stay_whole() -> None:
    assert text(laid_out(paragraph("office efficient flower"))) == "office efficient flower"


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [
        "The left column tells of the",
        "teacher of the first course,",
        "who is Ilse Varga.",
        "She",
        "sings.",
    ]
    right = ["The right column tells of the", "teacher of the second one,", "who is Omar Haddad."]

    def page(canvas: Canvas) -> None:
        for x, lines in ((60, left), (320, right)):
            for number, line in enumerate(lines):
                canvas.drawString(x, 700 - 13 * number, line)

    read = " ".join(text(drawn(page)).split())
    assert read == " ".join([*left, *right])


def test_a_turned_page_reads_from_left_to_right() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(100, 100)
        canvas.rotate(90)
        canvas.drawString(0, 0, "Turned 10 words")
        canvas.drawString(0, -14, "Second line")

    assert text(drawn(page)).split("\n") == ["Turned 10 words", "Second line"]


def test_a_table_without_lines_beside_text_is_left_alone() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "2")
        canvas.drawString(75, 700, "Related work")
        canvas.drawString(60, 680, "Nothing like it was made before.")

    assert text(drawn(page)) == "2 Related work\nNothing like it was made before."


def type3(*names: str) -> bytes:
    """A page in a Type 3 font whose codes from 65 on show the glyphs `names`."""
    data = drawn(lambda canvas: canvas.drawString(60, 700, "Head"))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    page = writer.pages[0]
    glyph = StreamObject()
    glyph.set_data(b"500 0 0 0 500 700 d1 0 0 500 700 re f")
    drawing = writer._add_object(glyph)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type3"),
            NameObject("/FontBBox"): ArrayObject(map(FloatObject, (0, 0, 500, 700))),
            NameObject("/FontMatrix"): ArrayObject(map(FloatObject, (0.001, 0, 0, 0.001, 0, 0))),
            NameObject("/FirstChar"): NumberObject(65),
            NameObject("/LastChar"): NumberObject(64 + len(names)),
            NameObject("/Widths"): ArrayObject(FloatObject(500) for _ in names),
            NameObject("/CharProcs"): DictionaryObject(
                {NameObject(f"/{name}"): drawing for name in names}
            ),
            NameObject("/Encoding"): DictionaryObject(
                {
                    NameObject("/Differences"): ArrayObject(
                        [NumberObject(65), *(NameObject(f"/{name}") for name in names)]
                    )
                }
            ),
        }
    )
    page["/Resources"]["/Font"].get_object()[NameObject("/FX")] = font  # type: ignore[index]
    stream = StreamObject()
    codes = "".join(chr(65 + number) for number in range(len(names)))
    stream.set_data(
        page.get_contents().get_data()  # type: ignore[union-attr]
        + f"\nBT /FX 12 Tf 60 600 Td ({codes}) Tj ET".encode()
    )
    page[NameObject("/Contents")] = writer._add_object(stream)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_glyphs_of_type_3_fonts_are_read_by_their_names() -> None:
    losses = Losses()
    assert text(type3("W", "a", "t", "e", "r", "one", "uni00B5"), losses) == "Head\n\nWater1µ"
    assert losses.sentences() == ()


def test_glyphs_of_type_3_fonts_without_names_are_said() -> None:
    losses = Losses()
    assert text(type3(*(f"g{n}" for n in range(20))), losses) == "Head"
    assert losses.sentences() == ("page 1: font without character map",)


def test_a_table_open_at_its_sides_is_whole() -> None:
    rows = [["Timing", "suite", "codename"], ["now", "stable", "bookworm"], ["then", "testing", ""]]
    table = Table(rows, colWidths=110)
    table.setStyle(
        TableStyle(
            [
                ("INNERGRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("SPAN", (1, 2), (2, 2)),
            ]
        )
    )
    assert text(laid_out(paragraph("Before."), table, paragraph("After."))).split("\n") == [
        "Before.",
        "| Timing | suite | codename |",
        "| now | stable | bookworm |",
        "| then | testing | testing |",
        "After.",
    ]


def test_stretched_lines_and_leaders_keep_their_words_apart() -> None:
    def page(canvas: Canvas) -> None:
        for number, word in enumerate(("Alternatively,", "you", "may", "add", "users")):
            canvas.drawString(60 + 90 * number + (30 if number else 0), 700, word)
        x = 60.0
        for word in ("Alternatively,", "you", "may", "add", "more"):
            canvas.drawString(x, 686, word)
            x += canvas.stringWidth(word) + 15
        canvas.drawString(60, 660, "1.1 An extra user account . . . . . . . . . . . . . . . 5")

    read = text(drawn(page))
    assert "Alternatively, you may add more" in read
    assert "1.1 An extra user account . . ." in read


def test_roman_page_numbers_are_running_lines() -> None:
    def page(number: str) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(60, 815, f"Handbook {number}")
            for row in range(20):
                canvas.drawString(60, 760 - 14 * row, f"Line {row} of the page {number} is here.")

        return draw

    read = text(drawn(*map(page, ("i", "ii", "iii", "iv"))))
    assert read.count("Handbook") == 1


def test_the_target_of_a_link_widens_no_line() -> None:
    words = "The warranty covers all parts and the labour for three years from the day of sale. "
    linked = f"<a href='https://x.example.org/{'long/' * 30}'>Read the terms</a> first. {words * 3}"
    read = text(laid_out(paragraph(linked)))
    assert "\n" not in read
    assert f"Read the terms (https://x.example.org/{'long/' * 30}) first." in read


def test_a_heading_that_is_a_link_is_found() -> None:
    styles = getSampleStyleSheet()
    heading = Paragraph("<a href='https://x.example.org/a'>Terms of sale</a>", styles["Heading1"])
    body = [paragraph("Words of the body that go on for a good while, line by line.")] * 3
    [page] = load_pdf(laid_out(heading, *body), "a.pdf", IngestSettings(ocr=False))
    assert page.text.startswith("Terms of sale (https://x.example.org/a)")
    assert [(h.text, h.start) for h in page.headings] == [("Terms of sale", 0)]


def test_listings_keep_their_lines() -> None:
    lines = ["$ umask 002; echo done with it all and go", "$ ls", "total 4 of all", "foo bar"]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Courier", 10)
        for row, line in enumerate(lines):
            canvas.drawString(60, 700 - 12 * row, line)

    assert text(drawn(page)).split("\n") == lines


GATES = [["Part", "Formula", "Pieces"], ["OR gate", "a | b", "12"], ["AND gate", "a & b", "30"]]


@pytest.mark.parametrize("grid", [[], [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]])
def test_bars_within_cells_shift_nothing(grid: list[tuple[object, ...]]) -> None:
    table = Table(GATES, colWidths=110)
    table.setStyle(TableStyle(grid))
    assert text(laid_out(table)).split("\n")[-2:] == [
        "Part: OR gate; Formula: a | b; Pieces: 12",
        "Part: AND gate; Formula: a & b; Pieces: 30",
    ]
