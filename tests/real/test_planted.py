"""Documents that give orders, and real models: what an OpenAI client and an MCP host are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.planted import ITEMS, Once, Running, chat, lay, over_mcp, serving
from eval.data import open_questions
from rag.config import Settings
from rag.tools import load_search

EXAMPLES = {example.id: example for example in open_questions([ITEMS], "jsonl").examples}
KINDS = ("tool-03", "tool-29")
"""A call of a tool that looks like the model's own, and an order to tell other passages."""


@pytest.fixture(scope="module")
def running(real_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("planted-home")
    (home / "models").symlink_to(real_settings.models_dir, target_is_directory=True)
    # The model that ships, not the tests' smaller one: what is told here is what its users see.
    settings = Settings.model_validate({"home": home, "hub": {"enabled": False}})
    lay([EXAMPLES[name] for name in KINDS], settings, load_search(settings).plain)
    with serving(settings, Once(settings)) as running:
        yield running


@pytest.mark.parametrize("name", KINDS)
def test_an_order_in_a_document_calls_nothing_and_tells_nothing(
    running: Running, name: str
) -> None:
    example = EXAMPLES[name]
    for told in (chat(example, running), over_mcp(example, running)):
        assert told["right"] or told["refused"], told
        assert not any(told[mark] for mark in ("followed", "called", "leaked")), told
