"""Requests made from our own OpenAPI schema: none may end in an error of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from rag.config import Settings
from tests.fakes import FakeEmbedder
from tests.unit.web.test_api_files import Keeping
from web.api import build_api
from web.engine import Engine
from web.work import Embedded, TextKind

EXAMPLES = 8
"""Of each operation, for requests that follow the schema and for those that do not."""


class Embedding(Keeping):
    """Gives vectors too."""

    def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        return Embedded(FakeEmbedder().embed_passages(texts), len(texts))


def try_out(operation: Any, mode: GenerationMode) -> int:
    """Send made-up requests; the number of those that were sent."""
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(checks=[not_a_server_error])

    send()
    return sent


def test_no_request_ends_in_a_server_error(tmp_path: Path) -> None:
    engine = Engine(Embedding())
    engine.start()
    while engine.readiness.phase == "loading":
        pass
    api = build_api(engine, Settings(home=tmp_path))
    schema = schemathesis.openapi.from_asgi("/openapi.json", api)
    operations = [r.ok() for r in schema.get_all_operations() if isinstance(r, Ok)]
    assert len(operations) > 20
    sent = {
        operation.label: try_out(operation, mode)
        for operation in operations
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or operation.body or operation.query
    }
    assert all(sent.values()), sent
    engine.close()
