"""The files that run Plumbline as a service: linted where a linter is here, read in any case."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy/plumbline.service"
CONTAINER = ROOT / "deploy/Containerfile"
IGNORE = ROOT / "deploy/Containerfile.dockerignore"
ROOMS = ("rag", "ingest", "eval", "web")


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of the Containerfile's instructions, continued lines joined."""
    text = re.sub(r"\\\n", " ", CONTAINER.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # The program need not be installed where the unit expects it.
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/plumbline/bin/plumb", sys.executable))
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "plumbline.service" not in done.stderr


def test_the_unit_starts_the_app_as_its_own_user() -> None:
    settings = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), flags=re.MULTILINE))
    assert settings["ExecStart"].split()[1:] == ["serve"]
    assert settings["User"] == "plumbline"
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "true"


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="needs hadolint")
def test_hadolint_takes_the_containerfile() -> None:
    done = subprocess.run(["hadolint", str(CONTAINER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_container_is_not_root_and_tells_its_health() -> None:
    found = instructions()
    assert [arguments for name, arguments in found if name == "USER"] == ["10001"]
    last = [name for name, _ in found][-4:]
    assert last == ["STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
    assert all(name != "ADD" for name, _ in found)


def test_the_container_gets_all_that_the_wheel_is_made_of() -> None:
    copied = {
        source
        for name, arguments in instructions()
        if name == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    }
    allowed = {line[1:] for line in IGNORE.read_text().splitlines() if line.startswith("!")}
    assert {source.removeprefix("./") for source in copied} == allowed
    assert set(ROOMS) < allowed
    assert all((ROOT / source).exists() for source in allowed)
