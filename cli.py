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
from typing import TYPE_CHECKING, Annotated, Any

from rag.privacy import silence_libraries

silence_libraries()

import typer  # noqa: E402  (the switches must be set before any library is imported)

from rag.errors import ConfigError, PlumbError, QuestionError, UsageError  # noqa: E402

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.types import Language

app = typer.Typer(
    name="plumb",
    help="Ask your own documents, and see where every sentence of the answer stands in them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

CollectionOption = Annotated[
    str | None, typer.Option("--collection", "-c", help="The collection's name.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help='Only documents like "department = legal and year >= 2025".'),
]


def _settings(collection: str | None = None, **sections: dict[str, Any]) -> Settings:
    from rag.config import load_settings

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
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="HOST:PORT", help="Let the nodes of a Ray cluster do it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The receipt as JSON.")] = False,
    if_new: Annotated[
        bool, typer.Option("--if-new", help="Do nothing if this was done to the end before.")
    ] = False,
) -> None:
    """Read documents into a collection, or remove them from it."""
    from ingest.command import run_ingest
    from ingest.pipeline import Prune
    from rag.store.folder import collection_folder
    from web.belongings import forget_documents

    if yes and not (prune or watch):
        raise UsageError("--yes goes with --prune or --watch: it lets them remove everything")
    if watch and (remove or if_new):
        raise UsageError("--watch follows folders: give it without --remove and --if-new")
    if ray is not None and (watch or not paths):
        raise UsageError("--ray reads files and folders once: give them, and no --watch")
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
        ray=ray or "",
        forget=lambda ids: forget_documents(settings, settings.collection, list(ids)),
    )
    if if_new and code == 0:
        done.parent.mkdir(parents=True, exist_ok=True)
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
    where: WhereOption = None,
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


@app.command()
def summarise(
    file: Annotated[
        Path | None, typer.Argument(help="A file, in no collection.", metavar="FILE")
    ] = None,
    collection: CollectionOption = None,
    document: Annotated[
        list[str] | None,
        typer.Option("--document", "-d", help="A document of the collection: name, path or id."),
    ] = None,
    section: Annotated[
        str, typer.Option("--section", "-s", help="Only what stands under this heading.")
    ] = "",
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="en or zh; else the document's own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Summarise a file or documents, every sentence with its citations."""
    from ingest.summary_command import run_summarise

    if language not in (None, "en", "zh"):
        raise UsageError(f"--language {language!r} is not known: give en or zh")
    settings = _settings(collection)
    told: Language | None = "en" if language == "en" else "zh" if language == "zh" else None
    code = run_summarise(settings, file, document or [], section, told, as_json=as_json)
    raise typer.Exit(code)


def _checked(question: str) -> str:
    if not question.strip():
        raise QuestionError('the question is empty: ask something, as in plumb ask "Who ...?"')
    return question


@app.command()
def explain(
    question: Annotated[str, typer.Argument(help="The question.")],
    expect: Annotated[str, typer.Option("--expect", help="Text that should have been found.")],
    where: WhereOption = None,
    collection: CollectionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show where a passage was lost: parsing, ranks, choice, prompt, scores."""
    _checked(question)
    from rag.explain import explain_in
    from rag.store import parse_where

    report = explain_in(_settings(collection), question, expect, parse_where(where or []))
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
def migrate(
    to: Annotated[str, typer.Option("--to", help="remote (PostgreSQL and Milvus) or embedded.")],
    name: Annotated[str | None, typer.Argument(help="The collection.")] = None,
    state: Annotated[
        bool,
        typer.Option("--state", help="Users, keys, conversations, feedback and audit log instead."),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it where it was, too.")] = False,
) -> None:
    """Move a collection to PostgreSQL and Milvus, or back, verified row for row; or all else that
    the app keeps."""
    from rag.store.move import Engine, move_collection

    if to not in ("remote", "embedded"):
        raise UsageError(f"--to {to!r} is not known: give remote or embedded")
    engine: Engine = "remote" if to == "remote" else "embedded"
    if (name is None) != state:
        raise UsageError("give either a collection or --state")
    if name is None:
        from web.access.audit import AUDIT
        from web.access.database import ACCESS
        from web.conversations import CONVERSATIONS
        from web.feedback import FEEDBACK
        from web.state.move import move_state

        state_tables = (ACCESS, CONVERSATIONS, FEEDBACK, AUDIT)
        for table, count in move_state(_settings(), state_tables, engine, keep=keep).items():
            print(f"{table}: {count} {'copied' if keep else 'moved'} and compared")
        return
    moved = move_collection(_settings(), name, engine, keep=keep)
    print(
        f"{name}: {moved.documents} documents with {moved.chunks} chunks "
        f"{'copied' if keep else 'moved'} and compared"
    )


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


def _room(name: str) -> Callable[[Callable[[typer.Context], None]], Callable[..., None]]:
    """Register a command whose own commands lie in a room: what follows its name is the room's to
    read. The room is imported when it is entered."""
    return app.command(
        name,
        add_help_option=False,
        options_metavar="COMMAND [ARGS]...",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )


def _enter(room: typer.Typer, context: typer.Context) -> None:
    room(context.args, prog_name=context.command_path)


@_room("models")
def models(context: typer.Context) -> None:
    """List, fetch and verify models."""
    from rag.models.command import app as room

    _enter(room, context)


@_room("collections")
def collections(context: typer.Context) -> None:
    """List, make, rename, check, back up and remove collections."""
    from web.command_collections import app as room

    _enter(room, context)


@_room("eval")
def evaluate(context: typer.Context) -> None:
    """Measure an answering system: data sets, metrics, judges, reports."""
    from eval.command import app as room

    _enter(room, context)


@_room("users")
def users(context: typer.Context) -> None:
    """People who may sign in, and what they may."""
    from web.access.command import users_app as room

    _enter(room, context)


@_room("keys")
def keys(context: typer.Context) -> None:
    """Keys for programs."""
    from web.access.command import keys_app as room

    _enter(room, context)


@_room("audit")
def audit(context: typer.Context) -> None:
    """Who asked, saw and changed what."""
    from web.access.command import audit_app as room

    _enter(room, context)


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
