"""`plumb`: the command line. Each command reads the settings, calls one room, prints the result.

Knows how to talk to a terminal and nothing else. Exit codes: 0 done, 1 something failed,
2 wrong usage. Rooms are imported inside the commands, so that `plumb --help` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from rag.privacy import silence_libraries

silence_libraries()

import typer  # noqa: E402  (the switches must be set before any library is imported)

from eval.command import app as eval_app  # noqa: E402
from rag.config import Settings, load_settings  # noqa: E402
from rag.errors import ConfigError, PlumbError, QuestionError, UsageError  # noqa: E402
from web.access.command import audit_app, keys_app, users_app  # noqa: E402

app = typer.Typer(
    name="plumb",
    help="Ask your own documents, and see where every sentence of the answer stands in them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
models_app = typer.Typer(help="List, fetch and verify models.", no_args_is_help=True)
collections_app = typer.Typer(
    help="List, show, check and remove collections.", no_args_is_help=True
)
app.add_typer(models_app, name="models")
app.add_typer(collections_app, name="collections")
app.add_typer(eval_app, name="eval")
app.add_typer(users_app, name="users")
app.add_typer(keys_app, name="keys")
app.add_typer(audit_app, name="audit")

CollectionOption = Annotated[
    str | None, typer.Option("--collection", "-c", help="The collection's name.")
]


def _settings(collection: str | None = None, **sections: dict[str, Any]) -> Settings:
    overrides: dict[str, Any] = dict(sections)
    if collection is not None:
        overrides["collection"] = collection
    return load_settings(overrides=overrides)


@app.command()
def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.")] = None,
    collection: CollectionOption = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", help="Remove this document (path, name or id).")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", help="Pass over what matches, as in a .gitignore."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what is no longer in the folders.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="With --prune or --watch: even if that is everything."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Follow the folders until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The receipt as JSON.")] = False,
    if_new: Annotated[
        bool, typer.Option("--if-new", help="Do nothing if this was done to the end before.")
    ] = False,
) -> None:
    """Read documents into a collection, or remove them from it."""
    from ingest.command import run_ingest
    from ingest.pipeline import Prune
    from rag.store.folder import collection_folder
    from web.conversations import forget_documents

    if yes and not (prune or watch):
        raise UsageError("--yes goes with --prune or --watch: it lets them remove everything")
    if watch and (remove or if_new):
        raise UsageError("--watch follows folders: give it without --remove and --if-new")
    settings = _settings(collection)
    # Written last, so that a first reading that was cut short is taken up again, while a document
    # that the user removed since does not come back.
    done = collection_folder(settings, settings.collection) / "read-once"
    if if_new and done.exists():
        return
    pruning: Prune = ("all" if yes else "yes") if prune or watch else "no"
    code = run_ingest(
        settings,
        paths or [],
        remove or [],
        as_json=as_json,
        prune=pruning,
        ignore=ignore or [],
        watch=watch,
        forget=lambda ids: forget_documents(settings, ids),
    )
    if if_new and code == 0:
        done.touch()
    raise typer.Exit(code)


@app.command()
def text(
    path: Annotated[Path, typer.Argument(help="The file.", metavar="FILE")],
) -> None:
    """Show what is read of a file, page by page, and on stderr what is not."""
    from ingest.reading import print_text

    raise typer.Exit(print_text(_settings(), path))


@app.command()
def page(
    path: Annotated[Path, typer.Argument(help="The file.", metavar="FILE")],
    number: Annotated[int, typer.Argument(help="The page, counted from 1.", metavar="N", min=1)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG file to write.")],
    mark: Annotated[
        list[str] | None, typer.Option("--mark", help="A quote to mark; may be given repeatedly.")
    ] = None,
) -> None:
    """Draw a page of a file as a picture, with quotes marked on it."""
    from ingest.pictures.command import draw_page

    raise typer.Exit(draw_page(_settings(), path, number, mark or [], output))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    collection: CollectionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an answer.")] = False,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            help='JSON Lines with "question" and optionally "id" and "history"; '
            "answers come as one JSON object a line.",
        ),
    ] = None,
    as_text: Annotated[
        bool, typer.Option("--text", help="With --questions: answers to read, not JSON.")
    ] = False,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help='Only documents like "department = legal and year >= 2025".'),
    ] = None,
) -> None:
    """Ask the collection; the answer streams in, its sources follow."""
    if (question is None) == (questions is None):
        raise UsageError("give either a question or --questions FILE, not both and not neither")
    from rag.command import AskedLine, ask_all, print_json, print_text, read_questions
    from rag.pipeline import open_answerer
    from rag.store import parse_where

    settings = _settings(collection)
    wanted = parse_where(where or [])
    if questions is not None:
        asked = [replace(line, where=line.where or wanted) for line in read_questions(questions)]
        with open_answerer(settings) as answerer:
            fine = ask_all(answerer, asked, print_text if as_text else print_json)
        raise typer.Exit(0 if fine else 1)
    text = _checked(question or "")
    with open_answerer(settings) as answerer:
        (print_json if as_json else print_text)(answerer, AskedLine(text, where=wanted))


def _checked(question: str) -> str:
    if not question.strip():
        raise QuestionError('the question is empty: ask something, as in plumb ask "Who ...?"')
    return question


@app.command()
def explain(
    question: Annotated[str, typer.Argument(help="The question.")],
    expect: Annotated[str, typer.Option("--expect", help="Text that should have been found.")],
    collection: CollectionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show where a passage was lost: parsing, ranks, choice, prompt, scores."""
    _checked(question)
    from rag.explain import explain_in

    report = explain_in(_settings(collection), question, expect)
    print(json.dumps(report.to_json(), ensure_ascii=False) if as_json else report.text())


@app.command()
def serve(
    collection: CollectionOption = None,
    host: Annotated[str | None, typer.Option(help="Address; loopback by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; the next free one if taken.")] = None,
) -> None:
    """The web page and the HTTP API in one process."""
    server = {
        key: value for key, value in {"host": host, "port": port}.items() if value is not None
    }
    from app import serve as serve_app

    serve_app(_settings(collection, server=server))


@app.command()
def mcp(collection: CollectionOption = None) -> None:
    """Serve the tools of the Model Context Protocol over stdio: a host such as Claude Desktop
    starts this."""
    from app import serve_mcp

    serve_mcp(_settings(collection))


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Look for what is wrong on this machine, and say which command mends it."""
    from web.doctor import Finding, all_well, examine

    try:
        findings = list(examine(_settings()))
    except ConfigError as err:
        findings = [Finding("settings", "wrong", str(err), "see docs/settings.md")]
    if as_json:
        print(json.dumps([finding.to_json() for finding in findings], ensure_ascii=False))
    else:
        print(*findings, sep="\n")
    raise typer.Exit(0 if all_well(findings) else 1)


@models_app.command("list")
def models_list(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The catalogue, and what of it is here."""
    from rag.models import list_models

    rows = list_models(_settings())
    if as_json:
        print(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        print(row)


@models_app.command("pull")
def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Catalogue names; those in the settings if none.")
    ] = None,
) -> None:
    """Fetch models, check their digests, and put them in place. Does nothing for those here."""
    from rag.models import CATALOGUE, pull, wanted_models
    from rag.models.generator import prepare_generator
    from rag.models.progress import terminal_progress

    settings = _settings()
    for name in names or wanted_models(settings):
        with terminal_progress(name) as progress:
            path = pull(settings, name, progress)
            if name in CATALOGUE and CATALOGUE[name].kind == "generator":
                prepare_generator(settings, name, progress)
        print(f"{name}: {path}")


@models_app.command("verify")
def models_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Catalogue names; all if none.")] = None,
) -> None:
    """Read the models that are here again and compare their digests."""
    from rag.models import list_models, verify

    settings = _settings()
    here = [row.name for row in list_models(settings) if row.path is not None]
    _each(names or here, lambda name: f"{name}: {verify(settings, name)}")


@models_app.command("path")
def models_path(name: Annotated[str, typer.Argument(help="A catalogue name.")]) -> None:
    """Where a model lies."""
    from rag.models import model_path

    print(model_path(_settings(), name))


@collections_app.command("list")
def collections_list(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """All collections."""
    from rag.store import Collection, list_collections

    settings = _settings()
    rows: list[dict[str, Any]] = []
    for name in list_collections(settings):
        with Collection.open(settings, name) as collection:
            documents = collection.documents()
            rows.append(
                {
                    "name": name,
                    "documents": len(documents),
                    "chunks": sum(document.chunks for document in documents),
                    "embedder": collection.info.name,
                }
            )
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        counts = f"{row['documents']} documents\t{row['chunks']} chunks"
        print(f"{row['name']}\t{counts}\t{row['embedder']}")
    if not rows:
        print("No collections yet: make one with plumb ingest PATH")


@collections_app.command("show")
def collections_show(
    name: Annotated[str, typer.Argument(help="The collection.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The documents of a collection."""
    from dataclasses import asdict

    from rag.store import Collection

    with Collection.open(_settings(name), name) as collection:
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


@collections_app.command("remove")
def collections_remove(
    name: Annotated[str, typer.Argument(help="The collection.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a collection with all its documents' text and vectors (never the files themselves)."""
    from rag.store import remove_collection

    settings = _settings(name)
    if not yes:
        typer.confirm(f"Delete the collection {name!r}?", abort=True)
    remove_collection(settings, name)
    print(f"{name}: removed")


@collections_app.command("verify-removed")
def collections_verify_removed(
    file: Annotated[str, typer.Argument(help="The file, or its SHA-256.", metavar="FILE")],
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="This collection only, not the whole home."),
    ] = None,
) -> None:
    """Prove that nothing is left of a removed document, by searching all that is kept."""
    from ingest.verify import tell, verify_removed

    verdict = verify_removed(_settings(), file, collection)
    print(tell(verdict))
    raise typer.Exit(1 if verdict.traces else 0)


@collections_app.command("backup")
def collections_backup(
    name: Annotated[str, typer.Argument(help="The collection.")],
    file: Annotated[Path, typer.Argument(help="The file to make.", metavar="FILE")],
) -> None:
    """Write a collection to one file, while others read and write it."""
    from rag.store.backup import back_up

    made = back_up(_settings(name), name, file.expanduser())
    print(f"{name}: {made.documents} documents and {made.files} uploaded files in {file}")


@collections_app.command("restore")
def collections_restore(
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    name: Annotated[
        str | None, typer.Option("--name", help="The collection's name; that of the backup.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="In the place of the collection there is.")
    ] = False,
) -> None:
    """Make a collection from a backup."""
    from rag.store.backup import restore

    made = restore(_settings(), file.expanduser(), name, replace=yes)
    print(f"{made.name}: {made.documents} documents and {made.files} uploaded files restored")


@collections_app.command("check")
def collections_check(
    names: Annotated[list[str] | None, typer.Argument(help="Collections; all if none.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
) -> None:
    """Look for damage and older formats; mend them with --repair."""
    from rag.store import list_collections
    from rag.store.check import check_collection

    settings = _settings()
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


def main() -> None:
    """Run a command; turn every error that is the user's to mend into one line and a code.

    Typer itself ends wrong usage with 2, and what Ctrl-C stops with 1.
    """
    try:
        app()
    except UsageError as err:
        sys.exit(_complain(str(err), 2))
    except PlumbError as err:
        sys.exit(_complain(str(err), 1))


def _complain(message: str, code: int) -> int:
    print(f"plumb: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
