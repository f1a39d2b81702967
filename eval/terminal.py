"""What the commands share: settings, errors in one sentence, progress bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from rag.config import Settings, load_settings
from rag.errors import PlumbError, UsageError

SYSTEM_KEY = "EVAL_SYSTEM_KEY"
"""Environment variable with the key for the endpoint under test."""
JUDGE_KEY = "EVAL_JUDGE_KEY"
"""Environment variable with the key for the judge's endpoint."""


def settings_for(collection: str | None) -> Settings:
    """The user's settings, with another collection if one is named."""
    return load_settings(overrides={"collection": collection} if collection else None)


@contextmanager
def told_plainly() -> Iterator[None]:
    """A user's error as one sentence on stderr: exit code 2 for what can never work, else 1."""
    try:
        yield
    except PlumbError as err:
        typer.echo(f"error: {err}", err=True)
        raise typer.Exit(2 if isinstance(err, UsageError) else 1) from None


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """One bar with rate and remaining time per step of the work, on stderr."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(name: str, done: int, total: int) -> None:
        if name not in bars:
            bars[name] = tqdm(total=total, desc=name, unit="q", mininterval=0.5)
        bars[name].update(done - bars[name].n)
        if done >= total:
            bars[name].close()

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()
