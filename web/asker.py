"""Whose conversations and feedback are whose: the one place that says it."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from web.access.desk import page_asker
from web.access.identity import OWNER, Forbidden, Identity, identity_of

LOCAL = OWNER.holder
"""Who sits at this machine."""


def user_of(request: HTTPConnection) -> str:
    """The sender of a request. Raises Forbidden for nobody."""
    return _holder(identity_of(request.scope))


def page_user() -> str:
    """The sender of the event that Gradio is working on. Raises Forbidden for nobody."""
    return _holder(page_asker())


def _holder(identity: Identity) -> str:
    if not identity.holder:
        raise Forbidden("sign in first: nobody has conversations")
    return identity.holder
