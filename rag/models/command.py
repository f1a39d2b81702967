"""`plumb models`: the catalogue, and what of it is on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from rag.config import load_settings
from rag.errors import PlumbError
from rag.models import CATALOGUE, list_models, model_path, pull, verify, wanted_models

app = typer.Typer(
    help="List, fetch and verify models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The catalogue, and what of it is here."""
    rows = list_models(load_settings())
    if as_json:
        print(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        print(row)


@app.command("pull")
def pull_all(
    names: Annotated[
        list[str] | None, typer.Argument(help="Catalogue names; those in the settings if none.")
    ] = None,
) -> None:
    """Fetch models, check their digests, and put them in place. Does nothing for those here."""
    from rag.models.generator import prepare_generator
    from rag.models.progress import terminal_progress

    settings = load_settings()
    for name in names or wanted_models(settings):
        with terminal_progress(name) as progress:
            path = pull(settings, name, progress)
            if name in CATALOGUE and CATALOGUE[name].kind == "generator":
                prepare_generator(settings, name, progress)
        print(f"{name}: {path}")


@app.command("verify")
def verify_all(
    names: Annotated[list[str] | None, typer.Argument(help="Catalogue names; all if none.")] = None,
) -> None:
    """Read the models that are here again and compare their digests."""
    settings = load_settings()
    here = [row.name for row in list_models(settings) if row.path is not None]
    _each(names or here, lambda name: f"{name}: {verify(settings, name)}")


@app.command("path")
def path_of(name: Annotated[str, typer.Argument(help="A catalogue name.")]) -> None:
    """Where a model lies."""
    print(model_path(load_settings(), name))


def _each(names: list[str], act: Callable[[str], object]) -> None:
    """Act on every name; one that fails is reported and the others go on."""
    failed = False
    for name in names:
        try:
            print(act(name))
        except PlumbError as err:
            failed = True
            print(f"plumb: {err}", file=sys.stderr)
    raise typer.Exit(1 if failed else 0)
