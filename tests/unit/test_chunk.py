"""Chunks: exact offsets, nothing lost, nothing over budget, sentences whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_document, chunk_id, embedding_text
from rag.config import ChunkingSettings
from rag.text import sentence_spans
from rag.types import Chunk, Document, Heading, Page
from tests.fakes import FakeEmbedder

ENGLISH = "The cabinet number {} is cleaned by the user once in every {} weeks."
CHINESE = "第{}号冷藏箱每{}周由使用人员清洁一次，并且做好书面记录。"


def document(*pages: Page) -> Document:
    return Document("d" * 64, "a.txt", "/a.txt", "text/plain", pages, 1)


def chunks_of(
    *pages: Page, max_tokens: int = 64, overlap_tokens: int = 0, limit: int = 512
) -> list[Chunk]:
    return chunk_document(
        document(*pages),
        FakeEmbedder(max_tokens=limit),
        ChunkingSettings(max_tokens=max_tokens, overlap_tokens=overlap_tokens),
    )


SENTENCES = st.one_of(
    st.builds(ENGLISH.format, st.integers(1, 999), st.integers(2, 9)),
    st.builds(CHINESE.format, st.integers(1, 999), st.integers(2, 9)),
    st.text(alphabet="ab 中文，。.!\n\t|-1", min_size=1, max_size=400),
    st.text(min_size=1, max_size=30).filter(lambda s: "\ud800" not in s),
)
PARTS = st.lists(
    st.tuples(st.sampled_from(["", " ", "\n", "\n\n", "\n\n# "]), SENTENCES), max_size=40
)


def page_of(number: int, parts: list[tuple[str, str]]) -> Page:
    """A page of the parts after their separators; "# " makes a part a heading."""
    text, headings = "", []
    for separator, sentence in parts:
        text += separator.removesuffix("# ")
        if separator.endswith("# ") and sentence.strip():
            headings.append(Heading(1 + len(sentence) % 3, sentence.split("\n")[0], len(text)))
        text += sentence
    return Page(number, text, tuple(headings))


@settings(max_examples=120, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=3), st.integers(32, 96), st.integers(0, 40))
@example([[("", f"{'0:' * 14}0。"), ("", "_0")]], 32, 0)
def test_offsets_coverage_budget_and_whole_sentences(
    texts: list[list[tuple[str, str]]], max_tokens: int, overlap_tokens: int
) -> None:
    pages = [page_of(number, parts) for number, parts in enumerate(texts, start=1)]
    embedder = FakeEmbedder()
    found = chunks_of(*pages, max_tokens=max_tokens, overlap_tokens=overlap_tokens)
    for page in pages:
        mine = [chunk for chunk in found if chunk.page == page.number]
        covered: set[int] = set()
        for chunk in mine:
            assert chunk.text == page.text[chunk.start : chunk.end] == chunk.text.strip()
            assert 0 < len(embedder.token_spans(chunk.text)) == chunk.tokens <= max_tokens or (
                chunk.tokens == 0 and not embedder.token_spans(chunk.text)
            )
            covered.update(range(chunk.start, chunk.end))
        assert {n for n, char in enumerate(page.text) if not char.isspace()} <= covered
        assert all(a.start < b.start and a.end < b.end for a, b in pairwise(mine))
        inner_edges = {h.start for h in page.headings} | {
            page.text.find("\n", h.start) for h in page.headings
        }
        for start, end in sentence_spans(page.text):
            fits = len(embedder.token_spans(page.text[start:end])) <= max_tokens - 4
            if fits and not any(start < edge < end for edge in inner_edges):
                assert any(c.start <= start and end <= c.end for c in mine)
    assert [chunk.ordinal for chunk in found] == list(range(len(found)))
    assert len({chunk.chunk_id for chunk in found}) == len(found)


def prose(count: int) -> str:
    return " ".join(ENGLISH.format(number, 2 + number % 7) for number in range(count))


def test_overlap_is_whole_sentences_within_its_budget() -> None:
    text = prose(20)
    embedder = FakeEmbedder()
    starts = {start for start, _ in sentence_spans(text)}
    for before, after in pairwise(chunks_of(Page(1, text), overlap_tokens=20)):
        assert after.start in starts
        repeated = text[after.start : before.end]
        assert 0 < len(embedder.token_spans(repeated)) <= 20


def test_no_overlap_across_a_heading() -> None:
    first, second = prose(4), prose(4)
    text = f"{first}\n\nClaims\n\n{second}"
    start = text.index("Claims")
    headings = (Heading(1, "Claims", start), Heading(1, "End", len(text)))
    found = chunks_of(Page(1, text, headings), max_tokens=80, overlap_tokens=30)
    assert [chunk.start for chunk in found] == [0, start]


def test_sections_are_kept_apart_and_small_ones_of_lower_rank_together() -> None:
    text, headings = "", []
    for level, title in [(1, "Alpha"), (2, "Sub one"), (2, "Sub two"), (1, "Beta"), (2, "Sub")]:
        headings.append(Heading(level, title, len(text)))
        text += f"{title}\n\n{prose(2)}\n\n"
    found = chunks_of(Page(1, text, tuple(headings)), max_tokens=120)
    assert [chunk.text.split("\n")[0] for chunk in found] == ["Alpha", "Beta"]
    assert [chunk.heading for chunk in found] == ["Alpha", "Beta"]


def test_a_lone_title_does_not_stand_alone() -> None:
    text = f"Manual\n\nScope\n\n{prose(3)}\n\nUse\n\n{prose(3)}"
    headings = (
        Heading(1, "Manual", 0),
        Heading(2, "Scope", text.index("Scope")),
        Heading(2, "Use", text.index("Use")),
    )
    found = chunks_of(Page(1, text, headings), max_tokens=64)
    assert found[0].text.startswith("Manual\n\nScope\n\nThe cabinet")
    assert found[1].heading == "Manual > Use"


def test_the_heading_path_goes_on_over_pages() -> None:
    pages = (
        Page(1, f"Part\n{prose(2)}", (Heading(1, "Part", 0),)),
        Page(2, f"{prose(2)}\nDetail\n{prose(2)}", (Heading(2, "Detail", len(prose(2)) + 1),)),
    )
    found = chunks_of(*pages, max_tokens=40)
    assert {(chunk.page, chunk.heading) for chunk in found} == {
        (1, "Part"),
        (2, "Part"),
        (2, "Part > Detail"),
    }


def test_a_short_tail_is_not_a_chunk_of_its_own() -> None:
    for count in range(5, 30):
        found = chunks_of(Page(1, prose(count)), max_tokens=64)
        assert min(chunk.tokens for chunk in found) >= 64 / 8


def test_a_sentence_too_long_is_split_at_its_clauses() -> None:
    clause = "检查箱门是否关严并且记录显示的温度"
    text = "，".join([clause] * 12) + "。"
    found = chunks_of(Page(1, text), max_tokens=64)
    assert len(found) > 1
    assert all(chunk.text.endswith(("，", "。")) for chunk in found)


def test_a_run_without_any_break_is_split_all_the_same() -> None:
    found = chunks_of(Page(1, "中" * 500), max_tokens=64)
    assert "".join(chunk.text for chunk in found) == "中" * 500


def test_tables_are_cut_before_them_rather_than_within() -> None:
    rows = "\n".join(f"| item {number} | {number} EUR |" for number in range(6))
    text = f"{prose(3)}\n\n{rows}"
    found = chunks_of(Page(1, text), max_tokens=64)
    assert any(chunk.text == rows for chunk in found)


def test_the_embedder_limit_bounds_the_budget() -> None:
    found = chunks_of(Page(1, prose(30)), max_tokens=400, limit=128)
    assert max(chunk.tokens for chunk in found) <= 80


def test_empty_pages_have_no_chunks() -> None:
    assert chunks_of(Page(1, ""), Page(2, " \n ")) == []


def test_ids_depend_on_text_and_place_only() -> None:
    one, two = (chunks_of(Page(1, prose(9))) for _ in range(2))
    assert [c.chunk_id for c in one] == [c.chunk_id for c in two]
    assert chunk_id("d", 1, 2, 3) != chunk_id("d", 1, 2, 4)
    assert len(one[0].chunk_id) == 32


@pytest.mark.parametrize(
    ("heading", "text", "expected"),
    [
        ("", "Body", "Body"),
        ("Policy > Leave", "Leave\n\nBody", "Leave\n\nBody"),
        ("Policy > Leave", "Body", "Policy > Leave\nBody"),
    ],
)
def test_headings_are_embedded_where_the_text_lacks_them(
    heading: str, text: str, expected: str
) -> None:
    assert embedding_text(Chunk("c", "d", 1, 0, len(text), text, heading, 2, 0)) == expected


def test_each_page_is_tokenised_once() -> None:
    calls: list[int] = []

    class Counting(FakeEmbedder):
        def token_spans(self, text: str) -> list[tuple[int, int]]:
            calls.append(len(text))
            return super().token_spans(text)

    text = "\n".join(prose(10) for _ in range(100))
    chunk_document(document(Page(1, text)), Counting(), ChunkingSettings())
    assert sum(calls) <= len(text)


def test_the_overlap_never_swallows_the_chunk_before() -> None:
    text = f"1.1.1.1.。1.1..{ENGLISH.format(1, 2)}"
    first, second = chunks_of(Page(1, text), max_tokens=32, overlap_tokens=9)
    assert first.start < second.start
    assert first.end < second.end
