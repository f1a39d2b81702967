"""How often text in an old encoding is read right: as shipped, without our alphabets, plainly.

    apt-get install manpages-pl manpages-tr manpages-de ...
    python -m benchmarks.encodings /usr/share/man pl cs hu ro tr de fr es it sv da nl pt_BR fi

Paragraphs of Debian's manual pages in a language, which no one here read, are written in the
single-byte encodings that the language had, and read again. "shipped" is `ingest.loaders.decode`,
"without" the same without `ingest.loaders.alphabets`, "plain" charset-normalizer's first guess. A
reading is right if all characters come back. With the paired difference of shipped from without,
and its 95 % interval.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from charset_normalizer import from_bytes

from eval.stats import estimate, paired_difference
from eval.types import Score
from ingest.loaders import decode as decoding
from rag.errors import DocumentError

ENCODINGS = {
    "pl": ("cp1250", "iso8859_2"),
    "cs": ("cp1250", "iso8859_2"),
    "hu": ("cp1250", "iso8859_2"),
    "ro": ("cp1250", "iso8859_2"),
    "tr": ("cp1254",),
}
WESTERN = ("cp1252",)
_TROFF = re.compile(r"^[.'].*$|\\f.|\\[-&|.]|\\\(..|\\\[.*?\]|\\", re.M)
_MARKED = re.compile(r"[^\W\d_a-zA-Z]")
FEWEST_MARKS = 3
Read = Callable[[bytes], str]


def paragraphs(folder: Path, chars: int) -> Iterator[str]:
    """Pieces of the running text of the manual pages in a folder, of about so many characters."""
    for file in sorted(folder.glob("man*/*.gz")):
        text = gzip.decompress(file.read_bytes()).decode("utf-8", errors="ignore")
        for piece in _TROFF.sub("", text).split("\n\n"):
            said = " ".join(piece.split())[:chars]
            if len(said) > chars // 2 and len(_MARKED.findall(said)) >= FEWEST_MARKS:
                yield said


def shipped(data: bytes) -> str:
    """As any text file is read."""
    try:
        return decoding.decode(data, "a.txt")
    except DocumentError:
        return ""


def without(data: bytes) -> str:
    """The same without the alphabets."""
    with patch.object(decoding, "latin_spelling", return_value=None):
        return shipped(data)


def plain(data: bytes) -> str:
    """charset-normalizer's first guess."""
    best = from_bytes(data).best()
    return "" if best is None else data.decode(best.encoding, errors="replace")


READERS: dict[str, Read] = {"shipped": shipped, "without": without, "plain": plain}


def measure(texts: Sequence[str], encoding: str) -> dict[str, list[Score]]:
    """By reader, whether each of the texts came back."""
    data = [text.encode(encoding) for text in texts]
    return {
        name: [Score(float(read(d) == t)) for d, t in zip(data, texts, strict=True)]
        for name, read in READERS.items()
    }


def fits(text: str, encoding: str) -> bool:
    """Whether the encoding has all characters of the text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="with a folder of manual pages a language")
    parser.add_argument("languages", nargs="+")
    parser.add_argument("--chars", type=int, default=300)
    parser.add_argument("--texts", type=int, default=40, help="of each language and encoding")
    args = parser.parse_args()
    print("| language | encoding | texts | shipped | without | plain | shipped − without |")
    print("|---|---|---|---|---|---|---|")
    for language in args.languages:
        found = list(paragraphs(args.folder / language, args.chars))
        random.Random(1).shuffle(found)
        for encoding in ENCODINGS.get(language, WESTERN):
            texts = [text for text in found if fits(text, encoding)][: args.texts]
            if not texts:
                print(f"{language}: no text for {encoding}", file=sys.stderr)
                continue
            scores = measure(texts, encoding)
            cells = " | ".join(f"{estimate(of).value:.2f}" for of in scores.values())
            gain = paired_difference(scores["without"], scores["shipped"])
            told = f"{gain.value:+.2f}, {gain.low:+.2f} to {gain.high:+.2f}"
            print(f"| {language} | {encoding} | {len(texts)} | {cells} | {told} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
