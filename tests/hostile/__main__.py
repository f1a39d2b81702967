"""`python -m tests.hostile FOLDER`: write the hostile files into a new folder."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.hostile import write_all

if __name__ == "__main__":
    (target := Path(sys.argv[1])).mkdir(parents=True)
    write_all(target)
