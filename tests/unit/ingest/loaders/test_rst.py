"""reStructuredText: what a reader of the rendered page sees, Sphinx's own marks included."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.loaders import Losses
from ingest.loaders.rst import load_rst


def read(source: str) -> tuple[str, tuple[str, ...]]:
    losses = Losses()
    (page,) = load_rst(source.encode(), "a.rst", losses)
    return page.text, losses.sentences()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("It lasts 25 [1]_ years.\n\n.. [1] If cleaned.",
         "It lasts 25 [note 1] years.\n\n[note 1] If cleaned."),
        ("See :ref:`the label <x>` and :py:func:`~os.path`.", "See the label and os.path."),
        (".. versionadded:: 3.2\n\n   The *new* thing.", "Added in version 3.2\n\nThe new thing."),
        (".. code-block:: python\n   :caption: Run\n   :emphasize-lines: 1\n\n   x = 1",
         "Run\n\nx = 1"),
        (".. own-thing:: words\n   :option: value\n\n   More.", "words\n\nMore."),
        (".. toctree::\n\n   one\n\nText", "Text"),
        ("=====  ======\nName   Locker\n=====  ======\nGus    296\n=====  ======",
         "| Name | Locker |\n| Gus | 296 |"),
        (r".. math:: \frac{a}{b}", "a/b"),
        ("A |sub| and `x`_.", "A |sub| and `x`_."),
        (".. figure:: a.png\n   :bad-option: 1\n\n   Words of a figure",
         ".. figure:: a.png\n   :bad-option: 1\n\n   Words of a figure"),
    ],
)  # fmt: skip
def test_what_is_seen(source: str, text: str) -> None:
    assert read(source)[0] == text


def test_titles_are_headings() -> None:
    (page,) = load_rst(b"Title\n=====\n\nOne\n---\n\nText\n\nTwo\n---\n\nText", "a.rst")
    assert [(h.level, h.text) for h in page.headings] == [(1, "Title"), (2, "One"), (2, "Two")]


def test_no_other_file_is_read_and_that_is_said(tmp_path: Path) -> None:
    (secret := tmp_path / "secret.txt").write_text("password")
    for directive in ("include", "literalinclude", "csv-table", "raw"):
        argument = "html\n   :file:" if directive == "raw" else ""
        argument = "x\n   :file:" if directive == "csv-table" else argument
        assert "password" not in read(f".. {directive}:: {argument} {secret}")[0]
    assert read(f"Text\n\n.. include:: {secret}")[1] == ("1 text of another file not read",)


def test_raised_figures_and_letters_of_lists() -> None:
    assert read("10\\ :sup:`3` per litre\n\nb) two\nc) three")[0] == (
        "10^3 per litre\n\nb. two\nc. three"
    )
