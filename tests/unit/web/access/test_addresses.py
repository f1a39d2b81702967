"""Addresses that a user may give in any place: none of them is ever asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.loaders import load
from rag.errors import DocumentError
from tests.unit.web.access.test_every_route import (  # noqa: F401  (fixtures)
    SECRET,
    Shelves,
    app,
    backend,
    called,
    client,
    cookies,
    home,
    shelf,
)
from web.access.door import COOKIE

HOST = "metadata.evil.example"
ADDRESSES = (f"http://{HOST}/latest", f"https://127.0.0.1:1@{HOST}/", f"file://{HOST}/etc/passwd")
_asked: list[str] = []
_hooked: list[bool] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.connect", "socket.gethostbyname"):
        _asked.append(f"{event} {arguments}")


@pytest.fixture(autouse=True)
def asked(client: TestClient) -> Iterator[list[str]]:  # noqa: F811
    """What Python's sockets were asked for, which has to be nothing with HOST in it."""
    if not _hooked:
        sys.addaudithook(_listen)  # there is no way to take one away
        _hooked.append(True)
    _asked.clear()
    yield _asked
    assert not [one for one in _asked if HOST in one]


def post(client: TestClient, cookie: str, path: str, **more: Any) -> Any:  # noqa: F811
    client.cookies.clear()
    return client.post(path, headers={"cookie": f"{COOKIE}={cookie}"}, **more)


@pytest.mark.parametrize("address", ADDRESSES)
def test_openais_routes_ask_no_address(
    client: TestClient,  # noqa: F811
    cookies: dict[str, str],  # noqa: F811
    address: str,
) -> None:
    text: dict[str, Any] = {"type": "text", "text": "What is planned?"}
    picture: dict[str, Any] = {"type": "image_url", "image_url": {"url": address}}
    before: dict[str, Any] = {"role": "user", "content": [text, picture]}
    for messages in ([before], [before, {"role": "assistant", "content": "?"}, before]):
        body: dict[str, Any] = {"model": SECRET, "messages": messages}
        assert post(client, cookies["reader"], "/v1/chat/completions", json=body).status_code < 500
    for part in (
        {"type": "input_image", "image_url": address},
        {"type": "input_file", "file_url": address},
    ):
        given = [{"role": "user", "content": [{"type": "input_text", "text": "?"}, part]}]
        body = {"model": SECRET, "input": given}
        assert post(client, cookies["reader"], "/v1/responses", json=body).status_code < 500


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_asks_no_address(
    client: TestClient,  # noqa: F811
    cookies: dict[str, str],  # noqa: F811
    address: str,
    backend: Shelves,  # noqa: F811
) -> None:
    """Gradio takes files by address from whoever calls an event by hand."""
    backend.held = shelf()
    headers = {"cookie": f"{COOKIE}={cookies['admin']}"}
    config = client.get("/config", headers=headers).json()
    kinds = {part["id"]: part["type"] for part in config["components"]}
    file = {"path": address, "url": address, "meta": {"_type": "gradio.FileData"}}
    session = f"files-{ADDRESSES.index(address)}"
    for function in config["dependencies"]:
        if function["backend_fn"]:
            data = [[file] if kinds.get(p) == "file" else file for p in function["inputs"]]
            body = {"fn_index": function["id"], "data": data, "session_hash": session}
            joined = post(client, cookies["admin"], "/gradio_api/queue/join", json=body)
            assert joined.status_code == (400 if address.startswith("http") else 200)
            if joined.status_code == 400:
                continue
            query = {"session_hash": session}
            client.get("/gradio_api/queue/data", params=query, headers=headers)
    for path in (f"/gradio_api/file={address}", f"/gradio_api/proxy={address}"):
        assert client.get(path, headers=headers).status_code in (400, 401, 403, 404, 422)


@pytest.mark.parametrize("address", ADDRESSES)
def test_mcp_asks_no_address(
    client: TestClient,  # noqa: F811
    cookies: dict[str, str],  # noqa: F811
    address: str,
) -> None:
    assert "error" in called(client, cookies["reader"], "resources/read", {"uri": address})
    for name, argument in (("read_passage", "document"), ("search", "collection")):
        call = {"name": name, "arguments": {"query": "x", "collection": SECRET, argument: address}}
        assert "rror" in called(client, cookies["reader"], "tools/call", call)


@pytest.mark.parametrize("address", ADDRESSES)
def test_documents_fetch_nothing(tmp_path: Path, address: str) -> None:
    html = (
        f'<html><head><base href="{address}"><link rel="stylesheet" href="{address}">'
        f'<meta http-equiv="refresh" content="0;url={address}"></head><body><img src="{address}">'
        f'<iframe src="{address}"></iframe><object data="{address}"></object><p>Text.</p></body>'
    )
    markdown = f"# Title\n\n![picture]({address}) [link]({address})\n\n<img src='{address}'>\n"
    rst = f"Title\n=====\n\n.. image:: {address}\n\n.. include:: {address}\n\nText.\n"
    entity = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{address}">]><x>&e;</x>'
    for name, text in (("a.html", html), ("a.md", markdown), ("a.rst", rst), ("b.html", entity)):
        (path := tmp_path / name).write_text(text, encoding="utf-8")
        with suppress(DocumentError):
            load(path)
