"""A Ray cluster of processes on this machine, whose nodes can be killed.

Run as a program it starts a head and nodes, prints the head's address, and does as it is told on
standard input, a line each: `add CORES`, `kill node`, `kill head`. It keeps to the loopback
address, and ends all when its input ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_HOST = "127.0.0.1"
_STORE_BYTES = 80 << 20
_SWITCHES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # What Ray does where clusters are not supported: no other address than loopback.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # Workers come last otherwise, and on a busy machine never.
    "RAY_worker_niceness": "0",
}
_QUICK_TO_NOTICE = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 5000,
    "health_check_failure_threshold": 5,
}


class RayNodes:
    """The cluster: a head that has `cores`[0] of them, and a node for each further entry."""

    def __init__(self, cores: tuple[int, ...], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ray_nodes", *map(str, cores)],
            cwd=ROOT,
            env={**environ, "PYTHONPATH": str(ROOT), **_SWITCHES},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._answer()

    @property
    def pid(self) -> int:
        """The process whose descendants are the nodes."""
        return self._process.pid

    def add(self, cores: int) -> None:
        """Start another node."""
        self._tell(f"add {cores}")

    def kill_node(self) -> None:
        """Kill -9 a node that is not the head, with all that runs on it."""
        self._tell("kill node")

    def kill_head(self) -> None:
        """Kill -9 the head."""
        self._tell("kill head")

    def close(self) -> None:
        """End them all."""
        with self._process:  # which closes both pipes and waits
            pass

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the cluster's process ended"
        return line.strip()


def main() -> int:
    """Serve until standard input ends."""
    from ray.cluster_utils import Cluster

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    head, *others = map(int, sys.argv[1:])
    cluster: Any = Cluster(
        initialize_head=True,
        head_node_args={
            **_node(head),
            "include_dashboard": False,
            "_system_config": _QUICK_TO_NOTICE,
        },
    )
    for count in others:
        cluster.add_node(**_node(count))
    print(cluster.address, file=answers, flush=True)
    for line in sys.stdin:
        match line.split():
            case ["add", cores]:
                cluster.add_node(**_node(int(cores)))
            case ["kill", "node"]:
                cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
            case ["kill", "head"]:
                cluster.head_node.kill_all_processes(check_alive=False, allow_graceful=False)
        print("done", file=answers, flush=True)
    cluster.shutdown()
    return 0


def _node(cores: int) -> dict[str, Any]:
    return {"num_cpus": cores, "object_store_memory": _STORE_BYTES, "node_ip_address": _HOST}


if __name__ == "__main__":
    sys.exit(main())
