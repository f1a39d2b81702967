"""What the libraries are kept from, before they are imported."""

from __future__ import annotations

from rag.privacy import LIMITS, SWITCHES, silence_libraries


def test_a_leak_is_no_preference_and_a_limit_is() -> None:
    [limit] = LIMITS
    environ = {"GRADIO_ANALYTICS_ENABLED": "True", limit: "1024"}
    silence_libraries(environ)
    assert environ == SWITCHES | {limit: "1024"}
    fresh: dict[str, str] = {}
    silence_libraries(fresh)
    assert fresh == SWITCHES | LIMITS
