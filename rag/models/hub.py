"""Files from the model hub, with a bound on what a hub out of reach may cost.

The transfer runs in a child process (hub_child.py) that is ended when no byte arrives in time.
The child passes on what the user has set for the hub: mirror, token, proxy, offline mode.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rag.errors import FetchError
from rag.models.catalogue import HubFile
from rag.models.disk import disk_full
from rag.models.hub_child import DISK_FULL
from rag.models.progress import Progress

_CHILD = Path(__file__).with_name("hub_child.py")
_STALL_S = 60.0
_POLL_S = 0.1


class HubUnavailable(FetchError):
    """The hub gave nothing in time, or broke off; another source may still serve."""


def fetch_hub_file(
    hub: HubFile, target: Path, total: int, timeout_s: float, progress: Progress
) -> None:
    """Bring `target` to `total` bytes of the hub's file, going on from what it holds.

    Raises HubUnavailable when no new byte came within `timeout_s` seconds, or none for a minute
    later on, or the hub refused; FetchError when the disk is full.
    """
    if _size(target) == total:
        return
    arguments = ["file", hub.repository, hub.filename, str(target)]
    _run(arguments, target, total, timeout_s, progress)
    if _size(target) != total:
        found = _size(target)
        target.unlink(missing_ok=True)
        raise HubUnavailable(f"the hub sent {found} bytes of {hub.filename}, not {total}")


def fetch_hub_repository(
    repository: str, folder: Path, timeout_s: float, progress: Progress
) -> None:
    """Fetch what sentence-transformers needs of `repository` into `folder`; errors as above."""
    _run(["snapshot", repository, str(folder)], folder, 0, timeout_s, progress)


def _run(
    arguments: list[str], target: Path, total: int, timeout_s: float, progress: Progress
) -> None:
    started = time.monotonic()
    # -P keeps this folder, whose modules are not meant to be found there, out of the import path.
    command = [sys.executable, "-P", str(_CHILD), *arguments]
    before = have = _size(target)
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            last_change = started
            while child.poll() is None:
                now, size = time.monotonic(), _size(target)
                if size != have:
                    have, last_change = size, now
                    progress("hub", have, total)
                if have == before and now - started > timeout_s - 2 * _POLL_S:
                    raise HubUnavailable(f"the model hub sent nothing within {timeout_s:g} s")
                if now - last_change > _STALL_S:
                    raise HubUnavailable(f"the model hub sent nothing more for {_STALL_S:g} s")
                time.sleep(_POLL_S)
        finally:
            child.kill()
            child.wait()
        if child.returncode == DISK_FULL:
            raise disk_full(target.parent)
        if child.returncode != 0:
            log.seek(0)
            lines = log.read().decode(errors="replace").split("\n")
            reason = next((line for line in reversed(lines) if line.strip()), "no reason given")
            raise HubUnavailable(f"the model hub cannot be used: {reason.strip()}")


def _size(path: Path) -> int:
    """Bytes in a file, or in all files of a folder; 0 for what is not there."""
    if path.is_dir():
        return sum(_size(file) for file in path.rglob("*") if file.is_file())
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
