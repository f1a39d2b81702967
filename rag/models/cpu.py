"""What suits this machine: number format, number of threads, and how much memory there is."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Dtype = Literal["float32", "bfloat16"]
Wanted = Literal["auto", "float32", "bfloat16", "int8"]

_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")
_CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")
_BYTE_UNITS = ("avx512_vnni", "avx_vnni", "amx_int8")


def fast_at_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Whether the processor multiplies bfloat16 faster than float32, by the names that
    `torch.cpu.get_capabilities()` uses.

    Only x86 counts: matrix units (AMX), and vector units but for Intel's, with which the encoder
    takes one and a half times as long (`benchmarks/formats.py`). Without either bfloat16 is
    emulated; on Arm it depends on how torch was built whether the unit is used at all.
    """
    by_vectors = capabilities.get("avx512_bf16") is True
    intel = "intel" in str(capabilities.get("cpu_name", "")).lower()
    return capabilities.get("amx_bf16") is True or (by_vectors and not intel)


def choose_dtype(wanted: Wanted) -> Dtype:
    """The format to compute in where nothing is computed with bytes: what is wanted, or else the
    one that the CPU is fast at."""
    if wanted in ("float32", "bfloat16"):
        return wanted
    import torch

    return "bfloat16" if fast_at_bfloat16(torch.cpu.get_capabilities()) else "float32"


def wants_repacking(wanted: Literal["auto", "yes", "no"]) -> bool:
    """Whether llama.cpp should lay quantised weights out anew for the processor. For "auto" it
    should except on x86 with AVX-512, where its plain kernels read prompts faster in
    `benchmarks/reading.py` and the weights are not held in memory twice."""
    if wanted != "auto":
        return wanted == "yes"
    import torch

    return torch.cpu.get_capabilities().get("avx512_f") is not True


def multiplies_bytes() -> bool:
    """Whether the processor multiplies and adds vectors of bytes in one step, by the names that
    `torch.cpu.get_capabilities()` uses. Only the units of x86 count, for which OpenVINO has
    kernels that use them (`benchmarks/reading.py` has the speeds)."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(unit) is True for unit in _BYTE_UNITS)


def wants_bytes(wanted: Wanted) -> bool:
    """Whether an encoder's matrices should be multiplied as bytes: where that is asked for. "auto"
    does not, for it costs a few first places in a thousand (`benchmarks/formats.py`)."""
    return wanted == "int8"


def usable_cores() -> int:
    """The cores that this process may use: by its affinity and, in a container, its CPU quota.

    More threads than that make llama.cpp many times slower, for its threads wait for each other.
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    try:
        quota = cgroup_cores(_CGROUP_LIMIT.read_text())
    except OSError:
        quota = None
    return max(1, min(cores, math.floor(quota)) if quota is not None else cores)


def cgroup_cores(limit: str) -> float | None:
    """The cores that a control group's `cpu.max` ("QUOTA PERIOD" in microseconds) grants; None
    for no limit."""
    fields = limit.split()
    if len(fields) != 2 or not all(number.isdigit() for number in fields):
        return None
    return int(fields[0]) / int(fields[1])


def usable_memory() -> int | None:
    """Bytes of memory that this machine or, in a container, its limit grants; None if unknown."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None
    try:
        limit = _CGROUP_MEMORY.read_text().strip()
    except OSError:
        return found
    return min(found, int(limit)) if limit.isdigit() else found
