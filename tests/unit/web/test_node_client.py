"""OpenAI's official client for Node, where Node and the client are here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_web_openai import READ, WRITTEN, Talking, served, settings_in
from tests.unit.web.test_api_files import Keeping

FOLDER = Path(__file__).parents[2] / "node"
NODE = shutil.which("node")
CLIENT = "process.exit(0, require.resolve('openai'))"


class Whole(Keeping, Talking):
    """Does all that the client asks for."""


def can_run() -> bool:
    """Whether Node finds the client: in tests/node, or where NODE_PATH says."""
    if NODE is None:
        return False
    return subprocess.run([NODE, "-e", CLIENT], cwd=FOLDER, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_run(), reason="needs Node, and npm install in tests/node")
def test_the_node_client_gets_what_it_expects(tmp_path: Path) -> None:
    assert NODE is not None
    with served(Whole(), settings_in(tmp_path)) as running:
        done = subprocess.run(
            [NODE, "client.cjs", running.url, "How fast?"],
            cwd=FOLDER,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=60,
        )
        answer = running.backend.scripted.answer
    assert done.returncode == 0, done.stderr
    got: dict[str, Any] = json.loads(done.stdout)
    assert got["models"] == ["plumbline", "plumbline/law"]
    assert got["whole"] == got["streamed"] == answer
    assert got["verdicts"] == ["supported", "unsupported"]
    assert (got["usage"]["prompt_tokens"], got["usage"]["completion_tokens"]) == (READ, WRITTEN)
    assert "response.output_text.delta" in got["events"]
    assert got["annotations"] == ["file_citation"]
    assert got["dimensions"] == [8, 8]
    assert got["found"] == ["travel.md", "other.md"]
    assert got["file"] == "key.txt"
    assert got["refused"] == {"name": "NotFoundError", "code": "model_not_found"}
