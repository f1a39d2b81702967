"""A Python function as the system under test: `module:function`, found on the path or in the
working folder.

It is called with the question, or, if it takes them, also with `history` (list of (question,
answer)) and `passages` (list of texts), and returns text or the answer JSON.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.errors import DataError, SystemFailure
from eval.systems.answer_json import to_prediction
from eval.types import Example, Prediction


class Function:
    """Any callable. What it raises counts as a failed answer to that question."""

    def __init__(self, spec: str) -> None:
        """Import the function. Raises DataError saying what could not be found."""
        module_name, _, name = spec.partition(":")
        folder = str(Path.cwd())
        if folder not in sys.path:
            sys.path.append(folder)
        try:
            module = importlib.import_module(module_name)
        except ImportError as err:
            raise DataError(f"system {spec}: module {module_name!r} is not found ({err})") from None
        self._call = getattr(module, name, None)
        if not callable(self._call):
            raise DataError(f"system {spec}: {module_name!r} has no function {name!r}")
        self._spec = spec
        self._extras = inspect.signature(self._call).parameters.keys() & {"history", "passages"}
        source = Path(module.__file__) if module.__file__ else None
        code = source.read_bytes() if source else b""
        self._digest = hashlib.sha256(code).hexdigest()

    @property
    def name(self) -> str:
        """As it was named."""
        return self._spec

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """The function by the digest of its module's file."""
        return {
            "kind": "function",
            "function": self._spec,
            "sha256": self._digest,
            "deterministic": "answers are as repeatable as the function itself",
        }

    def answer(self, example: Example) -> Prediction:
        """Call the function. Raises SystemFailure for whatever it raises or returns amiss."""
        if example.passages and "passages" not in self._extras:
            raise SystemFailure(f"{self._spec} takes no 'passages', which this question comes with")
        given: dict[str, Any] = {
            "history": [(t.question, t.answer) for t in example.history],
            "passages": list(example.passages),
        }
        extras = {name: given[name] for name in self._extras}
        assert callable(self._call)
        try:
            value = self._call(example.question, **extras)
        except Exception as err:  # whatever a stranger's code raises is a result of the evaluation
            raise SystemFailure(f"{type(err).__name__}: {err}") from None
        return to_prediction(example.id, value)

    def close(self) -> None:
        """Nothing is held."""
