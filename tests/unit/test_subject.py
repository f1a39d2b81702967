"""Titles about another product, edition or year."""

from __future__ import annotations

import pytest

from rag.evidence.choose import choose
from rag.subject import codes, is_about_another, twins, years
from tests.builders import hit
from tests.fakes import FakeEmbedder


def test_codes_are_compared_in_one_spelling() -> None:
    assert codes("MT-260 和 datasheet-mt260s, KV-31077-B") == {"MT260", "MT260S", "KV31077B"}
    assert codes("MT 260, ISO 9001 and SB-2025-07") == {"MT260", "ISO9001", "SB202507"}
    assert codes("on page 3, in 2025, Q1 2026, of 12, within 30 days, terms-2026, EUR 165") == set()
    assert years("2024 年版 and terms-2026, item 12025") == {"2024", "2026"}


@pytest.mark.parametrize(
    ("question", "title", "text", "expected"),
    [
        ("How heavy is the MT-260?", "datasheet-mt260s", "Weight: 80 kg", True),
        ("How heavy is the MT-260?", "datasheet-mt260", "Weight: 70 kg", False),
        ("How heavy is the MT-260?", "datasheet-mt260s", "The MT-260 weighs 70 kg.", False),
        ("How heavy is the MT-260?", "KV-31077 fan", "Weight: 1 kg", False),
        ("What do the 2024 terms say?", "terms-2026", "48 months", True),
        ("What do the 2024 terms say?", "terms-2026", "The 2024 edition said 24 months.", False),
        ("What do the terms 2024 say?", "terms-2026", "The 2024 edition said 24 months.", False),
        ("What do the terms say?", "terms-2026", "48 months", False),
    ],
)
def test_another_is_seen_by_its_title(question: str, title: str, text: str, expected: bool) -> None:
    assert is_about_another(question, title, text) is expected


def test_twins_are_those_that_a_right_one_stands_beside() -> None:
    names = ["mt260", "mt260s", "terms-2024", "terms-2026", "report-2025"]
    assert twins("How heavy is the MT-260?", names, names) == {1}
    assert twins("What do the 2024 terms say?", names, names) == {3}
    assert twins("How heavy is the MT-260?", names[1:], names[1:]) == set()
    assert twins("How heavy are MT-260 and MT-260S?", names, names) == set()


def test_a_twin_is_not_shown_to_the_model() -> None:
    hits = [hit("Weight: 80 kg.", "mt260s.md"), hit("Weight: 70 kg.", "mt260.md")]
    embedder = FakeEmbedder()
    shown = [
        p.hit.document
        for p in choose("What is the weight of the MT-260?", hits, embedder).within(99)
    ]
    assert shown == ["mt260.md"]
    shown = [p.hit.document for p in choose("What is the weight?", hits, embedder).within(99)]
    assert shown == ["mt260s.md", "mt260.md"]
