"""The models that are on this machine: where they lie, whether they are whole.

A model is a folder of `models_dir` with a `manifest.json` that names every file with its size and
SHA-256. The manifest is written before the folder gets its name, so a folder with one is whole;
one without is no model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.errors import DigestMismatch, ModelError
from rag.models.catalogue import CATALOGUE, Kind
from rag.models.digest import file_sha256
from rag.models.progress import Progress, silent

MANIFEST = "manifest.json"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file's size in bytes and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model's folder should hold. `weights` is the file whose digest names the model."""

    name: str
    kind: Kind
    source: str
    weights: str
    files: Mapping[str, FileRecord]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A line of `plumb models list`; `path` is None for a model that is not here."""

    name: str
    kind: Kind
    licence: str
    bytes: int
    sha256: str
    path: Path | None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self) | {"path": None if self.path is None else str(self.path)}

    def __str__(self) -> str:
        place = "not here" if self.path is None else str(self.path)
        size = f"{self.bytes / 1e6:,.0f} MB"
        return f"{self.name:<32} {self.kind:<9} {size:>9}  {self.licence:<11} {place}"


def is_hub_name(name: str) -> bool:
    """Whether `name` looks like a repository of the model hub: `owner/model`."""
    return _HUB_NAME.fullmatch(name) is not None


def model_folder(settings: Settings, name: str) -> Path:
    """The folder that the model `name` has or would have."""
    return settings.models_dir / name.replace("/", "--")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a model's folder; None where there is none that can be read."""
    try:
        fields = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: FileRecord(**record) for name, record in fields.pop("files").items()}
        return Manifest(files=files, **fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into its folder."""
    text = json.dumps(asdict(manifest), indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def installed_path(settings: Settings, name: str) -> Path | None:
    """Where the model lies: the folder of an embedder, the file of a generator. None when it is
    not here, or when a file is missing or has another size than the manifest says."""
    folder = model_folder(settings, name)
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    for file, record in manifest.files.items():
        path = folder / file
        if not path.is_file() or path.stat().st_size != record.bytes:
            return None
    return folder / manifest.weights if manifest.kind == "generator" else folder


def model_path(settings: Settings, name: str) -> Path:
    """Where the model lies (see `installed_path`).

    Raises ModelError when the name is unknown or the model is not here, with the mend.
    """
    _require_known(name)
    path = installed_path(settings, name)
    if path is None:
        raise ModelError(
            f"the model {name!r} is not here: fetch it with `plumb models pull {name}`"
        )
    return path


def list_models(settings: Settings) -> list[ModelRow]:
    """The catalogue, and after it what else was pulled from the hub."""
    rows = [
        ModelRow(s.name, s.kind, s.licence, s.bytes, s.sha256, installed_path(settings, s.name))
        for s in CATALOGUE.values()
    ]
    for file in sorted(settings.models_dir.glob(f"*/{MANIFEST}")):
        manifest = read_manifest(file.parent)
        if manifest is None or manifest.name in CATALOGUE:
            continue
        size = sum(record.bytes for record in manifest.files.values())
        digest = manifest.files[manifest.weights].sha256
        path = installed_path(settings, manifest.name)
        rows.append(ModelRow(manifest.name, manifest.kind, "see hub", size, digest, path))
    return rows


def verify(settings: Settings, name: str, progress: Progress = silent) -> str:
    """Read every file of the model again and compare its digest; a sentence on what was found.

    Raises DigestMismatch with both digests when a file is not what it should be. The model then
    counts as not here, so that nothing uses it and a pull fetches it again.
    """
    model_path(settings, name)
    folder = model_folder(settings, name)
    manifest = read_manifest(folder)
    assert manifest is not None  # model_path has just read it
    expected = {file: record.sha256 for file, record in manifest.files.items()}
    if name in CATALOGUE:
        expected[manifest.weights] = CATALOGUE[name].sha256
    total = sum(record.bytes for record in manifest.files.values())
    done = 0
    for file, digest in expected.items():
        start = done
        found = file_sha256(folder / file, lambda n, s=start: progress("verify", s + n, total))  # type: ignore[misc]
        done += manifest.files[file].bytes
        if found != digest:
            (folder / MANIFEST).unlink()
            raise DigestMismatch(
                f"{folder / file} has SHA-256 {found}, not {digest}: it was set aside; "
                f"fetch it again with `plumb models pull {name}`"
            )
    return f"{len(expected)} files, {total / 1e6:,.0f} MB, every digest as expected"


def embedder_folder(settings: Settings, name: str) -> Path:
    """The sentence-transformers folder for a catalogue name, a folder, or a hub name that was
    pulled or lies in the hub's own cache.

    Raises ModelError with the mend when there is none; never asks the network.
    """
    if name in CATALOGUE:
        if CATALOGUE[name].kind != "embedder":
            raise ModelError(f"{name!r} is a {CATALOGUE[name].kind}, not an embedder")
        return model_path(settings, name)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if not is_hub_name(name):
        raise ModelError(
            f"the model {name!r} is neither a folder nor a catalogue name ({', '.join(CATALOGUE)})"
        )
    return installed_path(settings, name) or _in_hub_cache(name)


def wanted_models(settings: Settings) -> list[str]:
    """The names that a pull must fetch for these settings: what they name and is not a path."""
    names = [settings.embedder.model]
    if settings.generator.base_url is None:
        names.append(settings.generator.model)
    if settings.retrieval.reranker is not None:
        names.append(settings.retrieval.reranker)
    return [
        name
        for name in names
        if name in CATALOGUE
        or (is_hub_name(name) and not name.endswith(".gguf") and not Path(name).exists())
    ]


def _require_known(name: str) -> None:
    if name not in CATALOGUE and not is_hub_name(name):
        raise ModelError(
            f"no model is named {name!r}: the catalogue has {', '.join(CATALOGUE)}; "
            "a model of the hub is named owner/model"
        )


def _in_hub_cache(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError:
        raise ModelError(
            f"the model {name!r} is not here: fetch it with `plumb models pull {name}`"
        ) from None
