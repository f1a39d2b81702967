from __future__ import annotations

import socket
from pathlib import Path

import pytest

import app
from rag.config import Settings
from rag.errors import ConfigError
from web.listen import bind, check_address, url_of


def serving(host: str, key: str | None = None) -> Settings:
    return Settings.model_validate({"server": {"host": host, "api_key": key}})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_key(host: str) -> None:
    check_address(serving(host))


@pytest.mark.parametrize("key", [None, ""])
def test_another_address_needs_a_key(key: str | None) -> None:
    with pytest.raises(ConfigError, match=r"server\.api_key"):
        check_address(serving("0.0.0.0", key))
    check_address(serving("0.0.0.0", "secret"))


def test_a_taken_port_gives_way_to_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with bind("127.0.0.1", port) as other:
            assert other.getsockname()[1] > port
            assert f"Port {port} is taken" in capsys.readouterr().out


def test_a_free_port_is_taken_silently(capsys: pytest.CaptureFixture[str]) -> None:
    with bind("127.0.0.1", 0) as sock:
        assert url_of(sock) == f"http://127.0.0.1:{sock.getsockname()[1]}"
    assert capsys.readouterr().out == ""


def test_an_address_that_is_not_ours_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0)
    with pytest.raises(ConfigError, match="no-such-host"):
        bind("no-such-host.invalid", 0)


def test_ipv6_addresses_are_bracketed() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        sock = bind("::1", 0)
    except ConfigError:
        pytest.skip("this machine has no IPv6 loopback")
    with sock:
        assert url_of(sock).startswith("http://[::1]:")


def test_an_open_address_without_a_key_ends_with_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PLUMB_SERVER__API_KEY", raising=False)
    assert app.main(["--host", "0.0.0.0"]) == 2
    assert "server.api_key" in capsys.readouterr().err


def test_a_bad_port_ends_with_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--port", "70000"]) == 2
    assert "server.port" in capsys.readouterr().err
