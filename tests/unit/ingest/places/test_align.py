"""The characters of a text find the signs that drew them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.places.align import align


def drawn(text: str, signs: str) -> str:
    """The signs found for the characters of `text`, "-" where there is none."""
    return "".join("-" if at is None else signs[at] for at in align(text, list(signs)))


def test_blanks_and_line_ends_do_not_matter() -> None:
    assert align("to be", list("t o\nbe")) == [0, 2, None, 4, 5]


def test_what_was_added_to_the_text_has_no_sign() -> None:
    text = "limit 10^3 germs [comment by Mia: too high]"
    assert drawn(text, "limit 103 germs") == "limit-10-3-germs" + "-" * 27


def test_a_hyphen_that_was_taken_out_does_not_disturb() -> None:
    assert drawn("the warehouse", "the ware-house") == "the-warehouse"


def test_cells_that_were_put_in_order_are_found_where_they_are_drawn() -> None:
    signs = "Item Price Pump Hose 40 EUR 12 EUR"
    text = "| Item | Price |\n| Pump | 40 EUR |\n| Hose | 12 EUR |"
    found = align(text, list(signs))
    for word in ("Item", "Pump", "Hose", "40 EUR", "12 EUR"):
        at = text.index(word)
        assert found[at] == signs.index(word), word


def test_a_sign_may_stand_for_several_characters() -> None:
    assert align("office", ["o", "\ufb03", "c", "e"]) == [0, 1, 1, 1, 2, 3]


def test_the_second_of_two_like_rows_is_not_taken_for_the_first() -> None:
    signs = "Monday closed Tuesday closed"
    text = "| Monday | closed |\n| Tuesday | closed |"
    assert align(text, list(signs))[text.rindex("closed")] == signs.rindex("closed")


@given(st.text(alphabet="ab c\n", max_size=60), st.text(alphabet="ab c\n", max_size=60))
def test_every_match_is_of_like_characters_and_no_sign_is_used_twice(text: str, signs: str) -> None:
    found = align(text, list(signs))
    used = [at for at in found if at is not None]
    assert len(used) == len(set(used))
    assert all(signs[at] == text[o] for o, at in enumerate(found) if at is not None)
