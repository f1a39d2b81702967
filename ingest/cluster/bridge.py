"""The process that talks to Ray: takes jobs from a run, spreads them over nodes, sends back what
they come to.

A node that is lost takes its jobs with it: they are done again elsewhere. Jobs have no effects but
their results, so that it does not matter how often one is begun.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from ingest.cluster.messages import Job, Plan, Pulse
from rag.errors import ClusterError
from rag.privacy import silence_libraries

_PULSE_S = 1.0
_LOOK_S = 2.0
"""Seconds between two signs of life, and between two looks at the nodes."""
_TICK_S = 0.1
_HEAD_S = 10.0
"""How long the head may refuse connections before it counts as gone."""


def serve(pipe: Connection, plan: Plan) -> None:
    """Work until the run says that it is over (None), or is gone."""
    _be_quiet()
    try:
        _join(plan.address)
        _work(pipe, plan)
    except ClusterError as err:
        _tell(pipe, err)
    except Exception as err:
        _tell(pipe, ClusterError(f"Ray at {plan.address} failed: {in_a_line(err)}"))
    finally:
        pipe.close()
        os._exit(0)  # Ray's own way out waits for a head that may be gone; its jobs end with us


def in_a_line(err: BaseException) -> str:
    """The kind of an error and the first line of its message."""
    lines = str(err).strip().splitlines()
    return f"{type(err).__name__}: {lines[0]}" if lines else type(err).__name__


def _be_quiet() -> None:
    """Ctrl-C is for the run to act upon, and what Ray prints there is no part of a receipt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    silence_libraries()


def _join(address: str) -> None:
    import ray

    try:
        ray.init(
            address=address,
            log_to_driver=False,
            configure_logging=False,
            namespace="plumbline",
        )
    except Exception as err:
        if "ersion mismatch" in str(err):
            told = " ".join(str(err).split())
            raise ClusterError(
                f"{told} Install the same Ray and the same Python on every node and here."
            ) from None
        raise ClusterError(
            f"this machine cannot join the Ray cluster at {address} ({in_a_line(err)}): it has to "
            f"be one of its nodes: `ray start --address={address} --num-cpus=0` makes it one"
        ) from None


def _work(pipe: Connection, plan: Plan) -> None:
    from ingest.cluster.spread import Spread

    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, jobs), daemon=True).start()
    head = _Head(plan.address)
    spread = Spread(plan)
    looked = pulsed = 0.0
    while True:
        while not jobs.empty():
            job = jobs.get()
            if job is None:
                return
            spread.add(job)
        now = time.monotonic()
        if now - looked >= _LOOK_S:
            looked = now
            if head.answers():
                spread.look_at_nodes()
        for done in spread.step(_TICK_S):
            pipe.send(done)
        if now - pulsed >= _PULSE_S:
            pulsed = now
            pipe.send(Pulse(spread.embedders, spread.readers))


def _receive(pipe: Connection, jobs: queue.SimpleQueue[Job | None]) -> None:
    """Take jobs as they come, so that whoever sends them never waits."""
    job: Any = object()
    while job is not None:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            job = None
        jobs.put(job)


def _tell(pipe: Connection, err: ClusterError) -> None:
    with suppress(OSError):
        pipe.send(err)


class _Head:
    """Whether the head still listens. Ray itself goes on asking for minutes."""

    def __init__(self, address: str) -> None:
        self._address = address
        host, _, port = address.rpartition(":")
        self._place = host.strip("[]"), int(port)
        self._answered = time.monotonic()

    def answers(self) -> bool:
        """Whether it does now. Raises ClusterError once it has not for too long."""
        try:
            socket.create_connection(self._place, _LOOK_S).close()
        except OSError as err:
            if time.monotonic() - self._answered > _HEAD_S:
                raise ClusterError(
                    f"the Ray head at {self._address} is gone ({err.strerror or err}): start the "
                    "cluster again"
                ) from None
            return False
        self._answered = time.monotonic()
        return True
