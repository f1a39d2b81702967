"""Which runs were finished on this machine: remembered where they were written, listed for the app.

One file in the home, one folder a line; what is no longer there is passed over. A run is known by
a digest of its folder, so that an address made of it gives no path away and takes none in.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from eval.report import ReportInfo, report_in

_LIST = Path("eval", "runs.txt")


def remember(folder: Path, home: Path) -> None:
    """Note that a run was written to `folder`; a second time changes nothing."""
    path = home / _LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    told = str(folder.resolve())
    if "\n" not in told and told not in _folders(home):
        with path.open("a", encoding="utf-8") as lines:
            lines.write(f"{told}\n")


def finished_runs(home: Path) -> dict[str, ReportInfo]:
    """The runs remembered, by identity, the one that finished last first. Broken ones and those
    whose folder is gone are left out."""
    infos = [(identity(Path(told)), report_in(Path(told))) for told in _folders(home)]
    found = [(key, info) for key, info in infos if info is not None and info.html.is_file()]
    return dict(sorted(found, key=lambda pair: pair[1].finished, reverse=True))


def identity(folder: Path) -> str:
    """16 hexadecimal digits for a run's folder."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def _folders(home: Path) -> list[str]:
    try:
        return (home / _LIST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
