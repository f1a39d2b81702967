from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import load_settings
from rag.errors import ConfigError


def test_defaults_need_neither_file_nor_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"PLUMB_HOME": str(tmp_path)})
    assert settings.home_dir == tmp_path
    assert settings.server.host == "127.0.0.1"


def test_environment_beats_file_and_overrides_beat_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plumb.toml").write_text("[retrieval]\nk = 7\ncandidates = 20\n")
    env = {"PLUMB_HOME": str(tmp_path), "PLUMB_RETRIEVAL__CANDIDATES": "30"}
    settings = load_settings(env, {"retrieval": {"reranker": "folder"}})
    assert settings.retrieval.k == 7
    assert settings.retrieval.candidates == 30
    assert settings.retrieval.reranker == "folder"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"PLUMB_COLOUR": "red"}, "'colour'"),
        ({"PLUMB_RETRIEVAL__K": "many"}, "retrieval.k"),
        ({"PLUMB_RETRIEVAL__K": "0"}, "retrieval.k"),
        ({"PLUMB_CONFIG": "/nowhere/plumb.toml"}, "/nowhere/plumb.toml"),
    ],
)
def test_a_wrong_setting_is_named(
    env: dict[str, str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=named):
        load_settings({"PLUMB_HOME": str(tmp_path), **env})


def test_a_broken_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plumb.toml").write_text("k = = 1")
    with pytest.raises(ConfigError, match=r"plumb\.toml cannot be read as TOML"):
        load_settings({"PLUMB_HOME": str(tmp_path)})


def test_keys_stay_out_of_messages_and_reprs(tmp_path: Path) -> None:
    env = {"PLUMB_HOME": str(tmp_path), "PLUMB_SERVER__API_KEY": "hunter2"}
    assert "hunter2" not in repr(load_settings(env))
