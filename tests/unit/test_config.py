from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import CheckingSettings, Settings, load_settings
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
        ({"PLUMB_COLOUR__SHADE": "red"}, "'colour.shade'"),
        ({"PLUMB_RETRIEVAL__COLOUR": "red"}, "'retrieval.colour'"),
        ({"PLUMB_ANSWERING__SCORER": "hhem"}, r"'answering\.scorer'"),
        ({"PLUMB_CHECKING__VERIFY": "perhaps"}, r"checking\.verify"),
        ({"PLUMB_CHECKING__ASK_MODEL": "always"}, r"checking\.ask_model"),
        ({"PLUMB_CHECKING__SCORER": ""}, r"checking\.scorer"),
        ({"PLUMB_ANSWERING__MIN_CONFIDENCE": "1.5"}, r"answering\.min_confidence"),
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


def test_settings_made_directly_read_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLUMB_HOME", str(tmp_path))
    monkeypatch.setenv("PLUMB_COLLECTION", "reports")
    made = Settings(home=tmp_path)
    assert made.collection == "default"
    assert load_settings({"PLUMB_HOME": str(tmp_path)}) == made
    assert load_settings().collection == "reports"


SECTIONS = [
    name
    for name, field in Settings.model_fields.items()
    if hasattr(field.annotation, "model_fields")
]


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_of_any_section_is_refused(
    section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plumb.toml").write_text(f"[{section}]\nreread = true\n")
    with pytest.raises(ConfigError, match=rf"unknown setting '{section}\.reread'"):
        load_settings({"PLUMB_HOME": str(tmp_path)})


def test_checking_is_all_on_by_default_and_each_is_switched_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    defaults = load_settings({"PLUMB_HOME": str(tmp_path)}).checking
    assert defaults == CheckingSettings(
        verify=True, scorer="plumbline", numbers=True, negation=True, conflicts=True,
        ask_model="auto",
    )  # fmt: skip
    for name in ("verify", "numbers", "negation", "conflicts"):
        variable = {"PLUMB_HOME": str(tmp_path), f"PLUMB_CHECKING__{name.upper()}": "false"}
        changed = load_settings(variable).checking
        assert changed == defaults.model_copy(update={name: False})


def test_settings_cannot_be_changed(settings: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.checking.verify = False  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.collection = "other"  # type: ignore[misc]
