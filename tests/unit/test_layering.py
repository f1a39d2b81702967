"""Imports point one way: entries -> web -> eval -> ingest -> rag, and within rag stage by stage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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


RECORDS = {"types", "config", "errors", "seams"}
STAGES = ("question", "retrieval", "evidence", "generation", "checking")
ROOMS: dict[str, set[str]] = {
    "text": {"text", "types"},
    "models": {"models", "text", "privacy", "stopping", *RECORDS},
    "store": {"store", "models", "text", *RECORDS},
    **{
        stage: {*STAGES[: place + 1], "text", "models", *RECORDS}
        for place, stage in enumerate(STAGES)
    },
}
"""What the modules of a folder of rag may import of rag, by the first name after `rag`."""
ROOMS["retrieval"].add("store")
ROOMS["summary"] = {*STAGES, "summary", "store", "text", "models", *RECORDS}
LONGEST_FUNCTION = 60
LONGEST_PIPELINE = 150


def imported(source: str) -> set[str]:
    """Dotted names of the modules that a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            names.add(node.module)
            if "." not in node.module:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_roots(source: str) -> set[str]:
    """Top-level names that a module imports."""
    return {name.split(".")[0] for name in imported(source)}


def out_of_turn(room: str, source: str) -> set[str]:
    """What of rag a module of the folder `room` of rag imports and must not."""
    ours = (name.split(".") for name in imported(source) if name.startswith("rag."))
    return {parts[1] for parts in ours} - ROOMS[room]


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


def test_every_folder_of_rag_has_its_rule() -> None:
    folders = {path.parent.name for path in (ROOT / "rag").glob("*/__init__.py")}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_within_rag_no_stage_imports_a_later_one(room: str) -> None:
    files = sorted((ROOT / "rag" / room).rglob("*.py"))
    assert files
    wrong = {f.name: bad for f in files if (bad := out_of_turn(room, f.read_text()))}
    assert not wrong


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        ("question", "from rag.retrieval.fusion import distinct", {"retrieval"}),
        ("generation", "def f():\n    import rag.checking.decide\n", {"checking"}),
        ("evidence", "from rag import pipeline", {"pipeline"}),
        ("evidence", "from rag.store import Collection", {"store"}),
        ("retrieval", "from rag.store import Collection", set()),
        ("text", "from rag.config import Settings", {"config"}),
        ("models", "from rag.question import check_question", {"question"}),
        ("checking", "from rag.generation import Draft\nfrom rag.models.reader import BASE", set()),
    ],
)
def test_the_check_sees_an_import_out_of_turn(room: str, source: str, wrong: set[str]) -> None:
    assert out_of_turn(room, source) == wrong


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines, decorators left out, of every function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_function_of_rag_is_long() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in sorted((ROOT / "rag").rglob("*.py"))
        for name, lines in functions(path.read_text())
        if lines > LONGEST_FUNCTION
    }
    assert not long


def test_the_whole_way_of_a_question_can_be_read_at_once() -> None:
    assert len((ROOT / "rag/pipeline.py").read_text().splitlines()) <= LONGEST_PIPELINE
