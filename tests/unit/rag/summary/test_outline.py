"""Documents to parts: few, in order, of like size, under their own headings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.errors import UsageError
from rag.summary.outline import (
    FEW_PARTS,
    MOST_DOCUMENTS,
    MOST_PARTS,
    Source,
    choose_section,
    common_path,
    outline,
    title,
)
from rag.types import Hit
from tests.builders import hit


def source(*headings: str, name: str = "guide.md", tokens: int = 200) -> Source:
    """A chunk of `tokens` tokens under each heading."""
    return Source(
        name, tuple(chunk(heading, n, name, tokens) for n, heading in enumerate(headings))
    )


def chunk(heading: str, number: int, name: str, tokens: int) -> Hit:
    made = hit("Text. " * 400, name, start=number, end=number + 6, heading=heading)
    return replace(made, chunk=replace(made.chunk, tokens=tokens, ordinal=number))


def titles(*sources: Source) -> list[str]:
    parts = outline(sources)
    return [title(part, common_path(parts), "en") for part in parts]


def test_a_short_document_is_one_part_and_twenty_pages_are_eight() -> None:
    assert len(outline([source("A", "B")])) == 1
    assert len(outline([source(*"ABCDEFGHIJ" * 5)])) == FEW_PARTS


def test_every_chunk_is_in_one_part_in_order() -> None:
    whole = source(*(f"Guide > {n // 3} > {n}" for n in range(60)))
    parts = outline([whole])
    assert tuple(hit for part in parts for hit in part.hits) == whole.hits
    assert max(part.tokens for part in parts) <= 4 * min(part.tokens for part in parts)


def test_three_hundred_pages_are_more_parts_but_not_endless() -> None:
    assert len(outline([source(*(str(n) for n in range(750)))])) == MOST_PARTS


def test_parts_are_called_by_their_headings_without_what_all_share() -> None:
    headings = [f"Guide > {name}" for name in ("Pay", "Leave", "Travel") for _ in range(6)]
    assert titles(source(*headings)) == ["Pay", "Leave", "Travel"]


def test_joined_sections_are_called_by_the_first_and_the_last() -> None:
    long = [f"Guide > Section {n}" for n in range(40)]
    first = titles(source(*long))[0]
    assert first.startswith("Section 0 – Section ")


def test_parts_of_one_long_chapter_are_told_apart() -> None:
    sections = [f"Chapter 1 > Section {n}" for n in range(30)] + ["Chapter 2"] * 6
    named = titles(source(*sections))
    assert len(set(named)) == len(named)
    assert named[-1] == "Chapter 2"


def test_without_headings_parts_are_called_by_their_pages() -> None:
    assert titles(source(*[""] * 20)) == ["page 1"] * 3 + ["page 1"]


def test_each_of_several_documents_has_a_part_however_short() -> None:
    parts = outline([source(*["A"] * 40, name="long"), source("B", name="short", tokens=5)])
    assert [part.document for part in parts].count("short") == 1
    with pytest.raises(UsageError, match="choose up to 24"):
        outline([source("A", name=str(n)) for n in range(MOST_DOCUMENTS + 1)])


def test_a_section_is_found_by_its_heading_in_any_case() -> None:
    guide = source("Guide > Pay", "Guide > Pay > Overtime", "Guide > Sick pay", "Guide > Leave")
    assert len(choose_section(guide, " PAY ").hits) == 2
    assert len(choose_section(guide, "overt").hits) == 1
    with pytest.raises(UsageError, match=r"no section 'Pension'; its headings: 'Guide', 'Pay'"):
        choose_section(guide, "Pension")
    with pytest.raises(UsageError, match="it has no headings"):
        choose_section(source(""), "Pay")
