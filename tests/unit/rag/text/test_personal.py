from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.personal import masked, personal_data, redacted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Write to ann.b+x@mail.example.org.", "Write to [mail]."),
        ("请联系 wang@example.cn，谢谢", "请联系 [mail]，谢谢"),
        ("Pay to GB82 WEST 1234 5698 7654 32 today", "Pay to [IBAN] today"),
        ("IBAN DE89370400440532013000.", "IBAN [IBAN]."),
        ("card 4111 1111 1111 1111, exp", "card [card], exp"),
        ("card 5500-0000-0000-0004", "card [card]"),
        ("身份证号11010519491231002X。", "身份证号[identity number]。"),
        ("手机 13812345678", "手机 [phone]"),
        ("手机号：138-1234-5678", "手机号：[phone]"),
        ("call +49 (30) 1234-5678 now", "call [phone] now"),
        ("电话 010-12345678", "电话 [phone]"),
        ("call (555) 234-5678", "call [phone]"),
        ("ring 020 7946 0958", "ring [phone]"),
    ],
)
def test_what_is_personal_is_named(text: str, told: str) -> None:
    assert redacted(text) == told
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert not personal_data(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "GB82 WEST 1234 5698 7654 33",  # the checksum fails
        "4111 1111 1111 1112",
        "110105194912310021",
        "The bearing MT-260-4000 weighs 12,500 kg and cost 1 234 567 euros in 2026.",
        "Version 10.4.12, ISO 9001:2015, 192.168.100.200, 2026-11-29 17:45",
        "a@b, @home, user@, 3 @ 5",
        "页码 12345678901234，编号 20260001",
        "E=mc2 and 1.23456789012",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.text(alphabet="a1+@. -(GBX0)9", max_size=200))
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(masked(text)) == len(text)
    found = personal_data(text)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("sign", ["a", "1", "1 ", "a@", "+1", "A1", "a.", "1-", "0 "])
def test_long_texts_take_no_time(sign: str) -> None:
    begun = time.perf_counter()
    masked(sign * 100_000)
    assert time.perf_counter() - begun < 5
