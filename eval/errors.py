"""What may go wrong in an evaluation, as sentences for the user.

    PlumbError
    ├── UsageError
    │   ├── DataError      the data set, run folder or result file cannot be used as it is
    │   └── MissingExtra   an optional package is not installed
    ├── SystemFailure      the system under test gave no usable answer to one question
    └── JudgeFailure       the judge gave no usable verdict on one claim

`SystemFailure` and `JudgeFailure` concern one item: the runner counts them and goes on.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from rag.errors import PlumbError, UsageError


class DataError(UsageError):
    """A data set, run folder or result file that cannot be used as it is."""


class MissingExtra(UsageError):
    """An optional package that this command needs is not installed."""


class SystemFailure(PlumbError):
    """The system under test gave no usable answer to one question."""


class JudgeFailure(PlumbError):
    """The judge gave no usable verdict on one claim."""


def require(module: str, purpose: str, extra: str = "eval") -> ModuleType:
    """Import an optional module, or raise MissingExtra naming the `pip install` that brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as err:
        raise MissingExtra(
            f"{purpose} needs the package {err.name or module}: pip install 'plumbline[{extra}]'"
        ) from None
