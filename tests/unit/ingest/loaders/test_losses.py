"""How losses read."""

from __future__ import annotations

from ingest.loaders.losses import Losses


def test_one_sentence_a_reason_with_its_places() -> None:
    losses = Losses()
    for page in (7, 2, 3, 4):
        losses.page(page, "picture without text")
    losses.page(5, "cannot be read")
    losses.count("chart not read", "charts not read")
    losses.count("chart not read", "charts not read", 2)
    losses.count("note", "notes", 0)
    losses.files(["b.txt", "a.pdf"])
    losses.add("said once")
    losses.add("said once")
    assert losses.sentences() == (
        "pages 2-4, 7: picture without text",
        "page 5: cannot be read",
        "3 charts not read",
        "2 attachments not read: a.pdf, b.txt",
        "said once",
    )


def test_many_files_are_not_all_named() -> None:
    losses = Losses()
    losses.files(f"{n}.txt" for n in range(8))
    assert losses.sentences() == (
        "8 attachments not read: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more",
    )


def test_nothing_missing_says_nothing() -> None:
    losses = Losses()
    losses.files([])
    assert losses.sentences() == ()
