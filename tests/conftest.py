"""Fixtures shared by all tests: every test runs in a temporary home."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from rag.config import Settings
from tests.fakes import FakeEmbedder

# The first example of a test may load a dictionary, and the machine may be busy.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PLUMB_HOME."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("PLUMB_HOME", str(folder))
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """The defaults in the temporary home, with the hub switched off."""
    return Settings.model_validate({"home": home, "hub": {"enabled": False}})


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()
