"""Raised and lowered characters: powers, notes, ordinals, indices, fractions."""

from __future__ import annotations

import pytest

from ingest.loaders.scripts import fraction, is_mark, lowered, raised


@pytest.mark.parametrize(
    ("before", "mark", "written"),
    [
        ("may not exceed 10", "3", "^3"),
        ("2.5 x 10", "-2", "^-2"),
        ("12 cm", "2", "^2"),
        ("x", "2", "^2"),
        ("lasts 25", "1", "[note 1]"),
        ("of the treatment", "2", "[note 2]"),
        ("as they said.", "14", "[note 14]"),
        ("on the 1", "st", "st"),
        ("M", "me", "me"),
        ("20", "o", "°"),
        ("Notes", "[1]", "[note 1]"),
        ("Preis", "2)", "[note 2]"),
        ("45", "a", "^a"),
        ("Plumb", "TM", "TM"),
        ("price", "*", "*"),
        ("(a+b)", "n+1", "^(n+1)"),
        ("", "", ""),
        ("the isotope ", "14", "^14"),
    ],
)
def test_superscripts(before: str, mark: str, written: str) -> None:
    assert raised(before, mark) == written


def test_a_note_begins_with_its_mark() -> None:
    assert raised("", "1)", {"1"}) == "[note 1] "
    assert raised("", "14") == "14"


def test_a_mark_of_the_documents_own_notes_is_a_note() -> None:
    assert raised("lasts 25", "2", {"2"}) == "[note 2]"
    assert raised("10", "2", {"2"}) == "^2"
    assert raised("12 m", "2", {"2"}) == "^2"


@pytest.mark.parametrize(
    ("before", "mark", "written"),
    [("CO", "2", "2"), ("x", "i", "_i"), ("101", "2", "_2"), ("a", "n+1", "_(n+1)")],
)
def test_subscripts(before: str, mark: str, written: str) -> None:
    assert lowered(before, mark) == written


def test_fractions_stand_off_from_whole_numbers() -> None:
    assert fraction("has 3", "1", "2") == " 1/2"
    assert fraction("", "a + b", "2") == "(a + b)/2"


def test_what_may_mark_a_note() -> None:
    assert all(map(is_mark, ["1", "[12]", "a", "*", "†"]))
    assert not any(map(is_mark, ["note", "1999", "-2", ""]))
