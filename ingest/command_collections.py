"""`plumb collections`: list, show, check and back up collections.

`web/command_collections.py` adds what changes conversations and rights too. What only one of the
commands needs is imported in it, so that listing is quick.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.config import load_settings
from rag.errors import PlumbError

app = typer.Typer(
    help="List, make, rename, check, back up and remove collections.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """All collections."""
    from rag.store import list_collections, summarise

    settings = load_settings()
    rows = [summarise(settings, name) for name in list_collections(settings)]
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.name}\t{row.documents} documents\t{row.chunks} chunks\t{row.embedder}")
    if not rows:
        print("No collections yet: make one with plumb ingest PATH")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The collection.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The documents of a collection."""
    from rag.store import Collection

    with Collection.open(load_settings(), name) as collection:
        documents = collection.documents()
        places = collection.places()
    if as_json:
        print(json.dumps([asdict(row) for row in documents], ensure_ascii=False))
        return
    for row in documents:
        line = f"{row.name}\t{row.pages} pages\t{row.chunks} chunks\t{row.added_at}\t{row.path}"
        said = ", ".join(f"{name} = {value}" for name, value in row.metadata.items())
        print(f"{line}\t{said}" if said else line)
        for place in (place for place in places if place.document_id == row.document_id):
            if place.path != row.path:
                print(f"\tthe same content: {place.path}")


@app.command("verify-removed")
def verify_removed(
    file: Annotated[str, typer.Argument(help="The file, or its SHA-256.", metavar="FILE")],
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="This collection only, not the whole home."),
    ] = None,
) -> None:
    """Prove that nothing is left of a removed document, by searching all that is kept."""
    from ingest.verify import tell, verify_removed

    verdict = verify_removed(load_settings(), file, collection)
    print(tell(verdict))
    raise typer.Exit(1 if verdict.traces else 0)


@app.command("backup")
def backup(
    name: Annotated[str, typer.Argument(help="The collection.")],
    file: Annotated[Path, typer.Argument(help="The file to make.", metavar="FILE")],
) -> None:
    """Write a collection to one file, while others read and write it."""
    from rag.store.engines import back_up

    made = back_up(load_settings(), name, file.expanduser())
    print(f"{name}: {made.documents} documents and {made.files} uploaded files in {file}")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    name: Annotated[
        str | None, typer.Option("--name", help="The collection's name; that of the backup.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="In the place of the collection there is.")
    ] = False,
) -> None:
    """Make a collection from a backup."""
    from rag.store.engines import restore

    made = restore(load_settings(), file.expanduser(), name, replace=yes)
    print(f"{made.name}: {made.documents} documents and {made.files} uploaded files restored")


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Collections; all if none.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
) -> None:
    """Look for damage and older formats; mend them with --repair."""
    from rag.store import check_collection, list_collections

    settings = load_settings()
    fine = True
    for name in names or list_collections(settings):
        try:
            findings = check_collection(settings, name, repair=repair)
        except PlumbError as err:
            fine = False
            print(f"plumb: {err}", file=sys.stderr)
            continue
        for finding in findings:
            print(f"{name}\t{'mended' if finding.mended else 'wrong'}\t{finding.text}")
        if not findings:
            print(f"{name}\tall is well")
        fine = fine and all(finding.mended for finding in findings)
    raise typer.Exit(0 if fine else 1)
