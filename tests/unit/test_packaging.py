"""What the newcomer's two commands rest on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("rag", "ingest", "web", "eval")


def pins() -> dict[str, str]:
    """Package name (normalised) to pinned version, from constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {normal(name): version for name, version in pairs}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_folder_is_installed() -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == folders


def test_every_file_that_is_no_module_is_in_the_wheel() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [Path(name) for name in listed.stdout.decode("utf-8").split("\0") if name]
    beside = [path for path in paths if path.suffix != ".py"]
    assert {path.parts[0] for path in beside} == set(data)
    for path in beside:
        within = Path(*path.parts[1:])
        assert any(within.match(pattern) for pattern in data[path.parts[0]]), path


def test_every_dependency_is_pinned() -> None:
    project = PROJECT["project"]
    wanted = [*project["dependencies"]]
    for extra in ("dev", "eval"):
        wanted += project["optional-dependencies"][extra]
    names = {normal(re.split(r"[\s\[<>=!~;]", entry)[0]) for entry in wanted}
    assert names - {"pip"} <= set(pins())


def test_pip_is_not_pinned_for_pipx_keeps_a_newer_one() -> None:
    assert "pip" not in pins()


def test_torch_is_pinned_alike_in_both_files() -> None:
    assert f"torch=={pins()['torch']}" in PROJECT["project"]["dependencies"]


def test_no_file_names_a_registry_host() -> None:
    hosts = re.compile(rb"(?:pypi\.org|pythonhosted|npmjs|deb\.debian\.org|download\.pytorch)")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode("utf-8").split("\0") if name]
    assert names
    found = [
        name
        for name in names
        if (ROOT / name) != Path(__file__)
        and (ROOT / name).is_file()
        and hosts.search((ROOT / name).read_bytes())
    ]
    assert not found
