"""Whose conversations and feedback are whose: the one place that says it.

Knows nothing of how people sign in.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

LOCAL = "local"
"""Who sits at this machine."""


def user_of(request: HTTPConnection) -> str:
    """The sender of a request."""
    return LOCAL


def page_user() -> str:
    """The sender of the event that Gradio is working on."""
    return LOCAL
