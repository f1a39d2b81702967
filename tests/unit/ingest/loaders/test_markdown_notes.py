"""Markdown: footnotes, front matter, definitions, signs that are no markup."""

from __future__ import annotations

import pytest

from ingest.loaders.losses import Losses
from ingest.loaders.markdown import load_markdown


def text(source: str, losses: Losses | None = None) -> str:
    return load_markdown(source.encode(), "a.md", losses)[0].text


def test_footnotes_of_one_word_and_of_addresses() -> None:
    source = "Sold for 90[^a] and 14[^b].\n\n[^a]: Unpaid.\n[^b]: https://x.org/2026\n"
    assert text(source) == (
        "Sold for 90[note 1] and 14[note 2].\n\n[note 1] Unpaid.\n\n[note 2] https://x.org/2026"
    )


def test_a_footnote_of_two_paragraphs_and_one_within_the_line() -> None:
    source = "A[^1] and B^[at once].\n\n[^1]: First.\n\n    Second.\n"
    assert text(source) == (
        "A[note 1] and B[note 2].\n\n[note 1] First.\n\nSecond.\n\n[note 2] at once"
    )


def test_a_footnote_without_a_mark_is_said() -> None:
    losses = Losses()
    text("A.\n\n[^z]: Lost.\n", losses)
    assert losses.sentences() == ("1 footnote without a mark in the text",)


@pytest.mark.parametrize(
    "matter",
    ["og.url: x", '"quoted key": 1', "tags: [a, b]", "list:\n  - a\n- b", "a: 1\n\nb: 2", "# note"],
)
def test_front_matter(matter: str) -> None:
    page = load_markdown(f"---\n{matter}\n---\n# Top\n".encode(), "a.md")[0]
    assert page.text.startswith(matter)
    assert [heading.text for heading in page.headings] == ["Top"]


def test_front_matter_in_toml() -> None:
    assert text('+++\ntitle = "A"\n[extra]\nx=1\n+++\nBody.') == (
        'title = "A"\n[extra]\nx=1\n\nBody.'
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("area 3*4*5 metres", "area 3*4*5 metres"),
        ("an *old* and **new** one", "an old and new one"),
        ("List<Frame> for <hive-id>", "List<Frame> for <hive-id>"),
        ("a <b>bold</b> word<br>next", "a bold word\nnext"),
        ("<your-name>", "<your-name>"),
        ("~~35~~ 42", "42"),
        ("Term\n: Meaning", "Term\nMeaning"),
        ("- [x] feed\n- [ ] weigh", "- [x] feed\n- [ ] weigh"),
        ("3. x\n4. y", "3. x\n4. y"),
        ("![Map of the hall](a.png)", "[picture: Map of the hall]"),
        ("<https://x.org/a>", "https://x.org/a"),
    ],
)
def test_signs(source: str, expected: str) -> None:
    assert text(source) == expected


def test_bars_within_cells() -> None:
    assert text("| P | F |\n|---|---|\n| OR | `a|b` |\n") == "P: OR; F: a|b"
    assert text("```\n|-|-|\n| `a|b` |\n```") == "|-|-|\n| `a|b` |"
    assert text("| P | F |\n|---|---|\n| OR | `a \\| b` |\n") == "P: OR; F: a | b"
