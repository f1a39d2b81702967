"""Switches off what the libraries would send, print or hoard of their own accord.

Entry points call `silence_libraries` before anything else is imported: most of these switches are
read when the library is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from types import ModuleType

SWITCHES = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "true",
}
LIMITS = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32"}
"""oneDNN keeps a compiled kernel for every shape it has met, 1,024 of them by default, and texts
come in all lengths. `benchmarks/memory.py` (two AMD EPYC cores, 22 November 2026): from the 12th to
the 32nd batch memory grows by 175 MB with 1,024 and by 26 MB with 32, in 79 and 82 s altogether."""


_TELEMETRY_PACKAGES = ("openvino_telemetry",)
"""OpenVINO reports its mere import to a service on the network, asks nobody, and knows no switch in
the environment. Where this package of its own cannot be imported, it does without it."""


def silence_libraries(environ: MutableMapping[str, str] = os.environ) -> None:
    """Set every switch, over what the user's shell may say: a leak is not a preference. Limits are
    set where the shell says nothing."""
    environ.update(SWITCHES)
    for name, value in LIMITS.items():
        environ.setdefault(name, value)
    forbid_telemetry()


def forbid_telemetry(modules: MutableMapping[str, ModuleType | None] = sys.modules) -> None:  # type: ignore[assignment]
    """Make the packages that only report home impossible to import from here on. For those who
    import OpenVINO without having come through an entry point."""
    for name in _TELEMETRY_PACKAGES:
        modules[name] = None
