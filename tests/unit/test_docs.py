"""The documents keep step with the program."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from rag.config import Settings

ROOT = Path(__file__).parents[2]


def setting_keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Dotted names of all leaf settings."""
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys |= setting_keys(kind, f"{prefix}{name}.")
        else:
            keys.add(prefix + name)
    return keys


def test_every_setting_is_documented_and_no_other() -> None:
    pages = ("docs/settings.md", "docs/settings-server.md")
    table = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    documented = set(re.findall(r"^\| `([a-z0-9_.]+)` \|", table, flags=re.MULTILINE))
    assert documented == setting_keys(Settings)


def test_the_two_readmes_have_the_same_sections_and_commands() -> None:
    english = (ROOT / "README.md").read_text(encoding="utf-8")
    chinese = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    for pattern in (r"^#+ ", r"^```", r"^\|"):
        found = [len(re.findall(pattern, text, flags=re.MULTILINE)) for text in (english, chinese)]
        assert found[0] == found[1], pattern
    commands = [set(re.findall(r"`((?:make|plumb) [^`]+)`", text)) for text in (english, chinese)]
    assert commands[0] == commands[1]


def test_links_between_documents_lead_somewhere() -> None:
    broken: list[str] = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert not broken


def test_every_module_is_on_the_map() -> None:
    """docs/modules.md maps each file; a new one must be put on it."""
    text = (ROOT / "docs/modules.md").read_text(encoding="utf-8")
    missing = [
        str(path.relative_to(ROOT))
        for room in ("rag", "ingest", "web", "eval", "training", "benchmarks")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name != "__init__.py" and f"`{path.name}`" not in text
    ]
    assert not missing
