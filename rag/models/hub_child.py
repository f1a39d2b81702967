"""Fetch from the model hub in a process of its own: `python hub_child.py file|snapshot ...`.

A process can be ended at any time, also while it waits for a name server; that is how the parent
keeps its promise on what an unreachable hub may cost. Knows nothing of the rest of the program.

    hub_child.py file REPOSITORY FILENAME TARGET     appends to what TARGET already holds
    hub_child.py snapshot REPOSITORY FOLDER          what sentence-transformers needs
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

DISK_FULL = 3
_NEEDLESS = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.gguf", "*.png"]


def fetch_file(repository: str, filename: str, target: Path) -> None:
    """Append the rest of the file to `target`, or write it anew if the server sends the whole."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    have = target.stat().st_size if target.exists() else 0
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    url = hf_hub_url(repository, filename)
    with get_session().stream("GET", url, headers=headers, follow_redirects=True) as response:
        response.raise_for_status()
        with target.open("ab" if response.status_code == 206 else "wb") as out:
            for block in response.iter_bytes():
                out.write(block)


def fetch_snapshot(repository: str, folder: Path) -> None:
    """Fetch a repository's files into `folder`, without the weights of other frameworks."""
    from huggingface_hub import HfApi, snapshot_download

    names = HfApi().list_repo_files(repository)
    safe = any(name.endswith(".safetensors") for name in names)
    ignored = [*_NEEDLESS, *(["*.bin"] if safe else [])]
    snapshot_download(repository, local_dir=folder, ignore_patterns=ignored)


def main(arguments: list[str]) -> int:
    """The exit code: 0 or DISK_FULL. Any other failure ends in a traceback, whose last line the
    parent passes on."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["HF_HUB_DISABLE_XET"] = "1"  # its cache elsewhere would double the disk needed
    try:
        if arguments[0] == "file":
            fetch_file(arguments[1], arguments[2], Path(arguments[3]))
        else:
            fetch_snapshot(arguments[1], Path(arguments[2]))
    except OSError as err:
        if err.errno in (errno.ENOSPC, errno.EDQUOT):
            return DISK_FULL
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
