from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.web_fakes import citing, hit
from web.marks import LEAD, TRAIL, WHOLE, segments, span_in_chunk, window


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[tuple[int, tuple[int, int]]]]:
    text = draw(st.text(min_size=1, max_size=60))
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.append((draw(st.integers(1, 3)), (start, end)))
    return text, spans


@given(marked())
def test_segments_are_the_text_and_say_who_cites_every_character(
    case: tuple[str, list[tuple[int, tuple[int, int]]]],
) -> None:
    text, spans = case
    cut = segments(text, spans)
    assert "".join(segment.text for segment in cut) == text
    at = 0
    for segment in cut:
        for place in range(at, at + len(segment.text)):
            wanted = {n for n, (start, end) in spans if start <= place < end}
            assert set(segment.sentences) == wanted
        at += len(segment.text)


def test_a_citation_finds_its_words_in_the_chunk() -> None:
    found = hit()
    start, end = span_in_chunk(citing(found, "140 euros"), found.chunk) or (0, 0)
    assert found.chunk.text[start:end] == "140 euros"


def test_a_citation_that_reaches_over_the_chunk_is_clipped() -> None:
    found = hit()
    long = replace(citing(found, "Travel"), start=90, end=10_000)
    assert span_in_chunk(long, found.chunk) == (0, len(found.chunk.text))


def test_a_citation_of_another_page_marks_nothing() -> None:
    found = hit()
    assert span_in_chunk(replace(citing(found, "Travel"), page=9), found.chunk) is None
    assert span_in_chunk(replace(citing(found, "Travel"), start=0, end=50), found.chunk) is None


def test_a_short_passage_is_shown_whole() -> None:
    assert window("x" * WHOLE, [(3, 5)]) == (0, WHOLE)


def test_a_long_passage_shows_the_words_around_its_marks() -> None:
    text = "word " * 400
    start, end = window(text, [(1000, 1004), (1100, 1104)])
    assert 1000 - LEAD <= start < 1000
    assert 1104 < end <= 1104 + TRAIL
    assert text[start:end] == text[start:end].strip()


def test_a_long_chinese_passage_is_cut_between_characters() -> None:
    text = "差旅" * 400
    assert window(text, [(500, 502)]) == (500 - LEAD, 502 + TRAIL)


def test_a_long_passage_without_marks_shows_its_beginning() -> None:
    start, end = window("word " * 400, [])
    assert start == 0
    assert 100 < end < WHOLE
