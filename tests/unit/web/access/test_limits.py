from __future__ import annotations

import pytest

from web.access.limits import MOST_REMEMBERED, Rate, TooOften


def test_a_rate_is_each_ones_own_and_comes_back() -> None:
    now = [0.0]
    rate = Rate(3, lambda: now[0])
    for _ in range(3):
        rate.take("ann")
    with pytest.raises(TooOften, match="3 requests a minute") as raised:
        rate.take("ann")
    assert raised.value.retry_after == 20
    rate.take("bob")
    now[0] = 19.9
    with pytest.raises(TooOften):
        rate.take("ann")
    now[0] = 20.1
    rate.take("ann")


def test_what_is_remembered_is_bounded() -> None:
    rate = Rate(1)
    for number in range(MOST_REMEMBERED + 10):
        rate.take(str(number))
    assert len(rate._left) == MOST_REMEMBERED
