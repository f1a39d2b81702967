"""Imports point one way: entries -> web -> eval -> ingest -> rag."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED: dict[str, set[str]] = {
    "rag": {"rag"},
    "ingest": {"ingest", "rag"},
    "eval": {"eval", "ingest", "rag"},
    "web": {"web", "eval", "ingest", "rag"},
}
OURS = {*ALLOWED, "app", "cli", "tests", "benchmarks", "training"}
LEAVES = ("rag/errors.py",)


def imported_roots(source: str) -> set[str]:
    """Top-level names that a module imports, at any depth of its code."""
    roots: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            roots.add(node.module.split(".")[0])
    return roots


def upward(room: str, source: str) -> set[str]:
    """What of ours a module of `room` imports and must not."""
    return (imported_roots(source) & OURS) - ALLOWED[room]


@pytest.mark.parametrize("room", ALLOWED)
def test_no_layer_points_upward(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    wrong = {str(f.relative_to(ROOT)): bad for f in files if (bad := upward(room, f.read_text()))}
    assert not wrong


def test_leaves_import_nothing_of_ours() -> None:
    for leaf in LEAVES:
        assert not imported_roots((ROOT / leaf).read_text()) & OURS


def test_the_check_sees_a_nested_import() -> None:
    assert upward("rag", "def f():\n    from web.page import x\n") == {"web"}
