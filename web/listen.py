"""A socket for the server, and uvicorn on it.

Knows nothing of what is served.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from contextlib import suppress

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.config import Settings
from rag.errors import ConfigError
from web.access.store import AccessStore
from web.guard import is_loopback
from web.state import kept_in

PORTS_TRIED = 50
GRACE_S = 1
"""Seconds that open requests get when the server is stopped; the page keeps one open all along."""

HEAD_S = 15.0
"""Seconds in which the first line and the headers of a request must come."""


def check_address(settings: Settings) -> None:
    """Raises ConfigError for an address beyond this machine while nobody could be told apart."""
    server = settings.server
    if is_loopback(server.host):
        return
    key = server.api_key.get_secret_value() if server.api_key else ""
    store = AccessStore(kept_in(settings))
    try:
        if key or settings.oidc.issuer is not None or store.can_let_in():
            return
    finally:
        store.close()
    raise ConfigError(
        f"server.host = {server.host!r} opens Plumbline to other machines, and there is neither a "
        "user nor a valid key: add one with `plumb users add NAME` or `plumb keys create NAME`, "
        "set server.api_key (or PLUMB_SERVER__API_KEY) to a secret, set oidc.issuer, or use "
        "127.0.0.1"
    )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket at `port`, or at the next free port after it, which it says aloud.

    Raises ConfigError if the address is not this machine's or no port is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        try:
            sock = _bind_one(host, candidate)
        except OSError as err:
            if err.errno in (errno.EADDRINUSE, errno.EACCES):
                continue
            raise ConfigError(f"server.host = {host!r} cannot be listened on: {err}") from None
        if candidate != port:
            print(f"Port {port} is taken; using {candidate}.", flush=True)
        return sock
    raise ConfigError(
        f"ports {port} to {candidate} of {host} are taken: choose another with --port"
    )


def _bind_one(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


def url_of(sock: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = sock.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HeadInTime(H11Protocol):
    """HTTP/1.1 that hangs up on who does not send the head of a request within HEAD_S."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting when a head is whole; begin again with the next one's first bytes."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()
        elif self._late is None and self.conn.their_state is h11.IDLE:
            self._late = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Announcing(uvicorn.Server):
    """Prints the address as soon as it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            print(f"Plumbline is at {url_of(sockets[0])}", flush=True)
            print("Press Ctrl-C to stop.", flush=True)


def run(application: ASGIApp, sock: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ws="none",
        http=HeadInTime,
    )
    # uvicorn shuts down at SIGINT and SIGTERM and then raises the signal again; a SIGTERM left to
    # its default would end the process before the models are stopped.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            _Announcing(config).run(sockets=[sock])
        print("Stopping…", flush=True)
    finally:
        signal.signal(signal.SIGTERM, before)
