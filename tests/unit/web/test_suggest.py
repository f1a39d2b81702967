from __future__ import annotations

from rag.types import Heading, Page
from web.suggest import suggestions


def page(*headings: tuple[int, str]) -> Page:
    return Page(1, "", tuple(Heading(level, text, 0) for level, text in headings))


PAGES = [
    ("travel.md", page((1, "Travel"), (2, "1. Hotels"), (2, "2. Claims"))),
    ("保修条款.docx", page((1, "保修"), (2, "一、保修期限"), (2, "第三条 例外"))),
    ("flat.txt", page((1, "Opening hours"))),
    ("none.pdf", page()),
]


def test_questions_come_from_headings_of_different_documents_the_readers_language_first() -> None:
    assert suggestions(PAGES, "en", 3) == [
        "What does “travel” say about Hotels?",
        "What does “flat” say about Opening hours?",
        "What does “travel” say about Claims?",
    ]
    assert suggestions(PAGES, "zh", 1) == ["《保修条款》中关于“保修期限”是怎么说的？"]


def test_what_is_no_heading_to_ask_about_is_left_out() -> None:
    odd = page((1, "T"), (2, "12."), (2, "x" * 99), (2, "ab"))
    assert suggestions([("a.md", odd)], "en") == []
