"""What may be relied on: models in use, the verifier's measured accuracy, a collection's health.

The accuracy is read from `verifier.json`, which `benchmarks.judges --report` writes. Knows nothing
of HTML or HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rag
from rag.config import Settings
from rag.models import list_models
from rag.models.digest import file_sha256
from rag.store import Finding, check_collection

MEASURED = Path(__file__).parent / "verifier.json"
ADAPTER = Path(rag.__file__).parent / "weights" / "crossencoder.safetensors"
OURS = "Apache-2.0"
"""The licence of what Plumbline itself trained."""


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A model that has a role here. `sha256` and `licence` are empty where they are not known,
    `bytes` is 0 then; `place` says whether it is here."""

    role: str
    name: str
    licence: str
    sha256: str
    bytes: int
    place: str


def models_used(settings: Settings) -> list[ModelUsed]:
    """The models that the settings name, each with its role."""
    known = {row.name: row for row in list_models(settings)}

    def used(role: str, name: str, *, elsewhere: bool = False) -> ModelUsed:
        row = None if elsewhere else known.get(name)
        if row is None:
            here = not elsewhere and Path(name).expanduser().exists()
            place = "here" if here else "elsewhere"
            return ModelUsed(role, Path(name).name if here else name, "", "", 0, place)
        place = "here" if row.path is not None else "absent"
        return ModelUsed(role, name, row.licence, row.sha256, row.bytes, place)

    found = [used("embedder", settings.embedder.model)]
    if settings.retrieval.reranker:
        found.append(used("reranker", settings.retrieval.reranker))
    if settings.checking.scorer == "plumbline":
        size = ADAPTER.stat().st_size
        digest = file_sha256(ADAPTER)
        found.append(ModelUsed("verifier", "plumbline", OURS, digest, size, "here"))
    else:
        found.append(used("verifier", settings.checking.scorer))
    elsewhere = settings.generator.base_url is not None
    found.append(used("generator", settings.generator.model, elsewhere=elsewhere))
    return found


def measured(path: Path = MEASURED) -> Mapping[str, Any] | None:
    """The verifier's figures as `benchmarks.judges` wrote them; None where there are none."""
    if not path.is_file():
        return None
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def health(settings: Settings, collection: str) -> list[Finding]:
    """What is wrong with a collection; nothing if all is well. Raises CollectionError."""
    return check_collection(settings, collection)
