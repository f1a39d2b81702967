from __future__ import annotations

import pytest

from web.access.limits import MOST_REMEMBERED, Rate, SharedRate, TooOften
from web.state import Kept


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


def test_instances_that_share_a_database_count_together(state: Kept) -> None:
    now = [1_000_000.0]
    one, two = (SharedRate(state, 3, lambda: now[0]) for _ in range(2))
    for rate in (one, two, one):
        rate.take("ann")
    with pytest.raises(TooOften) as refused:
        two.take("ann")
    assert refused.value.retry_after == 20
    two.take("bob")
    now[0] += 20
    two.take("ann")
    with pytest.raises(TooOften):
        one.take("ann")
    now[0] += 90
    for rate in (one, two, one):
        rate.take("ann")
    one.close()
    two.close()
