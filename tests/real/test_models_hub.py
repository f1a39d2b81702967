"""The hub's client against hubs made here: good, silent, refusing, and one that breaks off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from rag.errors import FetchError
from rag.models import hub as hub_module
from rag.models.catalogue import HubFile
from rag.models.hub import HubUnavailable, fetch_hub_file
from rag.models.hub_child import DISK_FULL
from rag.models.progress import silent

DATA = bytes(range(256)) * 4000
FILE = HubFile("owner/tiny", "tiny.gguf")


class Hub(BaseHTTPRequestHandler):
    """Serves DATA, whole or from an offset; `cut` sends so many bytes and then nothing more."""

    cut: ClassVar[int | None] = None
    ranges: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        if self.path != "/owner/tiny/resolve/main/tiny.gguf":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(DATA) - start))
        self.end_headers()
        self.wfile.write(DATA[start : self.cut])
        if self.cut is not None:
            self.wfile.flush()
            time.sleep(30)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    Hub.cut = None
    Hub.ranges.clear()
    yield Hub
    server.shutdown()
    server.server_close()


def test_a_file_comes_whole(hub: type[Hub], tmp_path: Path) -> None:
    told: list[int] = []
    target = tmp_path / "file"
    fetch_hub_file(FILE, target, len(DATA), 30, lambda _, done, total: told.append(done))
    assert target.read_bytes() == DATA


def test_a_part_that_is_there_is_not_fetched_again(hub: type[Hub], tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(DATA[:100_000])
    fetch_hub_file(FILE, target, len(DATA), 30, silent)
    assert target.read_bytes() == DATA
    assert hub.ranges == ["bytes=100000-"]


def test_a_hub_that_breaks_off_is_given_up_after_a_while(
    hub: type[Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_STALL_S", 1.0)
    hub.cut = 50_000
    target = tmp_path / "file"
    with pytest.raises(HubUnavailable, match="nothing more"):
        fetch_hub_file(FILE, target, len(DATA), 30, silent)
    assert target.read_bytes() == DATA[:50_000]


def test_a_refusal_is_told(hub: type[Hub], tmp_path: Path) -> None:
    with pytest.raises(HubUnavailable, match="404"):
        fetch_hub_file(HubFile("owner/other", "x"), tmp_path / "file", 10, 30, silent)


def test_offline_mode_is_respected(
    hub: type[Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubUnavailable, match=r"(?i)offline"):
        fetch_hub_file(FILE, tmp_path / "file", len(DATA), 30, silent)
    assert not hub.ranges


@pytest.mark.parametrize("listens", [True, False])
def test_a_hub_out_of_reach_costs_what_the_setting_says(
    listens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One takes the connection and says nothing; at the other's address nobody listens."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.socket() as silent_hub:
        silent_hub.bind(("127.0.0.1", 0))
        if listens:
            silent_hub.listen()
        port = silent_hub.getsockname()[1]
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        with pytest.raises(HubUnavailable):
            fetch_hub_file(FILE, tmp_path / "file", len(DATA), 5, silent)
        assert time.monotonic() - started < 60


def test_a_full_disk_is_not_taken_for_a_missing_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"import sys; sys.exit({DISK_FULL})")
    monkeypatch.setattr(hub_module, "_CHILD", child)
    with pytest.raises(FetchError, match="is full") as err:
        fetch_hub_file(FILE, tmp_path / "file", 10, 30, silent)
    assert not isinstance(err.value, HubUnavailable)
