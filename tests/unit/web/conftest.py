"""Passwords that cost nothing to check, for the tests of all but their cost."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from web.access import passwords, signin


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
    monkeypatch.setattr(signin, "WRONG_DELAY_S", 0.0)
    passwords._nobodys.cache_clear()
