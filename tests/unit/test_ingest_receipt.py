"""How a receipt reads."""

from __future__ import annotations

from ingest.receipt import FileResult, Receipt, format_line, format_receipt, receipt_json

RECEIPT = Receipt(
    results=(
        FileResult(
            "a.pdf",
            "added",
            pages=3,
            chunks=1200,
            pages_without_text=1,
            missing=("page 2: picture without text", "1 attachment not read: b.txt"),
        ),
        FileResult("b.txt", "unchanged", pages=1, chunks=1),
        FileResult("c.png", "skipped", "a PNG image is not a supported type"),
        FileResult("d.pdf", "failed", "is encrypted"),
    ),
    seconds=2.345,
)


def test_a_line_for_each_file_and_the_sums() -> None:
    assert format_receipt(RECEIPT).split("\n") == [
        "added      a.pdf  (3 pages, 1,200 chunks, 1 page without text): "
        "page 2: picture without text; 1 attachment not read: b.txt",
        "unchanged  b.txt  (1 page, 1 chunk)",
        "skipped    c.png: a PNG image is not a supported type",
        "failed     d.pdf: is encrypted",
        "1 added, 1 unchanged, 1 skipped, 1 failed; "
        "3 pages and 1,200 chunks read in 2.3 s, 1 page without text",
    ]


def test_an_interrupted_run_says_how_to_go_on() -> None:
    text = format_receipt(Receipt((), 1.0, interrupted=True, unread=2))
    assert text.endswith("Interrupted with 2 files to go: run the same command again to go on.")


def test_skipped_is_not_failed() -> None:
    assert RECEIPT.failed
    assert not Receipt(RECEIPT.results[:3], 1.0).failed


def test_json_holds_every_result() -> None:
    value = receipt_json(RECEIPT)
    counts = {change: n for change, n in value["counts"].items() if n}
    assert counts == {"added": 1, "unchanged": 1, "skipped": 1, "failed": 1}
    assert value["files"][0] == {
        "path": "a.pdf",
        "change": "added",
        "reason": "",
        "pages": 3,
        "chunks": 1200,
        "pages_without_text": 1,
        "missing": ("page 2: picture without text", "1 attachment not read: b.txt"),
    }


def test_a_name_breaks_no_line_and_turns_no_writing() -> None:
    line = format_line(FileResult("/a\nadded  b\x1b[31m\u202efdp.txt", "failed", "no\tgood"))
    assert line == r"failed     /a\nadded  b\x1b[31m\u202efdp.txt: no\tgood"


def test_many_reasons_are_summed_up() -> None:
    skipped = [
        *(FileResult(f"d/{n}.c", "skipped", ".c is not a supported type (PDF)") for n in range(18)),
        *(
            FileResult(f"{n}.png", "skipped", f"{n}.png is a picture without text: x")
            for n in (1, 2)
        ),
        FileResult("x", "skipped", "hidden"),
    ]
    last = format_receipt(Receipt(tuple(skipped), 1.0)).rsplit("\n", 1)[1]
    assert last == "skipped: 18 .c, 2 a picture without text, 1 hidden"
