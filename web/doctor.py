"""What is wrong on this machine, and the command that mends it: the checks of `plumb doctor`.

Nothing is changed, nothing is loaded, and nothing is asked of the network but the endpoint and the
identity provider that the settings name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rag.config import Settings
from rag.errors import PlumbError

State = Literal["fine", "warning", "wrong"]

LEAST_MEMORY = 4_000_000_000
"""Bytes: what the default models take with llama.cpp, and a little."""
LEAST_DISK = 2_000_000_000
FULL_DISK = 100_000_000
"""Bytes: what models, and one more document, need."""
ENDPOINT_PATIENCE_S = 5.0
IMPORT_PATIENCE_S = 120
NATIVE = ("numpy", "faiss", "torch", "tokenizers", "pypdfium2", "lxml", "xllamacpp")
"""Packages with machine code: one that was built for another processor ends the process."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `mend` is what to do, empty where all is well."""

    check: str
    state: State
    told: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        """As plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        mend = f"\n         {self.mend}" if self.mend else ""
        return f"{self.state:<8} {self.check}: {self.told}{mend}"


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, the quick ones first."""
    yield from _home(settings)
    yield _memory()
    yield from _models(settings)
    if settings.generator.base_url is not None:
        for url in (settings.generator.base_url, *settings.generator.more_urls):
            yield _endpoint(url)
    if settings.oidc.issuer is not None:
        yield _provider(settings)
    if settings.generator.adapter is not None:
        yield _adapter(settings)
    yield from _collections(settings)
    yield from _server(settings)
    yield _packages(NATIVE)


def all_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong; warnings do not count."""
    return all(finding.state != "wrong" for finding in findings)


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home_dir
    folder = next(path for path in (home, *home.absolute().parents) if path.exists())
    if (closed := _closed(settings, folder)) is not None:
        mend = f"sudo chown -R $USER {closed}, or set PLUMB_HOME to a folder of your own"
        yield Finding("home", "wrong", f"{closed} may not be written to", mend)
    else:
        made = "" if folder == home else " (still to be made)"
        yield Finding("home", "fine", f"{home}{made}")
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f} GB free for {home}"
    if free < LEAST_DISK:
        mend = (
            "plumb models list and plumb collections list show what takes room, plumb collections "
            "remove NAME makes some; or set PLUMB_HOME to a folder on another disk"
        )
        yield Finding("disk", "wrong" if free < FULL_DISK else "warning", told, mend)
    else:
        yield Finding("disk", "fine", told)


def _closed(settings: Settings, home: Path) -> Path | None:
    """The first of the folders, and of the files of collections, that may not be written to: what
    another user made, with sudo for instance."""
    if not home.is_dir() or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return home
    inside = [settings.models_dir, settings.collections_dir]
    if os.access(settings.collections_dir, os.R_OK | os.X_OK):
        inside += sorted(settings.collections_dir.glob("*"))
        inside += sorted(settings.collections_dir.glob("*/*.db"))
    return next((path for path in inside if path.exists() and not os.access(path, os.W_OK)), None)


def _memory() -> Finding:
    from rag.models.cpu import usable_cores, usable_memory

    memory, cores = usable_memory(), usable_cores()
    if memory is None:
        return Finding("memory", "warning", "unknown on this system", "free -h tells it")
    told = f"{memory / 1e9:.1f} GB, {cores} cores"
    if memory < LEAST_MEMORY:
        mend = (
            "PLUMB_GENERATOR__MODEL=qwen2.5-coder-0.5b-instruct plumb serve, or a model that "
            "another machine serves (generator.base_url)"
        )
        return Finding("memory", "warning", told, mend)
    return Finding("memory", "fine", told)


def _models(settings: Settings) -> Iterator[Finding]:
    from rag.models import wanted_models
    from rag.models.installed import installed_path

    named = wanted_models(settings)
    for name in named:
        path = installed_path(settings, name)
        if path is None:
            told = "not here, or not whole"
            yield Finding(f"model {name}", "wrong", told, f"plumb models pull {name}")
        else:
            yield Finding(f"model {name}", "fine", str(path))
    own = [settings.embedder.model]
    if settings.generator.base_url is None:
        own.append(settings.generator.model)
    for name in own:
        if name not in named and not Path(name).expanduser().exists():
            mend = "plumb models list shows the names; or give the path of a file or folder"
            yield Finding(f"model {name}", "wrong", "neither a known name nor a path", mend)


def _adapter(settings: Settings) -> Finding:
    from rag.models.generator import fitting_adapter

    try:
        adapter = fitting_adapter(settings)
    except PlumbError as err:
        return Finding("generator.adapter", "wrong", str(err), "see docs/adapters.md")
    assert adapter is not None
    return Finding("generator.adapter", "fine", f"{adapter.label}, run by llama.cpp")


def _endpoint(base_url: str) -> Finding:
    """Any answer shows that a server is there; what it says is not looked at."""
    from rag.models.reachable import why_silent

    silent = why_silent(base_url, ENDPOINT_PATIENCE_S)
    if silent:
        mend = "start its server, or set generator.base_url right"
        return Finding("generator.base_url", "wrong", silent, mend)
    return Finding("generator.base_url", "fine", base_url)


def _provider(settings: Settings) -> Finding:
    from web.access.oidc import Provider, ProviderError

    try:
        asyncio.run(Provider(settings.oidc).begin("http://127.0.0.1/"))
    except ProviderError as err:
        mend = "start it, or set oidc.issuer as its own description writes it"
        return Finding("oidc.issuer", "wrong", str(err), mend)
    return Finding("oidc.issuer", "fine", str(settings.oidc.issuer))


def _collections(settings: Settings) -> Iterator[Finding]:
    from rag.store import Collection, check_collection, list_collections

    try:
        names = list_collections(settings)
    except OSError as err:
        mend = f"sudo chown -R $USER {settings.collections_dir}"
        yield Finding("collections", "wrong", f"cannot be listed: {err}", mend)
        return
    except PlumbError as err:
        mend = "start that server, or set store.postgres and store.milvus right"
        yield Finding("collections", "wrong", str(err), mend)
        return
    if not names:
        yield Finding("collections", "warning", "none yet", "plumb ingest PATH")
    for name in names:
        check = f"collection {name}"
        try:
            found = check_collection(settings, name)
            if found:
                told = "; ".join(finding.text for finding in found)
                mend = f"plumb collections check {name} --repair"
                yield Finding(check, "wrong", told, mend)
                continue
            with Collection.open(settings, name) as collection:
                yield _embedder(settings, collection)
        except PlumbError as err:
            mend = f"plumb collections check {name} says more; plumb collections restore a backup"
            yield Finding(check, "wrong", str(err), mend)


def _embedder(settings: Settings, collection: object) -> Finding:
    from rag.store import Collection

    assert isinstance(collection, Collection)
    check, maker = f"collection {collection.name}", collection.info.name
    count = len(collection.documents())
    told = f"{count} document{'' if count == 1 else 's'}, embedder {maker}"
    if maker != settings.embedder.model:
        mend = (
            f"PLUMB_EMBEDDER__MODEL={maker}, or plumb collections remove {collection.name} and "
            "ingest its documents again"
        )
        told += f"; the settings name {settings.embedder.model}"
        return Finding(check, "warning", told, mend)
    return Finding(check, "fine", told)


def _server(settings: Settings) -> Iterator[Finding]:
    from web.listen import check_address

    server = settings.server
    try:
        check_address(settings)
    except PlumbError as err:
        yield Finding("server", "wrong", str(err), "plumb users add NAME, or --host 127.0.0.1")
        return
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((server.host, server.port))
        except OSError as err:
            mend = f"plumb serve --port {server.port + 1}; left alone, it takes the next free one"
            told = f"{server.host}:{server.port}: {err.strerror or err}"
            yield Finding("server", "warning", told, mend)
            return
    yield Finding("server", "fine", f"{server.host}:{server.port} is free")


def _packages(names: Iterable[str]) -> Finding:
    """Import them in another process, which a wheel built for another processor would end."""
    told = "; ".join(f"print({name!r}, flush=True); import {name}" for name in names)
    done = subprocess.run(
        [sys.executable, "-c", told],
        capture_output=True,
        text=True,
        timeout=IMPORT_PATIENCE_S,
        check=False,
    )
    if done.returncode == 0:
        return Finding("packages", "fine", f"Python {sys.version.split()[0]} at {sys.executable}")
    reached = done.stdout.split()
    culprit = reached[-1] if reached else "python"
    last = done.stderr.strip().splitlines()[-1:] or [f"ended by signal {-done.returncode}"]
    mend = f"{sys.executable} -m pip install --force-reinstall {culprit}"
    return Finding("packages", "wrong", f"{culprit} cannot be imported: {last[0]}", mend)
