from __future__ import annotations

import pytest

from tests.web_fakes import answer
from web.exchange import Exchange, from_json, to_json


def test_an_exchange_comes_back_from_json_as_it_was() -> None:
    for exchange in (
        Exchange("多快？", answer(), collection="law"),
        Exchange("And?", problem="it broke"),
    ):
        assert from_json(to_json(exchange)) == exchange


def test_what_is_no_exchange_is_refused() -> None:
    with pytest.raises(ValueError, match="question"):
        from_json("{}")
