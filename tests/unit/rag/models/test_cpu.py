from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.models import cpu


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True, "amx_bf16": False, "cpu_name": "AMD EPYC"}, True),
        ({"avx512_bf16": True, "amx_bf16": False, "cpu_name": "Intel Xeon"}, False),
        ({"avx512_bf16": True, "amx_bf16": True, "cpu_name": "Intel Xeon"}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_f": True, "avx2": True, "avx512_bf16": False}, False),
        ({"architecture": "arm64", "bf16": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_needs_a_unit_that_is_fast_at_it(
    capabilities: dict[str, object], expected: bool
) -> None:
    assert cpu.fast_at_bfloat16(capabilities) is expected


def test_what_is_wanted_wins() -> None:
    assert cpu.choose_dtype("float32") == "float32"
    assert cpu.choose_dtype("bfloat16") == "bfloat16"


def test_auto_asks_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert cpu.choose_dtype("auto") == "bfloat16"
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert cpu.choose_dtype("auto") == "float32"


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx512_f": True}, False), ({"avx512_f": False, "avx2": True}, True), ({}, True)],
)
def test_repacking_is_left_out_where_plain_kernels_are_faster(
    capabilities: dict[str, object], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert cpu.wants_repacking("auto") is expected
    assert cpu.wants_repacking("yes")
    assert not cpu.wants_repacking("no")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_vnni": True}, True),
        ({"avx_vnni": True, "avx512_f": False}, True),
        ({"avx512_f": True, "avx2": True, "avx512_vnni": False}, False),
        ({"architecture": "arm64", "i8mm": True}, False),
        ({}, False),
    ],
)
def test_products_of_bytes_need_a_unit_for_them(
    capabilities: dict[str, object], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert cpu.multiplies_bytes() is expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000\n", None), ("150000 100000\n", 1.5), ("", None), ("50000 100000", 0.5)],
)
def test_cgroup_limits(limit: str, expected: float | None) -> None:
    assert cpu.cgroup_cores(limit) == expected


def test_a_container_gets_no_more_threads_than_its_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "cpu.max"
    monkeypatch.setattr(cpu, "_CGROUP_LIMIT", limit)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    assert cpu.usable_cores() == 16
    limit.write_text("250000 100000\n")
    assert cpu.usable_cores() == 2
    limit.write_text("50000 100000\n")
    assert cpu.usable_cores() == 1


def test_memory_is_that_of_the_machine_or_of_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(cpu, "_CGROUP_MEMORY", limit)
    whole = cpu.usable_memory()
    assert whole is not None
    assert whole > 100 << 20
    limit.write_text("max\n")
    assert cpu.usable_memory() == whole
    limit.write_text(f"{64 << 20}\n")
    assert cpu.usable_memory() == 64 << 20
