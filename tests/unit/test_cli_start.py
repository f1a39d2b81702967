"""How little the command line loads before it knows what is asked of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "transformers", "sentence_transformers", "gradio", "langchain_core", "faiss"}
_TOLD = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
_RUN = f"import cli, sys\ntry:\n    cli.main()\nfinally:\n    {_TOLD}"


@pytest.mark.parametrize(
    ("arguments", "forbidden", "most"),
    [
        (["--help"], HEAVY | {"numpy", "pydantic", "rich"}, 200),
        (["collections", "list"], HEAVY | {"numpy", "rich", "jieba"}, 450),
    ],
)
def test_a_quick_command_loads_little(
    tmp_path: Path, arguments: list[str], forbidden: set[str], most: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=ROOT,
        env={"PLUMB_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    modules = json.loads(ended.stderr.splitlines()[-1])
    assert forbidden.isdisjoint(modules)
    assert len(modules) <= most, f"{len(modules)} modules: import what is heavy where it is used"
