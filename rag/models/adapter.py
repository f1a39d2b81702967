"""A LoRA in GGUF form that plugs into a language model run here, as the settings name it.

llama.cpp takes such adapters and OpenVINO does not, so that the setting decides the runtime too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import ConfigError, ModelError
from rag.models.digest import remembered_sha256
from rag.models.gguf_header import read_header

_SIDES = ("a", "b")
"""Of an adapter's matrices: the first is as wide as the model's matrix, the second as high."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter's file, its SHA-256, and how much of it is added to the model (1: all)."""

    path: Path
    digest: str
    scale: float

    @property
    def label(self) -> str:
        """Its name with the beginning of its digest, as answers record it."""
        return f"{self.path.stem} ({self.digest[:12]})"


def open_adapter(settings: Settings) -> Adapter | None:
    """The adapter that `generator.adapter` names, None for none. Raises ConfigError where nothing
    could take it, ModelError for a file that is not there."""
    wanted = settings.generator
    if wanted.adapter is None:
        return None
    if wanted.base_url is not None:
        raise ConfigError(
            "generator.adapter goes with a model that runs here, and generator.base_url names an "
            "endpoint: give the adapter to the server there"
        )
    if wanted.runtime == "openvino":
        raise ConfigError(
            "OpenVINO takes no adapter in GGUF form: set generator.runtime to auto or llama.cpp, "
            "or leave out generator.adapter"
        )
    path = wanted.adapter.expanduser()
    if not path.is_file():
        raise ModelError(f"generator.adapter {path} is not a file")
    digest = remembered_sha256(path, settings.home_dir / "cache" / "digests.json")
    return Adapter(path, digest, wanted.adapter_scale)


def require_fit(adapter: Adapter, weights: Path) -> None:
    """Raise ModelError if the adapter is no LoRA, or not one for the model in the GGUF file
    `weights`: of another architecture, or for matrices that the model has not, or in other sizes.

    llama.cpp would only say that it cannot start.
    """
    if adapter.path.suffix.lower() != ".gguf":
        raise ModelError(
            f"generator.adapter {adapter.path} is not a .gguf file: convert the adapter with "
            "llama.cpp's convert_lora_to_gguf.py"
        )
    held, base = read_header(adapter.path), read_header(weights)
    if held.texts.get("adapter.type") != "lora":
        raise ModelError(
            f"generator.adapter {adapter.path} is no LoRA adapter, but a "
            f"{held.texts.get('general.type', 'model')}: give generator.model a whole model"
        )
    own, wanted = (one.texts.get("general.architecture") for one in (held, base))
    if own != wanted:
        raise _misfit(adapter, weights, f"its model is a {own} and this one a {wanted}")
    for tensor, shape in held.tensors.items():
        name, _, side = tensor.rpartition(".lora_")
        if side not in _SIDES:
            continue
        at = _SIDES.index(side)
        if name not in base.tensors:
            raise _misfit(adapter, weights, f"the model has no {name}")
        if shape[at] != base.tensors[name][at]:
            sizes = f"{tensor} has size {shape[at]} and {name} {base.tensors[name][at]}"
            raise _misfit(adapter, weights, sizes)


def _misfit(adapter: Adapter, weights: Path, why: str) -> ModelError:
    return ModelError(
        f"the adapter {adapter.path} does not fit the language model {weights}: {why}; give one "
        "that was trained on that very model, or leave out generator.adapter"
    )
