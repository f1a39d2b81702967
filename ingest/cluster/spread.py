"""Jobs -> the nodes of the cluster that this process has joined, and what they come to.

Files are read by tasks on whatever node has a core free. Each node has embedders of its own
(actors), which get chunks as they finish with those before. A job that is lost with its process or
node is done again; an embedder that ended is started anew, and a node that joins gets its own.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ingest.cluster.messages import EmbedJob, Job, Plan, ReadJob
from ingest.cluster.node import NodeEmbedder, Reply, read_file
from ingest.workers import Done, Read, Vectors
from rag.errors import ClusterError, DocumentError, PlumbError

_TRIES = 5
"""How often a job is begun, and an embedder of a node started, before it counts as hopeless."""
_PATIENCE_S = 600.0
"""How long there may be no embedder: models are loaded, nodes are busy, or are to be started."""
_CORES_EACH = 8
"""Cores of one embedder: batches are too small to keep more of them busy."""
_AHEAD = 2
"""Jobs that an embedder has at a time, so that it need not wait for the next."""
_FETCH_S = 10.0


@dataclass(frozen=True, slots=True)
class _Share:
    """How a node is used: its embedders, the cores that each computes with, the half of these that
    it keeps to itself, and the files that are read there at once."""

    embedders: int
    threads: int
    reserved: int
    gpus: int
    readers: int

    @classmethod
    def of(cls, cores: int, gpus: int) -> _Share:
        embedders = gpus or max(1, cores // _CORES_EACH)
        threads = max(1, cores // embedders)
        reserved = threads // 2
        readers = max(1, cores - embedders * reserved)
        return cls(embedders, threads, reserved, min(1, gpus), readers)


@dataclass(slots=True, eq=False)
class _Embedder:
    """An actor on a node, called `host`; it is ready once the model is loaded."""

    actor: Any
    node: str
    host: str
    is_ready: bool = False


@dataclass(slots=True)
class _Try:
    """A job, and how often it was begun."""

    job: Job
    begun: int = 0


@dataclass(slots=True)
class _Nodes:
    """What is known of the nodes that work, by their ids."""

    shares: dict[str, _Share] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)


class Spread:
    """The jobs of one run, and the embedders that were started for them."""

    def __init__(self, plan: Plan) -> None:
        import ray

        self._ray: Any = ray
        self._plan = plan
        self._read: Any = ray.remote(num_cpus=1, max_retries=0, scheduling_strategy="SPREAD")(
            read_file
        )
        self._actor: Any = ray.remote(max_restarts=0, max_task_retries=0)(NodeEmbedder)
        self._nodes = _Nodes()
        self._pool: list[_Embedder] = []
        self._to_read: deque[_Try] = deque()
        self._to_embed: deque[_Try] = deque()
        self._under_way: dict[Any, tuple[_Embedder | None, _Try | None]] = {}
        self._last_ready = time.monotonic()

    @property
    def embedders(self) -> int:
        """How many are ready."""
        return sum(one.is_ready for one in self._pool)

    @property
    def readers(self) -> int:
        """How many files can be read at once."""
        return sum(share.readers for share in self._nodes.shares.values())

    def add(self, job: Job) -> None:
        """Have the job done."""
        (self._to_read if isinstance(job, ReadJob) else self._to_embed).append(_Try(job))

    def look_at_nodes(self) -> None:
        """See which nodes there are, and that each has its embedders.

        Raises ClusterError when there is no embedder for too long, or one ends again and again.
        """
        alive = {node["NodeID"]: node for node in self._ray.nodes() if node["Alive"]}
        self._nodes.shares = {
            key: _Share.of(int(node["Resources"]["CPU"]), int(node["Resources"].get("GPU", 0)))
            for key, node in alive.items()
            if node["Resources"].get("CPU", 0) >= 1
        }
        for one in [one for one in self._pool if one.node not in alive]:
            self._drop(one)
        for key, share in self._nodes.shares.items():
            for _ in range(share.embedders - sum(one.node == key for one in self._pool)):
                self._start(key, alive[key]["NodeManagerHostname"], share)
        if self.embedders:
            self._last_ready = time.monotonic()
        elif time.monotonic() - self._last_ready > _PATIENCE_S:
            raise ClusterError(
                f"no node of the Ray cluster at {self._plan.address} has been embedding for "
                f"{_PATIENCE_S:g} s: `ray status` shows whether there is one and what it is busy "
                f"with; `ray start --address={self._plan.address}` adds one"
            )

    def step(self, seconds: float) -> list[Done]:
        """Hand out what can be, wait so long at most, and give what has been done."""
        self._hand_out()
        if not self._under_way:
            time.sleep(seconds)
            return []
        known = list(self._under_way)
        ready, _ = self._ray.wait(known, num_returns=1, timeout=seconds)
        if ready:
            ready, _ = self._ray.wait(known, num_returns=len(known), timeout=0)
        found = [self._outcome(ref) for ref in ready]
        return [done for done in found if done is not None]

    def _hand_out(self) -> None:
        reading = sum(embedder is None for embedder, _ in self._under_way.values())
        while self._to_read and reading < 2 * self.readers:
            task = self._begin(self._to_read)
            job = task.job
            assert isinstance(job, ReadJob)
            self._under_way[self._read.remote(job.data, job.path, self._plan.limits)] = None, task
            reading += 1
        load = Counter(id(embedder) for embedder, _ in self._under_way.values())
        for _ in range(_AHEAD):
            for one in self._pool:
                if one.is_ready and self._to_embed and load[id(one)] < _AHEAD:
                    task = self._begin(self._to_embed)
                    assert isinstance(task.job, EmbedJob)
                    self._under_way[one.actor.embed.remote(task.job.chunks)] = one, task
                    load[id(one)] += 1

    def _begin(self, waiting: deque[_Try]) -> _Try:
        task = waiting.popleft()
        task.begun += 1
        return task

    def _outcome(self, ref: Any) -> Done | None:
        """What a reference stands for; None if the run need not know."""
        from ray.exceptions import GetTimeoutError, RayError, RayTaskError

        if ref not in self._under_way:  # its embedder was given up meanwhile
            return None
        embedder, task = self._under_way[ref]
        try:
            reply = self._ray.get(ref, timeout=_FETCH_S)
        except GetTimeoutError:
            return None
        except RayTaskError as err:
            raise self._not_fit(embedder, err) from None
        except RayError:
            return self._lost(ref, embedder, task)
        del self._under_way[ref]
        value = self._checked(reply)
        if task is None:
            assert embedder is not None
            self._is_loaded(embedder, value, reply.host)
            return None
        if isinstance(task.job, ReadJob):
            return Read(task.job.key, value)
        return Vectors(task.job.key, value)

    def _checked(self, reply: Reply) -> Any:
        if reply.code != self._plan.code:
            raise ClusterError(
                f"node {reply.host} runs another Plumbline than this machine (modules "
                f"{reply.code[:12]} there, {self._plan.code[:12]} here): install the same there, "
                "and start its Ray again"
            )
        return reply.value

    def _is_loaded(self, embedder: _Embedder, value: Any, host: str) -> None:
        if isinstance(value, PlumbError):
            raise ClusterError(f"node {host}: {value} there") from value
        if value != self._plan.info:
            wanted = self._plan.info
            raise ClusterError(
                f"node {host} has another embedder: {value.name} with the digest "
                f"{value.digest[:12]}, not {wanted.name} with {wanted.digest[:12]}; fetch the same "
                "there"
            )
        embedder.is_ready = True

    def _not_fit(self, embedder: _Embedder | None, err: Exception) -> ClusterError:
        """The error of a call that failed there in a way that it would everywhere."""
        told = str(err).strip()
        where = "a node" if embedder is None else f"node {embedder.host}"
        if "No module named" in told or "failed to import" in told:
            return ClusterError(
                f"Plumbline is not installed for Ray on {where} ({told.splitlines()[-1]}): "
                "pip install 'plumbline[ray]' in the environment in which its Ray was started"
            )
        return ClusterError(f"{where} failed: {told.splitlines()[-1]}")

    def _lost(self, ref: Any, embedder: _Embedder | None, task: _Try | None) -> Done | None:
        """Do a lost job again, unless that has been tried too often."""
        del self._under_way[ref]
        if embedder is not None:
            self._drop(embedder)
        return None if task is None else self._again(task)

    def _again(self, task: _Try) -> Done | None:
        job = task.job
        if task.begun < _TRIES:
            (self._to_read if isinstance(job, ReadJob) else self._to_embed).appendleft(task)
            return None
        if isinstance(job, EmbedJob):
            raise ClusterError(
                f"the embedder ended {_TRIES} times over the same {len(job.chunks)} chunks: is "
                "memory short on the nodes? `ray logs` tells more"
            )
        reason = (
            f"{job.path.name} cannot be read: the process that reads it on the cluster ended "
            f"{_TRIES} times; is memory short on the nodes?"
        )
        return Read(job.key, DocumentError(reason))

    def _start(self, node: str, host: str, share: _Share) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._nodes.starts[node] += 1
        if self._nodes.starts[node] > _TRIES * share.embedders:
            raise ClusterError(
                f"the embedder on node {host} ended {_TRIES} times: is memory short there? "
                "`ray logs` tells more"
            )
        actor = self._actor.options(
            num_cpus=share.reserved,
            num_gpus=share.gpus,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
        ).remote()
        embedder = _Embedder(actor, node, host)
        self._pool.append(embedder)
        ref = actor.load.remote(self._plan.embedder, share.threads)
        self._under_way[ref] = embedder, None

    def _drop(self, embedder: _Embedder) -> None:
        """Give an embedder up; its jobs go to others."""
        with suppress(ValueError):
            self._pool.remove(embedder)
        with suppress(Exception):
            self._ray.kill(embedder.actor)
        for ref in [ref for ref, (one, _) in self._under_way.items() if one is embedder]:
            _, task = self._under_way.pop(ref)
            if task is not None:
                self._again(task)
