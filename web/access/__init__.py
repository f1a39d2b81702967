"""A request -> who sends it, and whether they may.

`may` decides; everything that shows a word of a collection asks it, through `Desk`, `may_read` or
`readable`.
"""

from web.access.identity import (
    EVERYTHING,
    NOBODY,
    OWNER,
    ROLES,
    Action,
    Forbidden,
    Identity,
    Role,
    acting_for,
    current,
    identity_of,
    may,
    may_read,
    readable,
)

__all__ = [
    "EVERYTHING",
    "NOBODY",
    "OWNER",
    "ROLES",
    "Action",
    "Forbidden",
    "Identity",
    "Role",
    "acting_for",
    "current",
    "identity_of",
    "may",
    "may_read",
    "readable",
]
