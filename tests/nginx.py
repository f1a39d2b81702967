"""Debian's nginx with the sample configuration of `deploy/`, for the test of two instances."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.remote_servers import free_port

SAMPLE = Path(__file__).parents[1] / "deploy" / "nginx.conf"
_START_S = 60


def program() -> str | None:
    """The program; None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _configuration(folder: Path, port: int, upstreams: Sequence[str]) -> str:
    sample = SAMPLE.read_text()
    told = {"listen 80;": f"listen 127.0.0.1:{port};"}
    for number, address in enumerate(upstreams, 1):
        told[f"server plumb{number}.example.org:7860 "] = f"server {address} "
    for there, here in told.items():
        assert sample.count(there) == 1, there
        sample = sample.replace(there, here)
    (folder / "plumbline.conf").write_text(sample)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/errors;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/plumbline.conf;\n}}\n"
    )


@contextmanager
def proxy(folder: Path, upstreams: Sequence[str]) -> Iterator[str]:
    """nginx before these (host:port) until the block ends; its address."""
    nginx = program()
    assert nginx is not None
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(_configuration(folder, port, upstreams))
    command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + _START_S
        while not _listens(port):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
