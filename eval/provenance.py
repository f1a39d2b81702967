"""Everything needed to repeat a run: commit, code, machine, packages."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_DECIDES = frozenset((".py", ".json", ".safetensors"))
"""Endings of the files that decide what the code does."""
PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "xllamacpp", "numpy", "ir-measures")


def provenance() -> dict[str, Any]:
    """Commit, digest of the code, versions and machine, as JSON values."""
    return {
        "commit": _git("rev-parse", "HEAD") or "unknown (not a git checkout)",
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "code_sha256": code_digest("rag", "ingest", "eval"),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory in GiB, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.release()}",
    }


def code_digest(*packages: str) -> str:
    """SHA-256 over the Python files and weights of our packages: answers cached under other ones
    are stale."""
    total = hashlib.sha256()
    for package in packages:
        files = (p for p in (ROOT / package).rglob("*") if p.suffix in _DECIDES)
        for path in sorted(files):
            total.update(path.relative_to(ROOT).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def resident_mb() -> float | None:
    """Memory of this process in MB, None where the system does not tell it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
