"""What the libraries are kept from, before they are imported."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.privacy import LIMITS, SWITCHES, silence_libraries


def test_a_leak_is_no_preference_and_a_limit_is() -> None:
    [limit] = LIMITS
    environ = {"GRADIO_ANALYTICS_ENABLED": "True", limit: "1024"}
    silence_libraries(environ)
    assert environ == SWITCHES | {limit: "1024"}
    fresh: dict[str, str] = {}
    silence_libraries(fresh)
    assert fresh == SWITCHES | LIMITS


@pytest.mark.skipif(find_spec("openvino") is None, reason="installed on x86 alone")
def test_openvino_is_imported_without_what_reports_it(tmp_path: Path) -> None:
    code = (
        "import sys; from rag.privacy import forbid_telemetry; forbid_telemetry()\n"
        "import openvino, openvino_genai\n"
        "assert not [n for n, m in sys.modules.items() if n.startswith('openvino_telemetry') and m]"
    )
    environ = {"HOME": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], check=True, env=environ)
    assert not list(tmp_path.iterdir())


def test_openvino_is_imported_after_that_alone() -> None:
    root = Path(__file__).parents[2]
    rooms = ("rag", "ingest", "web", "eval", "benchmarks", "training")
    files = [file for room in rooms for file in (root / room).rglob("*.py")]
    imported = re.compile(r"^\s*(?:import|from) openvino(?:_genai)?\b", re.MULTILINE)
    using = {f.name for f in files if imported.search(f.read_text(encoding="utf-8"))}
    assert using == {
        "byte_bert.py",
        "openvino_chat.py",
        "openvino_child.py",
        "openvino_exact.py",
    }
