"""`python -m ingest PATH... [--collection NAME] [--remove FILE] [--prune [--yes]]
[--json]`.

The same as `plumb ingest`. Exit codes: 0 done, 1 something failed or interrupted, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rag.errors import PlumbError, UsageError
from rag.privacy import silence_libraries


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse `arguments` (the command line's by default), run, and return the exit code."""
    given = _parser().parse_args(arguments)
    silence_libraries()
    from ingest.command import run_ingest
    from ingest.pipeline import Prune
    from rag.config import load_settings

    overrides = {"collection": given.collection} if given.collection else {}
    try:
        settings = load_settings(overrides=overrides)
        prune: Prune = ("all" if given.yes else "yes") if given.prune or given.watch else "no"
        return run_ingest(
            settings,
            given.paths,
            given.remove,
            as_json=given.json,
            prune=prune,
            ignore=given.ignore,
            watch=given.watch,
        )
    except PlumbError as err:
        print(f"error: {err}", file=sys.stderr)
        return 2 if isinstance(err, UsageError) else 1
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Read documents (PDF, Office, EPUB, mail, web, text) into a collection.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    parser.add_argument("--collection", "-c", metavar="NAME", help="the collection's name")
    parser.add_argument(
        "--remove", action="append", default=[], metavar="FILE", help="remove this document"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="PATTERN", help="pass over, as .gitignore"
    )
    parser.add_argument(
        "--prune", action="store_true", help="remove what is no longer in the folders"
    )
    parser.add_argument(
        "--yes", "-y", action="store_true", help="with --prune: even if that is all"
    )
    parser.add_argument("--watch", action="store_true", help="follow the folders until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="the receipt as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
