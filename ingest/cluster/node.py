"""What runs on the nodes of a Ray cluster: files are read, chunks embedded.

Imports of weight happen in the calls: Ray imports the module on every node. Nothing here talks to
Ray, so that the same functions run without it.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.privacy import silence_libraries

if TYPE_CHECKING:
    from rag.config import EmbedderSettings, IngestSettings
    from rag.models.embedder import SentenceEmbedder
    from rag.types import Chunk

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call comes to on the node `host`, whose modules have the digest `code`."""

    code: str
    host: str
    value: Any


@cache
def code_digest() -> str:
    """The SHA-256 of the modules that read and embed: where it differs, so may what they make."""
    found = hashlib.sha256()
    for room in ("ingest", "rag"):
        for file in sorted((_ROOT / room).rglob("*.py")):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            found.update(f"{content} {file.relative_to(_ROOT).as_posix()}\n".encode())
    return found.hexdigest()


def read_file(data: bytes, path: Path, limits: IngestSettings) -> Reply:
    """The document in `data`, the bytes of the file at `path` elsewhere, or why there is none."""
    silence_libraries()
    from ingest.workers import read_or_reason

    return _reply(read_or_reason(data, path, limits))


def _reply(value: Any) -> Reply:
    return Reply(code_digest(), socket.gethostname(), value)


class NodeEmbedder:
    """The embedder of a node, out of the node's own models folder."""

    def __init__(self) -> None:
        self._embedder: SentenceEmbedder | None = None

    def load(self, wanted: EmbedderSettings, threads: int) -> Reply:
        """Load it, to compute with so many threads: what embedder it is, or why there is none."""
        silence_libraries()
        from rag.config import Settings, load_settings
        from rag.errors import PlumbError
        from rag.models.embedder import load_embedder

        try:
            settings = Settings(home=load_settings().home_dir, embedder=wanted)
            self._embedder = load_embedder(settings)
        except PlumbError as err:
            return _reply(err)
        import torch

        torch.set_num_threads(threads)
        return _reply(self._embedder.info)

    def embed(self, chunks: Sequence[Chunk]) -> Reply:
        """The vectors of the chunks, in order."""
        from ingest.workers import embed_passages

        assert self._embedder is not None, "load comes first"
        return _reply(embed_passages(chunks, self._embedder))
