"""Damaged files -> does any of them crash, hang or confuse the loaders?

    python -m benchmarks.fuzz FOLDER [--seconds 600] [--seed 0] [--keep FOLDER]

Takes the files of FOLDER that Plumbline reads, of every format if it can, and damages copies of
them in ways that files are damaged, or made to do damage: bytes changed, cut out, repeated, swapped
with those of another file, numbers made extreme; in archives within the members, too. Each copy is
read as by `plumb ingest`, in a process of its own. To be refused with a reason is right; to crash
the process or to take longer than --limit seconds is not: such files are kept. Prints a line for
each and the counts; exits with 1 if there was one. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.apart import Ended
from ingest.documents import read_document
from ingest.files import Found, find_files
from ingest.loaders import is_none_of_ours
from rag.config import IngestSettings
from rag.errors import DocumentError

_EXTREMES = [b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00"]
_NUMBERS = [b"0", b"-1", b"99999999999", b"2147483648", b"1e308", b"NaN"]
_MOST_BYTES = 2_000_000
_DIGITS = b"0123456789"


def main(argv: Sequence[str] | None = None) -> int:
    """Damage and read files until the time is up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long in all")
    parser.add_argument("--limit", type=float, default=60.0, help="how long one file may take")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="where faults go")
    options = parser.parse_args(argv)
    limits = IngestSettings(max_seconds=options.limit, ocr=False)
    outcomes: Counter[str] = Counter()
    end = time.monotonic() + options.seconds
    for number, (name, data) in enumerate(damaged(options.folder, random.Random(options.seed))):
        if time.monotonic() > end:
            break
        became = outcome(name, data, limits)
        outcomes[became.partition(":")[0]] += 1
        if became not in ("read", "refused"):
            options.keep.mkdir(parents=True, exist_ok=True)
            (kept := options.keep / f"{number}-{name}").write_bytes(data)
            print(f"{kept}: {became}", flush=True)
    print(", ".join(f"{count:,} {what}" for what, count in outcomes.most_common()))
    return int(bool(set(outcomes) - {"read", "refused"}))


def outcome(name: str, data: bytes, limits: IngestSettings) -> str:
    """ "read", "refused", or "fault" with what happened."""
    try:
        read_document(data, Path("/", name), limits)
    except Ended as err:
        return f"fault: {err}"
    except DocumentError:
        return "refused"
    return "read"


def damaged(folder: Path, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Names and contents of damaged copies, without end. Raises SystemExit if there is nothing."""
    files = sorted(
        found.path
        for found in find_files([folder])
        if isinstance(found, Found) and found.size <= _MOST_BYTES and _is_ours(found.path)
    )
    by_kind: dict[str, list[Path]] = {}
    for path in files:
        by_kind.setdefault(path.suffix.lower(), []).append(path)
    if not by_kind:
        raise SystemExit(f"{folder} holds no file of up to {_MOST_BYTES:,} bytes that is read")
    while True:
        path = chance.choice(by_kind[chance.choice(sorted(by_kind))])
        data, other = path.read_bytes(), chance.choice(files).read_bytes()
        is_archive = zipfile.is_zipfile(io.BytesIO(data)) and chance.random() < 0.8
        harm = damage_member if is_archive else damage
        yield path.name, harm(data, other, chance)


def _is_ours(path: Path) -> bool:
    try:
        return is_none_of_ours(path) is None
    except DocumentError:
        return False


def damage(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The bytes with one to eight faults; `other` lends some of its own."""
    raw = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw) + 1)
        size = min(len(raw), int(2 ** chance.uniform(0, 12)))
        match chance.randrange(8):
            case 0:
                raw[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del raw[at : at + size]
            case 2:
                raw[at:at] = raw[at : at + size] * chance.randint(1, 20)
            case 3:
                extreme = chance.choice(_EXTREMES)
                raw[at : at + len(extreme)] = extreme
            case 4:
                _change_number(raw, at, chance)
            case 5:
                start = chance.randrange(len(other) + 1)
                raw[at : at + size] = other[start : start + size]
            case 6:
                del raw[at:]
            case _:
                raw[at : at + size] = bytes(raw[at : at + size])[::-1]
    return bytes(raw)


def _change_number(raw: bytearray, at: int, chance: random.Random) -> None:
    """Put an extreme number in place of the next one that is written in digits."""
    start = next((n for n in range(at, min(at + 4096, len(raw))) if raw[n] in _DIGITS), None)
    if start is not None:
        end = next((n for n in range(start, len(raw)) if raw[n] not in _DIGITS), len(raw))
        raw[start:end] = chance.choice(_NUMBERS)


def damage_member(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The archive with one of its members damaged, left out or there twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(buffer, "w") as copy:
        chosen = chance.randrange(max(len(archive.infolist()), 1))
        for number, member in enumerate(archive.infolist()):
            content = archive.read(member)
            if number == chosen:
                content = damage(content, other, chance) if chance.random() < 0.9 else b""
            copy.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
