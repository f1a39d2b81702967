"""GGUF weights in OpenVINO's own form: made once for each file and version, beside the models.

Which runtime suits the weights is decided here, too: OpenVINO where the processor multiplies bytes
in vectors, memory is ample and it knows the kind of model, llama.cpp elsewhere.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock

from rag.config import Settings
from rag.errors import FetchError, ModelError
from rag.models.cpu import multiplies_bytes, usable_memory
from rag.models.disk import disk_errors_told, require_room
from rag.models.openvino_child import UNKNOWN_KIND
from rag.models.progress import Progress, silent

_LOG = logging.getLogger(__name__)
_PACKAGE = "openvino-genai"
_ROOT = ".openvino"
_FORM = 2
"""Of what is kept; another number has it made anew."""
_REFUSAL = "unsuitable.txt"
_GROWTH = 2.6
"""Of the converted files to the GGUF file while they are rewritten, with some to spare."""

_AMPLE_BYTES = 10_000_000_000
"""With the default models everything together takes 5 GB with OpenVINO, 3.5 with llama.cpp."""


def openvino_folder(
    settings: Settings, weights: Path, digest: str, progress: Progress = silent
) -> Path | None:
    """The folder for OpenVINO of the GGUF file `weights` with that SHA-256, made now (half a
    minute) if it is not there; None where llama.cpp is to run it.

    With `generator.runtime` "auto" it is None, too, for a model that OpenVINO does not know, with
    an adapter, and where the disk has no room; with "openvino" these raise ModelError.
    """
    if not _comes_into_question(settings):
        return None
    try:
        return _converted(settings, weights, digest, progress)
    except ModelError as err:
        if settings.generator.runtime == "openvino":
            raise
        # What may pass is worth a word; what OpenVINO does not know is as it should be.
        level = logging.WARNING if isinstance(err, FetchError) else logging.INFO
        _LOG.log(level, "llama.cpp runs %s, for %s", weights.name, err)
        return None


def runtime_of(settings: Settings, digest: str) -> str:
    """Name and version of what runs the weights with that SHA-256, once they have been opened."""
    if _comes_into_question(settings):
        folder = _folder(settings, digest)
        if folder.is_dir() and not (folder / _REFUSAL).is_file():
            return f"{_PACKAGE} {version(_PACKAGE)}"
    return f"xllamacpp {version('xllamacpp')}"


def _comes_into_question(settings: Settings) -> bool:
    wanted = settings.generator.runtime
    return wanted == "openvino" or (
        wanted == "auto"
        and settings.generator.adapter is None
        and _installed()
        and multiplies_bytes()
        and (usable_memory() or _AMPLE_BYTES) >= _AMPLE_BYTES
    )


def _folder(settings: Settings, digest: str) -> Path:
    return settings.models_dir / _ROOT / f"{digest[:16]}-{version(_PACKAGE)}-{_FORM}"


def _installed() -> bool:
    try:
        return bool(version(_PACKAGE))
    except PackageNotFoundError:
        return False


def _converted(settings: Settings, weights: Path, digest: str, progress: Progress) -> Path:
    if not _installed():
        raise ModelError(
            f"generator.runtime is openvino and {_PACKAGE} is not installed: install it with "
            f"`pip install {_PACKAGE}`, or set generator.runtime to auto"
        )
    folder = _folder(settings, digest)
    if not folder.is_dir():
        with disk_errors_told(settings.models_dir):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.with_name(f"{folder.name}.lock")):
                if not folder.is_dir():
                    _convert(weights, folder, progress)
    if (refusal := folder / _REFUSAL).is_file():
        raise ModelError(
            f"OpenVINO cannot run {weights}: {refusal.read_text(encoding='utf-8').strip()}; "
            "set generator.runtime to llama.cpp"
        )
    return folder


def _convert(weights: Path, folder: Path, progress: Progress) -> None:
    """Fill `folder`, or leave the reason in it why it cannot be: what OpenVINO does not know is
    not tried at every start."""
    size = weights.stat().st_size
    require_room(folder.parent, round(_GROWTH * size))
    _LOG.warning("preparing %s for this processor, once: half a minute", weights.name)
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed: we hold the lock
    making.mkdir()
    try:
        progress("prepare", 0, size)
        command = [sys.executable, "-m", "rag.models.openvino_child", str(weights), str(making)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        progress("prepare", size, size)
        said = done.stderr.strip()
        if done.returncode < 0 or "no space left" in said.lower():
            raise FetchError(
                f"preparing {weights.name} was ended from outside: for want of memory or room?"
            )
        if done.returncode not in (0, UNKNOWN_KIND):
            last = said.rpartition("\n")[2] or f"exit code {done.returncode}"
            raise FetchError(f"{weights.name} could not be prepared for OpenVINO: {last}")
        if done.returncode == UNKNOWN_KIND:
            for part in making.iterdir():
                part.unlink()
            (making / _REFUSAL).write_text(said[-500:], encoding="utf-8")
        making.replace(folder)
        for older in folder.parent.glob(f"{folder.name.partition('-')[0]}-*"):
            if older != folder and older.is_dir():
                shutil.rmtree(older, ignore_errors=True)  # of another version of OpenVINO, or ours
    finally:
        shutil.rmtree(making, ignore_errors=True)
