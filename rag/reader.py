"""Where the scorers get the trained encoder from, if this installation has its base weights."""

from __future__ import annotations

from rag.combination import ADAPTER
from rag.config import Settings
from rag.crossinput import PairReader

BASE = "multilingual-e5-small"
"""Catalogue name of the base: needed whichever embedder is configured."""


def open_reader(settings: Settings) -> PairReader | None:
    """The encoder over the installed base, loaded once a process; None without the base.

    Raises ModelError if base and adapter do not fit together.
    """
    folder = settings.models_dir / BASE
    if not (folder / "model.safetensors").is_file() or not ADAPTER.is_file():
        return None
    from rag.crossencoder import load_once

    return load_once(folder, ADAPTER, settings.embedder.dtype)
