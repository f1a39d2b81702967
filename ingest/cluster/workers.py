"""A run's side of a Ray cluster: hands work to the process that talks to Ray, takes it back.

Ray's client prints to standard output, takes signals for itself, and ends its process when the
cluster is gone. So it has a process of its own (`ingest.cluster.bridge`), and whatever becomes of
that is an error with a sentence here.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from ingest.cluster.bridge import serve
from ingest.cluster.messages import EmbedJob, Job, Plan, Pulse, ReadJob
from ingest.cluster.node import code_digest
from ingest.workers import Done, Read
from rag.config import Settings
from rag.errors import ClusterError, UsageError
from rag.types import Chunk, EmbedderInfo

_REACH_S = 5.0
_CONNECT_S = 60.0
_SILENCE_S = 60.0
"""How long a connection may take to the head, to the cluster, and how long the bridge may be silent
before it counts as hung."""
_TICK_S = 0.25
_ENDING_S = 5.0
_BYTES_AHEAD = 64 << 20
"""Bytes of files that are under way at once, unless a single file is larger."""


def check_head(address: str) -> None:
    """Raise UsageError if Ray is not installed or `address` is none, ClusterError if nobody listens
    there: known in a moment, before any model is loaded."""
    if find_spec("ray") is None:
        raise UsageError("--ray needs Ray, which is not installed: pip install 'plumbline[ray]'")
    host, port = _host_and_port(address)
    try:
        socket.create_connection((host, port), _REACH_S).close()
    except OSError as err:
        raise ClusterError(
            f"no Ray head answers at {address} ({err.strerror or err}): start it with "
            f"`ray start --head --port={port}`, or give the right address"
        ) from None


@contextmanager
def connect(address: str, info: EmbedderInfo, settings: Settings) -> Iterator[RayWorkers]:
    """Workers on the cluster whose head is at `address`, which have the embedder `info`.

    Raises what `check_head` does, and ClusterError if what listens there is no Ray head, or this
    machine none of its nodes.
    """
    check_head(address)
    plan = Plan(address, settings.ingest, settings.embedder, info, code_digest())
    workers = RayWorkers(plan)
    try:
        workers.wait_until_connected()
        yield workers
    finally:
        workers.close()


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(
            f"--ray {address!r} is no address of a Ray head: give HOST:PORT, as "
            "`ray start --head` shows it (its port is 6379 unless told otherwise)"
        )
    return host.strip("[]"), int(port)


class RayWorkers:
    """See `ingest.workers.Workers`."""

    window = 64

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._bridge = context.Process(target=serve, args=(theirs, plan), daemon=True)
        self._bridge.start()
        theirs.close()
        self._pulse = Pulse(0, 0)
        self._heard = time.monotonic()
        self._reading: dict[int, int] = {}
        self._chunks = 0
        self._sizes: dict[int, int] = {}
        self._first_embed: float | None = None

    @property
    def embedders(self) -> int:
        """How many embedders are ready on the cluster."""
        return self._pulse.embedders

    @property
    def is_full(self) -> bool:
        """See `ingest.workers.Workers`."""
        pulse = self._pulse
        return (
            len(self._reading) >= 2 * max(1, pulse.readers)
            or sum(self._reading.values()) >= _BYTES_AHEAD
            or self._chunks >= 4 * self.window * max(1, pulse.embedders)
        )

    @property
    def embedding_s(self) -> float:
        """See `ingest.workers.Workers`; by the clock, since chunks were first handed out."""
        return 0.0 if self._first_embed is None else time.monotonic() - self._first_embed

    def read(self, key: int, data: bytes, path: Path) -> None:
        """See `ingest.workers.Workers`."""
        self._reading[key] = len(data)
        self._send(ReadJob(key, data, path))

    def embed(self, key: int, chunks: Sequence[Chunk]) -> None:
        """See `ingest.workers.Workers`."""
        if self._first_embed is None:
            self._first_embed = time.monotonic()
        self._sizes[key] = len(chunks)
        self._chunks += len(chunks)
        self._send(EmbedJob(key, chunks))

    def take(self, *, wait: bool) -> list[Done]:
        """See `ingest.workers.Workers`. Raises ClusterError if the cluster fails."""
        done: list[Done] = []
        while self._pipe_has(_TICK_S if wait and not done else 0.0):
            message = self._receive()
            if isinstance(message, Read):
                del self._reading[message.key]
                done.append(message)
            elif isinstance(message, Done):
                self._chunks -= self._sizes.pop(message.key)
                done.append(message)
        return done

    def wait_until_connected(self) -> None:
        """Return when the bridge has joined the cluster."""
        deadline = time.monotonic() + _CONNECT_S
        while not self._pipe_has(_TICK_S):
            if time.monotonic() >= deadline:
                raise ClusterError(
                    f"what listens at {self._plan.address} did not answer as a Ray head within "
                    f"{_CONNECT_S:g} s: give the port that `ray start --head` shows"
                )
        self._receive()

    def close(self) -> None:
        """Leave the cluster; what is still under way there is given up."""
        with suppress(OSError):
            self._pipe.send(None)
        self._bridge.join(_ENDING_S)
        if self._bridge.is_alive():
            self._bridge.kill()
            self._bridge.join()
        self._pipe.close()

    def _pipe_has(self, seconds: float) -> bool:
        if self._pipe.poll(seconds):
            self._heard = time.monotonic()
            return True
        if time.monotonic() - self._heard > _SILENCE_S:
            raise ClusterError(
                f"Ray at {self._plan.address} has not answered for {_SILENCE_S:g} s: look at its "
                "head with `ray status`"
            )
        return False

    def _send(self, job: Job) -> None:
        try:
            self._pipe.send(job)
        except OSError:
            self._receive_last_words()

    def _receive(self) -> object:
        try:
            message: object = self._pipe.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        if isinstance(message, ClusterError):
            raise message
        if isinstance(message, Pulse):
            self._pulse = message
        return message

    def _receive_last_words(self) -> None:
        """The bridge reads no more: raise what it said last."""
        with suppress(EOFError, OSError):
            while self._pipe.poll(_ENDING_S):
                self._receive()
        raise self._lost()

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the connection to Ray at {self._plan.address} broke: is its head still running?"
        )
