"""Room on the disk: asked for beforehand, and a full disk told as what it is."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import FetchError, ModelError

_SPARE_BYTES = 64 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


def require_room(folder: Path, needed: int) -> None:
    """Raise FetchError unless `folder`'s disk has room for `needed` bytes and a little more."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE_BYTES:
        raise FetchError(
            f"the disk of {folder} has {free / 1e9:.2f} GB free and the model needs "
            f"{(needed + _SPARE_BYTES) / 1e9:.2f} GB: make room, or set PLUMB_HOME to a folder "
            "on another disk"
        )


@contextmanager
def disk_errors_told(folder: Path) -> Iterator[None]:
    """Turn "no space left" and "not allowed" into errors that name `folder` and the mend."""
    try:
        yield
    except OSError as err:
        if err.errno in _FULL:
            raise disk_full(folder) from err
        if err.errno in _FORBIDDEN:
            raise ModelError(
                f"cannot write to {err.filename or folder} ({err.strerror}): give yourself the "
                "right to write there, or set PLUMB_HOME to a folder of your own"
            ) from err
        raise


def disk_full(folder: Path) -> FetchError:
    """The error for a disk that filled up while writing to `folder`."""
    return FetchError(
        f"the disk of {folder} is full: make room and pull again, which goes on from here, or set "
        "PLUMB_HOME to a folder on another disk"
    )
