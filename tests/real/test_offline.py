"""Once the models are there, the whole flow opens no connection beyond loopback.

Python's own sockets are watched by an audit hook in every process (tests/real/netguard); what
native code opens is watched from outside by reading the process tree's connections.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).parent / "netguard"
LIMIT_S = 240
LARGE = "qwen2.5-coder-1.5b-instruct"


def beyond_loopback(process: psutil.Process) -> set[str]:
    """Remote addresses outside loopback of a process and its children, now."""
    found: set[str] = set()
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for member in family:
        try:
            connections = member.net_connections(kind="inet")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        found |= {
            connection.raddr.ip
            for connection in connections
            if connection.raddr and not is_loopback(connection.raddr.ip)
        }
    return found


def is_loopback(address: str) -> bool:
    """Whether it is, as an IPv4 address written in IPv6 too."""
    found = ipaddress.ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def run_watched(command: list[str], environ: dict[str, str], log: Path) -> str:
    """Run to the end; fail on any connection beyond loopback, give back standard output."""
    environ = {**environ, "PYTHONPATH": str(GUARD), "NETGUARD_LOG": str(log)}
    child = subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watched = psutil.Process(child.pid)
    seen: set[str] = set()
    deadline = time.monotonic() + LIMIT_S
    while child.poll() is None and time.monotonic() < deadline:
        seen |= beyond_loopback(watched)
        time.sleep(0.05)
    if child.poll() is None:
        child.kill()
        pytest.fail(f"{command} did not end within {LIMIT_S} s")
    output, errors = child.communicate()
    assert child.returncode == 0, errors
    assert not seen
    assert not log.exists(), log.read_text()
    return output


@pytest.mark.parametrize("runtime", ["llama.cpp", "openvino"])
def test_ingest_and_ask_stay_on_the_machine(
    real_environ: dict[str, str], tmp_path: Path, runtime: str
) -> None:
    if runtime == "openvino":
        if find_spec("openvino_genai") is None:
            pytest.skip("OpenVINO is installed on x86 alone")
        chosen = {"PLUMB_GENERATOR__MODEL": LARGE, "PLUMB_GENERATOR__RUNTIME": runtime}
        real_environ = {**real_environ, **chosen, "HOME": str(tmp_path)}
    note = tmp_path / "note.md"
    note.write_text("# Pump P-7\n\nThe pump P-7 was installed by Mara Lindqvist on 3 May 2021.\n")
    log = tmp_path / "netguard.log"
    plumb = [sys.executable, str(ROOT / "cli.py")]
    run_watched([*plumb, "ingest", str(note), "-c", runtime], real_environ, log)
    question = "Who installed the pump P-7?"
    output = run_watched([*plumb, "ask", question, "-c", runtime, "--json"], real_environ, log)
    answer = json.loads(output)
    assert not (tmp_path / "intel").exists()  # where OpenVINO would note whom it reports
    assert answer["hits"][0]["document"] == "note.md"


def test_the_guard_sees_a_connection(tmp_path: Path) -> None:
    log = tmp_path / "netguard.log"
    environ = {"PYTHONPATH": str(GUARD), "NETGUARD_LOG": str(log)}
    code = "import socket; socket.create_connection(('192.0.2.1', 9), 0.1)"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert "netguard" in done.stderr
    assert "192.0.2.1" in log.read_text()
