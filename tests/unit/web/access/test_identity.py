from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.access.identity import (
    NOBODY,
    OWNER,
    ROLES,
    Action,
    Identity,
    Role,
    asking,
    current,
    identity_of,
    less,
    may,
)

ACTIONS: tuple[Action, ...] = ("read", "write", "manage")
grants = st.dictionaries(st.sampled_from(("*", "law", "hr")), st.sampled_from(ROLES))


def who(**granted: Role) -> Identity:
    return Identity(
        "user", "ann", {name.replace("all", "*"): role for name, role in granted.items()}
    )


@pytest.mark.parametrize(
    ("identity", "law", "hr", "everything"),
    [
        (NOBODY, "", "", ""),
        (who(), "", "", ""),
        (who(law="reader"), "read", "", ""),
        (who(law="editor"), "read write", "", ""),
        (who(law="admin"), "read write manage", "", ""),
        (who(all="reader", hr="editor"), "read", "read write", "read"),
        (who(all="admin", hr="reader"), *["read write manage"] * 3),
        (OWNER, *["read write manage"] * 3),
    ],
)
def test_a_role_may_what_those_below_it_may(
    identity: Identity, law: str, hr: str, everything: str
) -> None:
    for collection, allowed in [("law", law), ("hr", hr), (None, everything)]:
        assert [a for a in ACTIONS if may(identity, a, collection)] == allowed.split()


@given(grants, grants)
def test_a_key_may_what_both_its_owner_and_its_scope_may(
    owner: Mapping[str, Role], scope: Mapping[str, Role]
) -> None:
    both = Identity("key", "k", less(owner, scope))
    apart = [Identity("user", "u", owner), Identity("key", "k", scope)]
    for collection in ("law", "hr", "other"):
        for action in ACTIONS:
            allowed = all(may(identity, action, collection) for identity in apart)
            assert may(both, action, collection) == allowed


def test_a_request_that_did_not_pass_the_guard_is_nobodys() -> None:
    assert identity_of({"type": "http"}) is NOBODY
    assert current() is NOBODY


def test_the_identity_lasts_as_long_as_the_request() -> None:
    scope: dict[str, object] = {}
    with asking(OWNER, scope):
        assert current() is OWNER
        assert identity_of({**scope}) is OWNER
    assert current() is NOBODY
