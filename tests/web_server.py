"""The web app as a process of its own, for the tests with the real models."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S = 300
LOAD_S = 240
STOP_S = 120


@dataclass(frozen=True)
class Server:
    """A running app: its address, its process, and the file its output goes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def health(self) -> str:
        """ "loading", "ready" or "failed"."""
        try:
            with urllib.request.urlopen(f"{self.url}/v1/health", timeout=10) as reply:
                body = reply.read()
        except urllib.error.HTTPError as err:
            with err:
                body = err.read()
        except TimeoutError:
            return "loading"  # llama.cpp holds Python's lock while it reads a model
        return str(json.loads(body)["status"])

    def wait_until_ready(self) -> None:
        """Wait for the models."""
        deadline = time.monotonic() + LOAD_S
        while (status := self.health()) == "loading":
            assert time.monotonic() < deadline, f"still loading after {LOAD_S} s"
            time.sleep(0.2)
        assert status == "ready", self.log.read_text()


@contextmanager
def serving(
    environ: Mapping[str, str], log: Path, *arguments: str, program: Sequence[str] = ("app.py",)
) -> Iterator[Server]:
    """Run `app.py` on a free port until the block ends; it must then stop by itself."""
    command = [sys.executable, *program, "--port", "0", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environ), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Server(_address(process, log), process, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Plumbline is at "):
                return line.removeprefix("Plumbline is at ")
        time.sleep(0.1)
    raise AssertionError(f"the app did not come up:\n{log.read_text()}")
