"""`plumb collections new`, `rename`, `remove`: with conversations, feedback and rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.command_collections import app
from rag.config import load_settings

__all__ = ["app"]

if TYPE_CHECKING:
    from web.belongings import Belongings

Name = Annotated[str, typer.Argument(help="The collection.")]
NewName = Annotated[str, typer.Argument(help="The new name.", metavar="NEW")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("new")
def new(name: Name) -> None:
    """Make an empty collection for the embedder in the settings."""
    from rag.models.embedder import load_embedder
    from web.belongings import create

    settings = load_settings()
    create(settings, name, load_embedder(settings).info)
    print(f"{name}: made")


@app.command("rename")
def rename(name: Name, new_name: NewName) -> None:
    """Give a collection another name, in conversations, feedback and rights too."""
    from web.belongings import rename as renamed

    renamed(load_settings(), name, new_name)
    print(f"{name}: now {new_name}")


@app.command("remove")
def remove(name: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a collection with its documents' text, vectors and uploads, the answers from it in
    conversations, and the rights by its name (never files that lie elsewhere)."""
    from dataclasses import asdict

    from rag.errors import CollectionError
    from web.belongings import belongings
    from web.belongings import remove as removed

    settings = load_settings()
    try:
        goes = belongings(settings, name)
    except CollectionError:
        goes = None  # a damaged one is to go too
    if not yes:
        typer.confirm(f"{_told(goes)}Delete the collection {name!r}?", abort=True)
    removed(settings, name)
    if as_json:
        told = asdict(goes) if goes else {}
        print(json.dumps({"name": name, "removed": told}, ensure_ascii=False))
    else:
        print(f"{name}: removed")


def _told(goes: Belongings | None) -> str:
    if goes is None:
        return "It cannot be read. "
    return (
        f"With it go {goes.documents} documents ({goes.uploads} of them uploaded, with their "
        f"files), {goes.answers} answers in conversations, {goes.opinions} opinions and "
        f"{goes.rights} rights. "
    )
