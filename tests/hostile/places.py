"""Hostile names, links and things that are no files."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

SECRET = "swordfish"
"""What stands in a file outside of the folder, which must not be read."""

NAMES = {
    "a\nadded      b.txt": "a newline",
    "bell\x07 and \x1b[31mred.txt": "control characters",
    "invoice\u202efdp.txt": "writing from right to left",
    "Kessel–Größe № 1.txt": "other letters",
    "茶壶 说明.txt": "Chinese",
    "إبريق.txt": "Arabic",
    "👩‍🍳🫖.txt": "pictures",
    "-rf.txt": "an option",
    "%s{0}$(id)`id`'\".txt": "marks of shells and formats",
    "<img src=x onerror=alert(1)>.txt": "markup",
    "n" * 250 + ".txt": "a name as long as any",
    " .txt": "a blank",
}


def lay(folder: Path) -> list[str]:
    """Put them into `folder` and beside it; returns the names of what has to have a line."""
    for name, what in NAMES.items():
        (folder / name).write_text(f"The kettle of {what}.")
    broken = os.fsdecode(b"latin\xe9.txt")
    with suppress(OSError):  # some file systems know UTF-8 alone
        (folder / broken).write_text("The kettle of other bytes.")
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(f"The word is {SECRET}.")
    (folder / "out.txt").symlink_to(outside / "secret.txt")
    (folder / "out").symlink_to(outside)
    (folder / "ring").symlink_to(folder / "ring")
    (folder / "nowhere.txt").symlink_to(folder / "nothing")
    (folder / "self").symlink_to(folder)
    (folder / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    with suppress(OSError), socket.socket(socket.AF_UNIX) as server:  # paths of sockets are short
        server.bind(str(folder / "socket.txt"))
    deep = folder
    for _ in range(40):
        deep /= "d" * 20
        deep.mkdir()
    (deep / "deep.txt").write_text("The kettle far below.")
    return [*NAMES, "out.txt", "out", "ring", "nowhere.txt", "zero.txt", "pipe.txt", "deep.txt"]
