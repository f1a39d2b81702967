"""Users, groups, grants, keys and sessions as tables. Knows nothing of HTTP and of what the rows
mean.
"""

from __future__ import annotations

import re

from rag.errors import ConfigError, UsageError
from web.access.identity import EVERYTHING
from web.state import Connection, Tables

_NAME = re.compile(r"[\w][\w.@+-]{0,63}")
_COLLECTION = re.compile(r"\*|[\w][\w.-]{0,63}")


def _failure(where: str, err: Exception) -> ConfigError:
    return ConfigError(
        f"{where} cannot be read as Plumbline's users and keys: {err}; restore it, or move it "
        "away and add the users again"
    )


ACCESS = Tables(
    "access.db",
    (
        "CREATE TABLE users (name {text} PRIMARY KEY, password {text}, subject {text} UNIQUE, "
        "created_at {real} NOT NULL)",
        'CREATE TABLE members ("user" {text} NOT NULL REFERENCES users ON DELETE CASCADE, '
        'team {text} NOT NULL, PRIMARY KEY ("user", team))',
        "CREATE TABLE grants (holder {text} NOT NULL, collection {text} NOT NULL, "
        "role {text} NOT NULL, PRIMARY KEY (holder, collection))",
        "CREATE TABLE keys (id {text} PRIMARY KEY, name {text} NOT NULL, digest {blob} NOT NULL, "
        "owner {text} REFERENCES users ON DELETE CASCADE, created_at {real} NOT NULL, "
        "expires_at {real}, revoked_at {real})",
        "CREATE TABLE scopes (key {text} NOT NULL REFERENCES keys ON DELETE CASCADE, "
        "collection {text} NOT NULL, role {text} NOT NULL, PRIMARY KEY (key, collection))",
        "CREATE TABLE sessions (digest {blob} PRIMARY KEY, holder {text} NOT NULL, "
        "expires_at {real} NOT NULL)",
        "CREATE TABLE facts (name {text} PRIMARY KEY, value {blob} NOT NULL)",
    ),
    _failure,
    alone=True,
)


def mark_used(db: Connection) -> None:
    """From now on whoever is unknown is nobody."""
    db.execute("INSERT INTO facts VALUES ('used', ?) ON CONFLICT (name) DO NOTHING", (b"1",))


def check_name(name: str) -> None:
    """Raises UsageError for what cannot name a user or group."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a user or group: use up to 64 letters, digits, '_', '-', '.', "
            "'+' and '@', with a letter or digit first"
        )


def check_collection(name: str) -> None:
    """Raises UsageError for what is neither a collection's name nor `*`."""
    if not _COLLECTION.fullmatch(name):
        raise UsageError(f"{name!r} names no collection: give its name, or '{EVERYTHING}' for all")
