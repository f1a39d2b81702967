from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.markup import Tree
from web.blocks import Prose, Table, blocks, laid_out
from web.escape import esc

TEXT = "Before.\n| Place | Limit |\n| --- | --- |\n| Paris | 140 \\| 150 |\nAfter."


def drawn(text: str) -> str:
    return laid_out(text, lambda left, right, _: esc(text[left:right]), esc, "Table")


def test_rows_with_bars_are_a_table_and_the_rest_is_prose() -> None:
    before, table, after = blocks(TEXT)
    assert isinstance(before, Prose)
    assert isinstance(after, Prose)
    assert isinstance(table, Table)
    assert TEXT[before.start : before.end] == "Before.\n"
    assert TEXT[after.start : after.end] == "After."
    assert table.has_head
    cells = [[TEXT[slice(*cell)] for cell in row] for row in table.rows]
    assert cells == [["Place", "Limit"], ["Paris", "140 \\| 150"]]


def test_one_row_alone_is_prose() -> None:
    assert blocks("| a | b |") == [Prose(0, 9)]


def test_rows_without_a_head_have_none() -> None:
    tree = Tree(drawn("| E07 | 3 |\n| E08 | 4 |"))
    assert not tree.all("th")
    assert len(tree.all("td")) == 4


@given(st.text("ab| -\n", max_size=60))
def test_nothing_but_bars_rules_and_white_space_is_lost(text: str) -> None:
    kept = Tree(drawn(text)).text
    assert [c for c in kept if c in "ab"] == [c for c in text if c in "ab"]
