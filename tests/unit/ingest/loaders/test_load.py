"""What holds for every format: characters that cannot be decoded are said."""

from __future__ import annotations

from pathlib import Path

from ingest.loaders import Losses, load_bytes
from rag.config import IngestSettings


def test_foreign_bytes_are_said() -> None:
    losses = Losses()
    data = ("Die Miete beträgt 900. " * 200).encode() + b"\xff\xfe end"
    document = load_bytes(data, Path("a.txt"), IngestSettings(), losses)
    assert document.pages[0].text.endswith("\ufffd\ufffd end")
    assert losses.sentences() == ("2 characters in no known encoding",)


def test_clean_text_says_nothing() -> None:
    losses = Losses()
    load_bytes("Völlig in Ordnung.".encode(), Path("a.txt"), IngestSettings(), losses)
    assert losses.sentences() == ()
