from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from docx import Document
from markdown_it import MarkdownIt

from rag.types import Reason, Sentence
from tests.markup import EVIL
from tests.web_fakes import answer, citing, hit
from web.exchange import Exchange
from web.export import KINDS, exported, transcript
from web.export.transcript import Transcript, table_of

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
CHINESE = "差旅费用在十四天内报销。"


def told(language: str = "en") -> Transcript:
    found = hit(CHINESE, "差旅.md", 1, 0)
    evil = hit(f"{EVIL} *a* \x00", EVIL, 2, 0)
    text = f"{CHINESE} {EVIL}"
    said = (
        Sentence(CHINESE, 0, len(CHINESE), "supported", 0.9, (citing(found, CHINESE),)),
        Sentence(EVIL, len(CHINESE) + 1, len(text), "supported", 0.9, (citing(evil, EVIL, 2),)),
    )
    left_out = Sentence("Mars is red.", 0, 12, "unsupported", 0.0, (), Reason("no_quote"))
    given = replace(
        answer("多快？", searched="报销多快？"), answer=text, sentences=said, dropped=(left_out,)
    )
    exchanges = (Exchange("多快？", given), Exchange(EVIL, problem="stopped"))
    return transcript(EVIL, "law", exchanges, language, NOW)


def words(kind: str, body: bytes) -> str:
    if kind == "md":
        return body.decode()
    if kind == "docx":
        document = Document(io.BytesIO(body))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in document.paragraphs), *cells])
    pdf: Any = pypdfium2.PdfDocument(body)
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_holds_answers_verdicts_and_evidence(kind: str) -> None:
    shown = "".join(words(kind, exported(told(), kind)).split())
    for wanted in (CHINESE, "差旅.md,page1", "supported", "Marsisred.", "报销多快？", "stopped"):
        assert wanted in shown.replace("\\", ""), wanted
    assert "2026-11-2912:00UTC" in shown.replace("\\", "")


def test_script_in_an_export_is_no_markup() -> None:
    rendered = MarkdownIt("commonmark").render(exported(told("zh"), "md").decode())
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert "<em>a</em>" not in rendered
    assert EVIL in words("docx", exported(told(), "docx"))
    assert "<script>alert(1)</script>" in words("pdf", exported(told(), "pdf"))


ROWS = f"| Revenue | 903.7 | +10.4% |\n| 净利润 | 74.5 |\n| {EVIL} *a* | 0 | – |"


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_table_are_a_table(kind: str) -> None:
    found = hit(ROWS, "figures.pdf", 1, 0)
    said = Sentence("It rose.", 0, 8, "supported", 0.9, (citing(found, ROWS),))
    given = replace(answer(), answer="It rose.", sentences=(said,), hits=(found,))
    told = transcript("Figures", "law", (Exchange("How?", given),), "en", NOW)
    body = exported(told, kind)
    shown = words(kind, body)
    assert all(word in shown for word in ("Revenue", "903.7", "净利润"))
    if kind == "md":
        tokens = MarkdownIt("commonmark").enable("table").render(shown)
        assert tokens.count("<tr>") == 4
        assert "<td>74.5</td>" in tokens
        assert "<script" not in tokens
        assert "<em>a</em>" not in tokens
    else:
        assert "|" not in shown
    if kind == "docx":
        (table,) = Document(io.BytesIO(body)).tables
        assert [len(row.cells) for row in table.rows] == [3, 3, 3]


def test_a_quote_that_begins_like_a_list_is_none() -> None:
    found = hit("2. Hotels are paid.", "travel.md", 1, 0)
    said = Sentence("Yes.", 0, 4, "supported", 0.9, (citing(found, "2. Hotels are paid."),))
    given = replace(answer(), answer="Yes.", sentences=(said,), hits=(found,))
    told = transcript("- 1) Paid?", "law", (Exchange("+ Paid?", given),), "en", NOW)
    rendered = MarkdownIt("commonmark").render(exported(told, "md").decode())
    assert "<p>2. Hotels are paid.</p>" in rendered
    assert "<h1>- 1) Paid?</h1>" in rendered
    assert "<h2>+ Paid?</h2>" in rendered
    assert "<li>" not in rendered


def test_an_export_without_words_in_a_quote_is_made() -> None:
    assert table_of("") == table_of("| a |\nfree text") == []
