"""Numbers in text: their signs, and whether they rise or fall."""

from __future__ import annotations

import pytest

from rag.quantities import missing, quantities


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("grew by 2.3%", "| Transport | 228.6 | -2.3 % |", False),
        ("fell by 2.3 percent", "-2.3%", True),
        ("下降 2.3%", "fell by 2.3 percent", True),
        ("rose by 40", "dropped by 40", False),
        ("30 °C", "at -30 °C", False),
        ("零下 20 度", "20 度", False),
        ("grew by 9.1%", "9.1%", True),
        ("MT-260", "260", True),
        ("RMB 108.6 million", "| South-East Asia | 108.6 |", True),
        ("3 million", "| Boxes | 3 |", False),
    ],
)
def test_signs_and_directions_count(one: str, other: str, same: bool) -> None:
    assert (missing(quantities(one), quantities(other)) == []) is same
