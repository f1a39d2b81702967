"""The wheel in an environment of its own, as pipx makes one: all that it needs is inside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOK = """
from importlib.resources import files
print(files("rag").parent)
for room in ("rag/weights", "eval/templates", "web/static"):
    package, folder = room.split("/")
    print(*(f"{room}/{entry.name}" for entry in (files(package) / folder).iterdir()))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel alone; the other packages are those of the
    tests."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "source" / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", "wheels"]
    subprocess.run([*build, "./source"], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    (wheel,) = (folder / "wheels").glob("*.whl")
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True)
    (others,) = (folder / "venv").glob("lib/python*/site-packages")
    # A folder in a .pth file is only searched: what it holds of Plumbline itself, an editable
    # install, has no effect.
    (others / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def run(installed: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [installed / command[0], *command[1:]],
        cwd=installed.parent,
        env={**environ, "PLUMB_HOME": str(installed.parent / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_has_weights_and_templates(installed: Path) -> None:
    done = run(installed, "python", "-c", LOOK)
    assert done.returncode == 0, done.stderr
    folder, *names = done.stdout.split()
    assert Path(folder).is_relative_to(installed.parent)
    listed = subprocess.run(
        ["git", "ls-files", "rag/weights", "eval/templates", "web/static"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(names) == sorted(listed.stdout.split())


def test_its_command_runs(installed: Path) -> None:
    done = run(installed, "plumb", "models", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert {row["path"] for row in json.loads(done.stdout)} == {None}
