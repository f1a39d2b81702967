"""Clients that are slow, huge or broken, over real sockets."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from rag.config import Settings
from tests.web_fakes import FakeBackend, answer
from web import listen
from web.api import build_api
from web.engine import Engine
from web.guard import API_PREFIX, JSON_LIMIT, Guard, Rules
from web.listen import HeadInTime, bind
from web.metrics import Metrics
from web.observe import Observed

HEAD = b"POST /v1/answers HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def patience() -> float:
    """Seconds in which a head, and a body, has to come: a busy machine is given time."""
    return 8.0


hurried = pytest.mark.parametrize("patience", [0.5])


@pytest.fixture
def engine(backend: FakeBackend) -> Iterator[Engine]:
    engine = Engine(backend, queue_limit=2)
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def address(
    engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, patience: float
) -> Iterator[tuple[str, int]]:
    """The API on a free port."""
    monkeypatch.setattr(listen, "HEAD_S", patience)
    app = FastAPI(openapi_url=None)
    app.mount(API_PREFIX, build_api(engine, Settings(home=home)))
    guarded = Observed(Guard(app, Rules("127.0.0.1", None, 2**20, patience_s=patience)), Metrics())
    config = uvicorn.Config(
        guarded, log_level=logging.CRITICAL, access_log=False, http=HeadInTime, lifespan="off"
    )
    server = uvicorn.Server(config)
    with bind("127.0.0.1", 0) as sock:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield sock.getsockname()
        server.should_exit = True
        thread.join()


def heard(connection: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    connection.settimeout(60)
    said = b""
    with suppress(ConnectionResetError):  # it hung up with some of what was sent unread
        while piece := connection.recv(65536):
            said += piece
    return said


def until(connection: socket.socket, end: bytes) -> bytes:
    """All that is said until `end` has been."""
    said = b""
    while end not in said:
        piece = connection.recv(65536)
        assert piece, said
        said += piece
    return said


@hurried
def test_a_head_that_does_not_come_is_not_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        begun = time.monotonic()
        connection.sendall(HEAD[:30])
        assert heard(connection) == b""
        assert time.monotonic() - begun < 60


@hurried
def test_a_second_head_on_the_same_connection_is_not_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /v1/mod")
        assert heard(connection).startswith(b"HTTP/1.1 200")


def test_an_upload_that_stops_half_way_leaves_nothing(
    address: tuple[str, int], backend: FakeBackend
) -> None:
    before = list(backend.held["default"])
    part = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\nThe ap'
    head = b"POST /v1/documents HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9000\r\n"
    kind = b"content-type: multipart/form-data; boundary=x\r\n\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(head + kind + part)
        connection.shutdown(socket.SHUT_WR)
        heard(connection)
    with socket.create_connection(address) as connection:
        connection.sendall(
            b"GET /v1/documents HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
        )
        assert b"travel.md" in heard(connection)
    assert backend.held["default"] == before


@hurried
def test_a_body_that_does_not_come_is_told_so(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + b'connection: close\r\ncontent-length: 100\r\n\r\n{"question":')
        said = heard(connection)
    assert said.startswith(b"HTTP/1.1 408")
    assert b"did not come in time" in said


@pytest.mark.parametrize("length", [JSON_LIMIT + 1, 5 * 2**30, 10**18])
def test_a_huge_body_is_refused_unread(address: tuple[str, int], length: int) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + f"content-length: {length}\r\n\r\n".encode())
        connection.settimeout(60)
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "\xff\xfe"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"question": "' + b"\\ud800" + b'"}',
        b'{"question": ' + b"9" * 100_000 + b"}",
        b"\x00",
    ],
)
def test_broken_bodies_are_bad_requests(address: tuple[str, int], body: bytes) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body)
        connection.settimeout(60)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "line",
    [
        b"x: a\rSet-Cookie: b=c",
        b"x\x00y: z",
        b"host: other",
        b"content-length: 3\r\ncontent-length: 4",
        b"content-length: -1",
        b"x: " + b"a" * 200_000,
    ],
)
def test_smuggled_headers_are_bad_requests(address: tuple[str, int], line: bytes) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + line + b"\r\n\r\n")
        said = heard(connection)
    assert not said or said.split(b" ")[1] in (b"400", b"403"), said[:200]
    assert b"set-cookie" not in said.lower()


def test_who_reads_an_answer_no_further_stops_its_model(
    address: tuple[str, int], backend: FakeBackend
) -> None:
    body = b'{"question": "slow", "stream": true}'
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body)
        connection.settimeout(60)
        until(connection, b"event: delta")
    begun = time.monotonic()
    while not backend.stopped:
        assert time.monotonic() - begun < 60
        time.sleep(0.01)


def test_a_server_error_leaves_the_connection_open(
    address: tuple[str, int], backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.stream_error = RuntimeError("a fault of ours")
    body = b'{"question": "How fast?"}'
    request = HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(address) as connection:
        connection.settimeout(60)
        for _ in range(2):
            connection.sendall(request)
            said = until(connection, b"}}")
            assert said.startswith(b"HTTP/1.1 500")
            assert b"a fault of ours" not in said
        backend.stream_error = None
        connection.sendall(request)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    faults = [record.exc_info for record in caplog.records if record.levelname == "ERROR"]
    assert [str(fault[1]) for fault in faults if fault] == ["a fault of ours"] * 2


def test_who_does_not_read_an_answer_holds_nobody_up(
    address: tuple[str, int], backend: FakeBackend, engine: Engine
) -> None:
    backend.scripted = replace(backend.scripted, answer=("much" * 500 + " ") * 3000)
    body = b'{"question": "How much?", "stream": true}'
    request = HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body
    with ExitStack() as stack:
        for _ in range(2):
            stalled = stack.enter_context(socket.socket())
            stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.connect(address)
            stalled.sendall(request)
        begun = time.monotonic()
        while len(backend.asked) < 2 or engine.waiting:
            assert time.monotonic() - begun < 60
            time.sleep(0.01)
        backend.scripted = answer()
        with socket.create_connection(address) as connection:
            connection.sendall(request)
            connection.settimeout(60)
            until(connection, b"event: done")
