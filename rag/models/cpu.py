"""What number format suits this processor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Dtype = Literal["float32", "bfloat16"]

_BFLOAT16_UNITS = ("avx512_bf16", "amx_bf16")


def has_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Whether the processor multiplies bfloat16 in hardware, by the names that
    `torch.cpu.get_capabilities()` uses.

    Only the x86 units count. Without one bfloat16 is emulated and slower than float32; on Arm it
    depends on how torch was built whether the unit is used at all.
    """
    return any(capabilities.get(unit) is True for unit in _BFLOAT16_UNITS)


def choose_dtype(wanted: Literal["auto", "float32", "bfloat16"]) -> Dtype:
    """The format to compute in: what is wanted, or for "auto" the one that the CPU is fast at."""
    if wanted != "auto":
        return wanted
    import torch

    return "bfloat16" if has_bfloat16(torch.cpu.get_capabilities()) else "float32"
