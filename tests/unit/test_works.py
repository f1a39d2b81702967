"""One work's answer taken for another's."""

from __future__ import annotations

import pytest

from rag.check import check_claims, judge_claims
from rag.evidence.choose import Passage
from rag.works import told_of_another_work
from tests.builders import OverlapScorer, hit
from tests.fakes import FakeEmbedder

ASKED = "林秋在《远山》里演谁？"
TOLD = "林秋在《远山》里演周明。"


@pytest.mark.parametrize(
    ("question", "sentence", "quote", "another"),
    [
        (ASKED, TOLD, "不由让人想起林秋在《长河》中饰演的周明。", True),
        (ASKED, TOLD, "林秋在《远山》中饰演周明，令人想起《长河》。", False),
        (ASKED, TOLD, "《长河》之后，林秋饰演周明。", False),
        (ASKED, TOLD, "《晚报》称林秋饰演周明。", False),
        (ASKED, TOLD, "据《长河》林秋饰演周明。", False),
        (ASKED, TOLD, "", False),
        ("林秋演谁？", "林秋演周明。", "林秋在《长河》中饰演周明。", False),
        ("《远山》仿写哪部作品？", "仿写的是《长河》。", "作者仿写了《长河》。", False),
    ],
)
def test_what_is_told_of_another_work_is_seen(
    question: str, sentence: str, quote: str, another: bool
) -> None:
    assert told_of_another_work(question, sentence, [quote]) is another


def test_such_a_sentence_is_not_supported() -> None:
    text = "林秋在《长河》里演周明。"
    passages = [Passage(hit(text, "news.md"), ((0, len(text)),), 0)]
    verdicts = []
    for question in (ASKED, "林秋演谁？"):
        attributed = check_claims(question, text, passages, FakeEmbedder())
        [claim] = judge_claims(question, attributed, [text], OverlapScorer())
        assert claim.quotes
        verdicts.append(claim.verdict)
    assert verdicts == ["unsupported", "supported"]
