"""Real models in a temporary home: the models folder is the user's own, nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.config import Settings, load_settings

SMALL_GENERATOR = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture(scope="session")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary PLUMB_HOME whose `models` is a link to the models that `make` fetched."""
    home = tmp_path_factory.mktemp("plumb-home")
    (home / "models").symlink_to(load_settings().models_dir, target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def real_settings(real_home: Path) -> Settings:
    """The defaults with the small generator, in the temporary home."""
    return Settings.model_validate(
        {
            "home": real_home,
            "generator": {"model": SMALL_GENERATOR},
            "hub": {"enabled": False},
        }
    )


@pytest.fixture(scope="session")
def real_environ(real_home: Path) -> dict[str, str]:
    """The environment for a subprocess that should see `real_settings`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLUMB_")}
    return {
        **kept,
        "PLUMB_HOME": str(real_home),
        "PLUMB_GENERATOR__MODEL": SMALL_GENERATOR,
        "PLUMB_HUB__ENABLED": "false",
    }
