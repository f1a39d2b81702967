"""Connections to PostgreSQL: opened with a bound, opened again when lost, errors with their mend.

Knows nothing of collections.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from rag.config import StoreSettings
from rag.errors import CollectionError, ConfigError, StoreUnavailable

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
_T = TypeVar("_T")
_WAITS_S = (0.2, 0.8)
"""Between the attempts to reach a server that does not answer."""
_HANGS_S = 1.5
"""A server that took longer to fail does not just restart: it is not tried again."""
_GRACE_S = 2.0
"""So much longer than the server's own limit is waited for what it says."""
_MENDS = {
    "28P01": "it refuses the password: set store.postgres_password",
    "28000": "it does not let the user in: check store.postgres and the server's pg_hba.conf",
    "3D000": "there is no such database: make it with createdb, or correct store.postgres",
    "53100": "its disk is full: make room there and run the same command again",
    "42501": "the user may not do that there: grant it the right to create schemas in the database",
    "22021": "the text holds a character that PostgreSQL cannot keep",
    "25006": "it may not be written to: check whether it is a standby",
    **dict.fromkeys(
        ("42P01", "42703", "3F000"),
        "its tables are not those of this Plumbline: upgrade, or name another database",
    ),
}
"""What to do, by SQLSTATE (PostgreSQL's manual, appendix A)."""


def shown(store: StoreSettings) -> str:
    """The server's address without what is secret."""
    parts = urlsplit(store.postgres or "")
    return f"PostgreSQL at {parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def connect(store: StoreSettings, *, patient: bool = True) -> Connection:
    """A connection in autocommit mode. With `patient`, it is tried three times within seconds.

    Raises StoreUnavailable if the server does not answer, CollectionError if it refuses,
    ConfigError if the driver is not installed.
    """
    driver = _driver()
    for wait_s in (*_WAITS_S, None) if patient else (None,):
        began = time.monotonic()
        try:
            return _connect(store, driver)
        except driver.OperationalError as err:
            error = explained_error(store, err)
            hangs = time.monotonic() - began > _HANGS_S
            if wait_s is None or hangs or not isinstance(error, StoreUnavailable):
                raise error from None
            time.sleep(wait_s)
    raise AssertionError("the last attempt returns or raises")


def alive(store: StoreSettings, held: Connection | None, ask: Callable[[Connection], _T]) -> Any:
    """(connection, what `ask` found on it): on `held`, or on a new one where that is lost."""
    driver = _driver()
    if held is not None and not held.closed:
        try:
            return held, ask(held)
        except (driver.OperationalError, driver.InterfaceError) as err:
            if getattr(err, "sqlstate", None) == "57014":
                raise explained_error(store, err) from None
            with suppress(driver.Error):
                held.close()
    opened = connect(store)
    try:
        return opened, ask(opened)
    except BaseException:
        opened.close()
        raise


@contextmanager
def explained(store: StoreSettings) -> Iterator[None]:
    """Turn the driver's errors into ours, with the mend; broken constraints pass as they are."""
    driver = _driver()
    try:
        yield
    except driver.IntegrityError:
        raise
    except driver.Error as err:
        raise explained_error(store, err) from err


def explained_error(store: StoreSettings, err: psycopg.Error) -> CollectionError:
    """Our error for one of the driver's."""
    said = " ".join(str(err).split())
    state = err.sqlstate or _state_of(said)
    where = shown(store)
    if state in _MENDS:
        return CollectionError(f"{where}: {_MENDS[state]} ({said})")
    if state == "57014":
        return StoreUnavailable(
            f"{where} took longer than store.timeout_s = {store.timeout_s:g} seconds; try again, "
            "or allow it more"
        )
    driver = _driver()
    if isinstance(err, driver.OperationalError | driver.InterfaceError):
        return StoreUnavailable(f"{where} does not answer: start it, or try again later ({said})")
    return CollectionError(f"{where}: {said}")


def _connect(store: StoreSettings, driver: Any) -> Connection:
    password = store.postgres_password
    limit_ms = int(1000 * store.timeout_s)
    bounded = _bounded(driver, store.timeout_s + _GRACE_S)
    connection: Connection = bounded.connect(
        store.postgres,
        autocommit=True,
        connect_timeout=max(2, int(store.timeout_s)),
        application_name="plumbline",
        options=f"-c statement_timeout={limit_ms} -c search_path=plumbline",
        # The server and we both notice a peer that vanished without a word.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=limit_ms,
        **({"password": password.get_secret_value()} if password else {}),
    )
    return connection


@cache
def _bounded(driver: Any, limit_s: float) -> Any:
    """A class of connection that gives up what takes so long: the server's own limit says nothing
    where its process is stopped or its machine has no time for it, and the kernel there goes on to
    confirm what arrives."""

    class Bounded(driver.Connection):  # type: ignore[misc]
        def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().wait(_within(gen, limit_s), *args, **kwargs)
            except _Late as late:
                self.close()
                raise driver.OperationalError(str(late)) from None

    return Bounded


class _Late(Exception):
    pass


def _within(gen: Any, limit_s: float) -> Generator[Any, Any, Any]:
    """The driver's generator, ended where it is not done in time. The driver resumes it several
    times a second, with nothing where nothing arrived."""
    deadline = time.monotonic() + limit_s
    try:
        wanted = next(gen)
        while True:
            arrived = yield wanted
            if not arrived and time.monotonic() > deadline:
                gen.close()
                raise _Late(f"nothing came for {limit_s:g} seconds")
            wanted = gen.send(arrived)
    except StopIteration as end:
        return end.value


def _state_of(said: str) -> str:
    """The state that a refused connection stands for: the driver does not tell it."""
    for words, state in (
        ("password authentication failed", "28P01"),
        ("no password supplied", "28P01"),
        ("no pg_hba.conf entry", "28000"),
        ('" does not exist', "3D000"),
    ):
        if words in said:
            return "28000" if state == "3D000" and "role " in said else state
    return ""


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise ConfigError(
            "store.postgres is set, and psycopg is not installed: pip install 'plumbline[remote]'"
        ) from None
    return psycopg
