"""`plumb users`, `plumb keys` and `plumb audit`: who may use this home, and who did what."""

from __future__ import annotations

import csv
import getpass
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from rag.config import load_settings
from rag.errors import UsageError
from web.access.audit import Audit, Entry
from web.access.identity import EVERYTHING, OWNER, ROLES, Role
from web.access.store import AccessStore
from web.state import kept_in


def _room(text: str) -> typer.Typer:
    return typer.Typer(
        help=text,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )


users_app = _room("People who may sign in, and what they may.")
keys_app = _room("Keys for programs.")
audit_app = _room("Who asked, saw and changed what.")
audit_app.callback()(lambda: None)  # or Typer would make its one command nameless

Groups = Annotated[list[str] | None, typer.Option("--group", help="May be given several times.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@contextmanager
def _opened(action: str = "", about: str = "") -> Iterator[AccessStore]:
    """The home's users and keys; an action that succeeds goes into the audit log."""
    settings = load_settings()
    store = AccessStore(kept_in(settings))
    try:
        yield store
    finally:
        store.close()
    if action:
        audit = Audit(kept_in(settings), settings.audit)
        audit.note(OWNER, action, via="command", outcome=about)
        audit.close()


@users_app.command("add")
def users_add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    group: Groups = None,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything.")] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Add a person, who may nothing until something is granted."""
    with _opened("users add", name) as store:
        store.users.add(name, _password(password_stdin), group or [])
        if admin:
            store.users.grant(name, EVERYTHING, "admin")
    print(f"{name}: added")
    if not admin and not group:
        print(f"Grant something next: plumb users grant {name} COLLECTION reader")


@users_app.command("list")
def users_list(as_json: AsJson = False) -> None:
    """Everyone, with groups and grants."""
    with _opened() as store:
        users, groups = store.users.all(), store.users.group_grants()
    if as_json:
        people = [asdict(user) for user in users]
        print(json.dumps({"users": people, "groups": groups}, ensure_ascii=False))
        return
    for user in users:
        teams = " ".join(f"@{team}" for team in user.groups) or "-"
        print(f"{user.name}\t{teams}\t{_told(user.grants)}")
    for team, grants in groups.items():
        print(f"{team}\t-\t{_told(grants)}")
    if not users:
        print("No users yet: add one with plumb users add NAME")


@users_app.command("remove")
def users_remove(name: Annotated[str, typer.Argument(help="The user.")]) -> None:
    """Take a person out, with their grants, keys, sessions and conversations."""
    from web.conversations import Conversations

    with _opened("users remove", name) as store:
        store.users.remove(name)
    conversations = Conversations(kept_in(load_settings()))
    conversations.remove_all(f"user:{name}")
    conversations.close()
    print(f"{name}: removed")


@users_app.command("passwd")
def users_passwd(
    name: Annotated[str, typer.Argument(help="The user.")], password_stdin: FromStdin = False
) -> None:
    """Set a new password, which ends the person's sessions."""
    with _opened("users passwd", name) as store:
        store.users.require(name)
        store.users.set_password(name, _password(password_stdin))
    print(f"{name}: password changed")


@users_app.command("grant")
def users_grant(
    holder: Annotated[str, typer.Argument(help="A user, or @GROUP.", metavar="NAME")],
    collection: Annotated[str, typer.Argument(help="A collection, or '*' for all.")],
    role: Annotated[str, typer.Argument(help="reader, editor, admin, or none to take it away.")],
) -> None:
    """Say what a person or a group may do in a collection."""
    wanted = None if role == "none" else _role(role)
    with _opened("users grant", f"{holder} {collection} {role}") as store:
        store.users.grant(holder, collection, wanted)
    print(f"{holder}: {role} in {collection}")


@users_app.command("groups")
def users_groups(
    name: Annotated[str, typer.Argument(help="The user.")],
    group: Annotated[list[str] | None, typer.Argument(help="All the groups.")] = None,
) -> None:
    """Put a person into exactly these groups."""
    with _opened("users groups", f"{name} {' '.join(group or [])}") as store:
        store.users.set_groups(name, group or [])
    print(f"{name}: {' '.join(group or []) or 'in no group'}")


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    collection: Annotated[
        list[str] | None, typer.Option("--collection", "-c", help="All collections if none.")
    ] = None,
    role: Annotated[str, typer.Option(help="reader, editor or admin.")] = "reader",
    user: Annotated[
        str | None, typer.Option(help="Whose key it is: it may no more than they may.")
    ] = None,
    days: Annotated[float, typer.Option(min=0, help="How long it is valid; 0 for ever.")] = 90,
) -> None:
    """Make a key; it is shown this once."""
    scope = dict.fromkeys(collection or [EVERYTHING], _role(role))
    with _opened("keys create", name) as store:
        key, secret = store.keys.create(name, scope, user, days or None)
    print(secret)
    until = "for ever" if key.expires_at is None else f"until {_day(key.expires_at)}"
    told = f"Key {key.key_id}, valid {until}: {_told(key.scope)}. Keep it; it is not shown again."
    print(told, file=sys.stderr)


@keys_app.command("list")
def keys_list(as_json: AsJson = False) -> None:
    """All keys, without their secrets."""
    with _opened() as store:
        keys = store.keys.all()
    now = time.time()
    if as_json:
        rows = [{**asdict(key), "state": key.state(now)} for key in keys]
        print(json.dumps(rows, ensure_ascii=False))
        return
    for key in keys:
        until = "for ever" if key.expires_at is None else f"until {_day(key.expires_at)}"
        print(
            f"{key.key_id}\t{key.name}\t{key.owner or '-'}\t{key.state(now)}\t{until}\t"
            f"{_told(key.scope)}"
        )
    if not keys:
        print("No keys yet: make one with plumb keys create NAME")


@keys_app.command("revoke")
def keys_revoke(
    key_id: Annotated[str, typer.Argument(help="As `plumb keys list` has it.")],
) -> None:
    """Make a key worthless from now on."""
    with _opened("keys revoke", key_id) as store:
        store.keys.revoke(key_id)
    print(f"{key_id}: revoked")


@audit_app.command("export")
def audit_export(
    since: Annotated[str | None, typer.Option(help="A day, as 2026-11-30, in UTC.")] = None,
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format")] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="A file; standard output if none.")] = None,
) -> None:
    """Write the log, the oldest entry first."""
    settings = load_settings()
    audit = Audit(kept_in(settings), settings.audit)
    entries = audit.entries(_since(since))
    try:
        target = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
    except OSError as err:
        raise UsageError(f"{out} cannot be written: {err.strerror}") from None
    try:
        if form == "csv":
            table = csv.writer(target)
            table.writerow(field.name for field in fields(Entry))
            table.writerows(_cells(entry) for entry in entries)
        else:
            target.writelines(f"{entry.line()}\n" for entry in entries)
    finally:
        if out:
            target.close()
        audit.close()


def _cells(entry: Entry) -> list[str]:
    values = {**asdict(entry), "documents": " ".join(entry.documents)}
    # A spreadsheet takes what begins so for a formula.
    return [
        f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
        for text in (str(value) if value is not None else "" for value in values.values())
    ]


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Again: ")
    except EOFError:
        raise UsageError("there is no terminal to ask: use --password-stdin") from None
    if password != again:
        raise UsageError("the two passwords differ")
    return password


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise UsageError(f"{name!r} is no role: use {', '.join(ROLES)}")


def _told(grants: Mapping[str, Role]) -> str:
    return " ".join(f"{name}={role}" for name, role in sorted(grants.items())) or "-"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _since(day: str | None) -> float:
    if day is None:
        return 0.0
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise UsageError(f"{day!r} is no day: write it as 2026-11-30") from None
