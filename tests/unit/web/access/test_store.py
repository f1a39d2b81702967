from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import ConfigError, PlumbError, UsageError
from web.access.identity import Identity
from web.access.store import AccessStore
from web.state import Kept, Tables, open_database

DAY = 86400.0


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(state: Kept, clock: Clock) -> Iterator[AccessStore]:
    store = AccessStore(state, clock)
    yield store
    store.close()


def test_a_home_without_users_has_no_file(store: AccessStore, home: Path) -> None:
    assert not store.in_use()
    assert not store.can_let_in()
    assert store.users.all() == []
    assert store.keys.of_secret("plumb_0000_x") is None
    assert store.sessions.holder_of("forged") is None
    assert not (home / "access.db").exists()


def test_passwords_are_kept_as_argon2(store: AccessStore, home: Path) -> None:
    store.users.add("ann", "correct horse")
    assert store.in_use()
    assert store.can_let_in()
    assert store.users.check_password("ann", "correct horse")
    assert not store.users.check_password("ann", "wrong horse")
    assert not store.users.check_password("bob", "correct horse")
    [(digest,)] = store.database.rows("SELECT password FROM users")
    if (file := home / "access.db").exists():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert digest.startswith("$argon2id$")


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_bad_password_is_refused(store: AccessStore, password: str) -> None:
    with pytest.raises(UsageError, match="characters"):
        store.users.add("ann", password)
    assert not store.in_use()


@pytest.mark.parametrize("name", ["", "../x", "a b", "a\r\nb", "@team", "-a", "x" * 65, "a:b"])
def test_a_bad_name_is_refused(store: AccessStore, name: str) -> None:
    with pytest.raises(UsageError):
        store.users.add(name, "correct horse")
    with pytest.raises(UsageError):
        store.users.grant(f"@{name}", "law", "reader")


def test_grants_of_a_user_and_of_their_groups_add_up(store: AccessStore) -> None:
    store.users.add("ann", "correct horse", ["legal"])
    store.users.grant("ann", "law", "reader")
    store.users.grant("@legal", "law", "editor")
    store.users.grant("@legal", "hr", "reader")
    store.users.grant("@board", "*", "admin")
    assert store.users.identity("ann") == Identity("user", "ann", {"law": "editor", "hr": "reader"})
    store.users.grant("@legal", "law", None)
    store.users.set_groups("ann", [])
    assert store.users.identity("ann") == Identity("user", "ann", {"law": "reader"})
    with pytest.raises(UsageError, match="no user 'bob'"):
        store.users.grant("bob", "law", "reader")
    with pytest.raises(UsageError, match="names no collection"):
        store.users.grant("ann", "../law", "reader")


def test_who_is_removed_comes_back_with_nothing(store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    store.users.grant("ann", "law", "admin")
    _, secret = store.keys.create("mine", {"*": "reader"}, "ann", None)
    cookie = store.sessions.cookie("user:ann", 1)
    store.users.remove("ann")
    assert store.in_use()
    assert not store.can_let_in()
    store.users.add("ann", "another horse")
    assert store.users.identity("ann") == Identity("user", "ann", {})
    assert store.keys.of_secret(secret) is None
    assert store.sessions.holder_of(cookie) is None


def test_a_key_is_its_secret_and_not_kept(store: AccessStore) -> None:
    key, secret = store.keys.create("ci", {"law": "editor"}, None, 1)
    assert store.keys.of_secret(secret) == key
    identity = store.keys.identity(key)
    assert identity is not None
    assert identity.grants == {"law": "editor"}
    [kept] = store.database.rows("SELECT * FROM keys")
    assert secret.rpartition("_")[2] not in str(kept)
    for wrong in ["", "plumb", secret[:-1], secret + "x", secret.replace("plumb", "other"), "密钥"]:
        assert store.keys.of_secret(wrong) is None


def test_keys_expire_and_are_revoked(store: AccessStore, clock: Clock) -> None:
    short, _ = store.keys.create("short", {"*": "reader"}, None, 1)
    long, _ = store.keys.create("long", {"*": "reader"}, None, None)
    clock.now += DAY
    assert store.keys.identity(short) is None
    assert store.keys.identity(long) is not None
    store.keys.revoke(long.key_id)
    states = {key.name: key.state(clock()) for key in store.keys.all()}
    assert states == {"short": "expired", "long": "revoked"}
    assert not store.can_let_in()
    assert store.in_use()
    with pytest.raises(UsageError, match="no key"):
        store.keys.revoke("none")


def test_a_users_key_shrinks_with_the_user(store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    store.users.grant("ann", "law", "reader")
    key, _ = store.keys.create("mine", {"*": "admin"}, "ann", None)
    identity = store.keys.identity(key)
    assert identity is not None
    assert identity.grants == {"law": "reader"}
    store.users.grant("ann", "law", None)
    identity = store.keys.identity(key)
    assert identity is not None
    assert not identity.grants


def test_sessions_end(store: AccessStore, clock: Clock) -> None:
    store.users.add("ann", "correct horse")
    first, second = (store.sessions.cookie("user:ann", 2) for _ in range(2))
    assert store.sessions.holder_of(first) == "user:ann"
    store.sessions.end(first)
    assert store.sessions.holder_of(first) is None
    assert store.sessions.holder_of(second) == "user:ann"
    store.users.set_password("ann", "another horse")
    assert store.sessions.holder_of(second) is None
    third = store.sessions.cookie("user:ann", 2)
    clock.now += 7200
    assert store.sessions.holder_of(third) is None


@pytest.mark.parametrize("change", ["", "x", "number", "signature"])
def test_forged_cookies_are_nobodys(store: AccessStore, change: str) -> None:
    store.users.add("ann", "correct horse")
    number, _, signature = store.sessions.cookie("user:ann", 1).rpartition(".")
    forged = {
        "number": f"{number[:-1]}{'a' if number[-1] != 'a' else 'b'}.{signature}",
        "signature": f"{number}.{signature[:-2]}",
    }.get(change, change)
    assert store.sessions.holder_of(forged) is None


def test_a_file_that_was_made_anew_lets_none_of_the_old_in(home: Path) -> None:
    store = AccessStore(home)
    store.users.add("ann", "correct horse")
    cookie = store.sessions.cookie("user:ann", 1)
    for file in home.glob("access.db*"):
        file.unlink()
    assert not store.in_use()
    other = AccessStore(home)
    other.users.add("bob", "correct horse")
    other.close()
    assert [user.name for user in store.users.all()] == ["bob"]
    assert store.sessions.holder_of(cookie) is None
    store.close()


def test_a_file_that_is_none_of_ours_is_a_clear_error(home: Path) -> None:
    (home / "access.db").write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigError, match=r"access\.db cannot be read"):
        AccessStore(home).in_use()


def test_instances_over_one_place_are_one(store: AccessStore, state: Kept) -> None:
    other = AccessStore(state)
    try:
        store.users.add("ann", "correct horse", ["legal"])
        cookie = other.sessions.cookie("user:ann", 1)
        assert other.in_use()
        _, secret = other.keys.create("ci", {"law": "editor"}, "ann", None)
        assert store.keys.of_secret(secret) is not None
        sealed = store.sessions.seal({"state": "x"})
        assert other.sessions.unseal(sealed, 60) == {"state": "x"}
        store.users.set_password("ann", "another horse")
        assert other.sessions.holder_of(cookie) is None
        with pytest.raises(UsageError, match="already"):
            other.users.add("ann", "correct horse")
    finally:
        other.close()


def test_two_who_make_the_same_at_once(store: AccessStore, state: Kept) -> None:
    def add(number: int) -> str:
        mine = AccessStore(state)
        try:
            mine.users.add("ann", None, [f"team-{number}"])
        except UsageError:
            return "taken"
        finally:
            mine.close()
        return "added"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["added", "taken", "taken", "taken"]
    assert len(store.users.all()[0].groups) == 1


def test_tables_of_another_version_are_left_alone(state: Kept) -> None:
    made = Tables("x.db", ("CREATE TABLE x (a {text})",), lambda where, err: ConfigError(f"{err}"))
    first = open_database(state, made)
    with first.writing() as db:
        db.execute("INSERT INTO x VALUES (?)", ("kept",))
    first.close()
    later = open_database(state, replace(made, version=2))
    with pytest.raises(PlumbError, match="version 1"):
        later.rows("SELECT a FROM x")
    later.close()
    again = open_database(state, made)

    def fail_in_the_middle() -> None:
        with again.writing() as db:
            db.execute("DELETE FROM x")
            assert again.rows("SELECT a FROM x") == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    assert again.rows("SELECT a FROM x WHERE a LIKE ?", ("k%",)) == [("kept",)]
    again.close()
