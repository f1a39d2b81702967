"""A password -> its Argon2id digest, and whether a digest is that of a password."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """The digest, its salt and parameters inside; takes some 50 ms and 64 MiB on purpose."""
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def matches(digest: str | None, password: str) -> bool:
    """Whether the digest is the password's; without a digest False, after the same time."""
    try:
        same = _hasher.verify(digest or _nobodys(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return same and digest is not None


@cache
def _nobodys() -> str:
    return hashed("nobody's password")
