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
from web.export.transcript import Transcript

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
        return "\n".join(p.text for p in Document(io.BytesIO(body)).paragraphs)
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
