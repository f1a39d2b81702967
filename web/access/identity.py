"""Who asks, and what they may: the one place that decides.

`may` reads what an identity was granted and nothing else. The guard puts the identity of a request
into its scope and its context; a request that did not come through the guard is nobody's, and
nobody may nothing. Knows nothing of HTTP's forms, databases or passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from starlette.requests import HTTPConnection

from rag.errors import CollectionError, PlumbError

Role = Literal["reader", "editor", "admin"]
Action = Literal["read", "write", "manage"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Each may all that those before it may."""
EVERYTHING: Final = "*"
"""In a grant: all collections, those to come too."""
_NEEDS: Final[Mapping[Action, Role]] = {"read": "reader", "write": "editor", "manage": "admin"}
_IN_SCOPE: Final = "plumbline.identity"


class Forbidden(PlumbError):
    """The asker is known and may not do this."""


class NotThere(CollectionError):
    """There is no such collection, or none that the asker may know of."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` as the audit log has it; `grants` map a collection, or `*`, to the role held there;
    `holder` is whom sessions and conversations belong to."""

    kind: Literal["owner", "user", "key", "nobody"]
    name: str
    grants: Mapping[str, Role] = field(default_factory=dict)
    holder: str = field(default="", compare=False)


NOBODY: Final = Identity("nobody", "")
OWNER: Final = Identity("owner", "owner", {EVERYTHING: "admin"}, "local")
"""Who sits at this machine, as long as no user and no key was ever made; and who runs a command."""

_asking: ContextVar[Identity] = ContextVar("plumbline_identity", default=NOBODY)


def may(identity: Identity, action: Action, collection: str | None) -> bool:
    """Whether the identity may do this to the collection; None means all collections at once, and
    what belongs to none, such as evaluation reports."""
    needed = ROLES.index(_NEEDS[action])
    places = {EVERYTHING, collection}
    return any(
        place in places and ROLES.index(role) >= needed for place, role in identity.grants.items()
    )


def may_read(asker: HTTPConnection | None, collection: str) -> bool:
    """Whether the sender of a request may read the collection; None is the owner of this process,
    who speaks to it over its standard input."""
    return may(OWNER if asker is None else identity_of(asker.scope), "read", collection)


def readable(asker: HTTPConnection | None, collections: Iterable[str]) -> list[str]:
    """Those of the collections that the asker may read, in the order given."""
    return [name for name in collections if may_read(asker, name)]


def identity_of(scope: Mapping[str, Any]) -> Identity:
    """Whose request an ASGI scope is."""
    found = scope.get(_IN_SCOPE, NOBODY)
    assert isinstance(found, Identity)
    return found


def current() -> Identity:
    """Whose request is being served in this context."""
    return _asking.get()


@contextmanager
def asking(identity: Identity, scope: MutableMapping[str, Any]) -> Iterator[None]:
    """Serve the request of `scope` as that identity's."""
    scope[_IN_SCOPE] = identity
    token = _asking.set(identity)
    try:
        yield
    finally:
        _asking.reset(token)


@contextmanager
def acting_for(asker: HTTPConnection | None) -> Iterator[None]:
    """Work for the sender of a request in a context that is not the request's own; None is the
    owner of this process."""
    token = _asking.set(OWNER if asker is None else identity_of(asker.scope))
    try:
        yield
    finally:
        _asking.reset(token)


def less(grants: Mapping[str, Role], scope: Mapping[str, Role]) -> dict[str, Role]:
    """What is in both: a key may no more than its owner, and no more than it was made for."""
    places = {*grants, *scope}
    if EVERYTHING not in grants:
        places &= {*grants}
    if EVERYTHING not in scope:
        places &= {*scope}
    both = {}
    for place in places:
        held, wanted = _held(grants, place), _held(scope, place)
        if held and wanted:
            both[place] = min(held, wanted, key=ROLES.index)
    return both


def _held(grants: Mapping[str, Role], place: str) -> Role | None:
    roles = [grants[name] for name in {place, EVERYTHING} if name in grants]
    return max(roles, key=ROLES.index, default=None)
