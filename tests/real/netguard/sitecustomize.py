"""Loaded by Python at start when this folder is on PYTHONPATH: refuses what leaves the machine.

Every look-up of a name and every connection that is not to loopback is written to the file named
by NETGUARD_LOG and refused. Child processes inherit it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")


def _is_local(host: object) -> bool:
    if host is None or host in ("", b""):
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return name.startswith(LOOPBACK)


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if _is_local(host):
        return
    with open(os.environ["NETGUARD_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{event} {host!r}\n")
    raise OSError(f"netguard: {event} to {host!r} is not loopback")


if "NETGUARD_LOG" in os.environ:
    sys.addaudithook(_guard)
