"""The systems that can be asked, behind one seam.

`System` is all that the runner knows of a system. Nothing here loads a model on import; the branch
that is asked for imports what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.errors import DataError
from eval.types import Example, Prediction
from rag.config import Settings

_CALLABLE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class System(Protocol):
    """Something that answers questions."""

    @property
    def name(self) -> str:
        """Short name for tables."""

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """Everything that decides its answers, as JSON values: what the cache keys on and the
        report prints. An entry `deterministic` that is false says why in words."""

    def answer(self, example: Example) -> Prediction:
        """Answer one question. Raises SystemFailure if it gave nothing usable."""

    def close(self) -> None:
        """Let go of models and connections."""


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """How to reach an OpenAI-compatible endpoint. `timeout_s` bounds one answer."""

    model: str = ""
    api_key: str = ""
    timeout_s: float = 120.0


def open_system(spec: str, settings: Settings, endpoint: EndpointOptions) -> System:
    """The system that `spec` names.

    `plumbline`, `retrieval` (Plumbline without writing an answer), `closed-book` (Plumbline's
    model alone), a URL (OpenAI-compatible), `FILE.jsonl` (finished answers) or `module:function`.
    Raises DataError for anything else.
    """
    if spec in ("plumbline", "retrieval", "closed-book"):
        from eval.systems.plumbline import open_plumbline

        return open_plumbline(spec, settings)
    if spec.startswith(("http://", "https://")):
        from eval.systems.endpoint import Endpoint

        return Endpoint(spec, endpoint)
    if spec.endswith((".jsonl", ".json")):
        from eval.systems.finished import FinishedAnswers

        return FinishedAnswers(Path(spec))
    if _CALLABLE.fullmatch(spec):
        from eval.systems.function import Function

        return Function(spec)
    raise DataError(
        f"unknown system {spec!r}; it is plumbline, retrieval, closed-book, a URL of an "
        "OpenAI-compatible endpoint, a .jsonl file of finished answers, or module:function"
    )
