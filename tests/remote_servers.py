"""A real PostgreSQL and Milvus Lite, for the tests of `rag.store.remote`.

PostgreSQL does not run as root: it is then started as another user. Both keep to loopback and to a
temporary folder, and can be stopped and started again on the same port.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

PASSWORD = "not a secret"
_SERVER = "Install Debian's postgresql package (make test does), or put initdb on the PATH"


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return found[-1].parent if found else None


def _version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Postgres:
    """A server of its own in a temporary folder, whose user `plumb` has the password PASSWORD."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _other_user() if os.geteuid() == 0 else None
        # Short: a socket's path may have 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        self.port = free_port()
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        told = ["-U", "plumb", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        self._run("initdb", "-D", str(self._data), "-E", "UTF8", "--locale=C", *told)
        self.start()

    @property
    def address(self) -> str:
        """For `store.postgres`."""
        return f"postgresql://plumb@127.0.0.1:{self.port}/postgres"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c fsync=off "
            f"-c unix_socket_directories={self._folder} -c full_page_writes=off"
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    @contextmanager
    def hanging(self, at_most_s: float = 120) -> Iterator[None]:
        """Its processes stand still, as on a machine that swaps: connections stay open. They go on
        after `at_most_s` seconds, so that a test of who waits for ever fails and does not hang."""
        main = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        everyone = [main, *main.children()]

        def go_on() -> None:
            for process in everyone:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

        for process in everyone:
            process.suspend()
        timer = threading.Timer(at_most_s, go_on)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            go_on()

    def close(self) -> None:
        """Stop for good and delete the folder."""
        with suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            capture_output=True,
            cwd=self._folder,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def _other_user() -> pwd.struct_passwd:
    """Debian's package makes a user for the server; anybody else does as well."""
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(f"no user to run PostgreSQL as. {_SERVER}")


class Milvus:
    """Milvus Lite in this process, behind the protocol of a cluster."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="milvus")
        self._running: Any = None
        self.port = free_port()
        self.start()

    @property
    def address(self) -> str:
        """For `store.milvus`."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        server, database, port = start_server_in_thread(self._folder, port=self.port)
        assert port == self.port
        self._running = server, database

    def stop(self) -> None:
        """Refuse all connections."""
        server, database = self._running
        server.stop(grace=0).wait()
        database.close()
        time.sleep(0.05)

    def close(self) -> None:
        """Stop for good and delete the folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
