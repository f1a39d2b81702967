"""A llama.cpp server inside this process, for this process only.

It listens on a free loopback port and asks for a key that is made anew each time, so that other
users of the machine cannot use it. It ends with the object or the process.
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.config import GeneratorSettings
from rag.errors import ModelError
from rag.models.adapter import Adapter
from rag.models.cpu import usable_cores, wants_repacking
from rag.models.gguf_header import MAGIC

_PROMPT_CACHE_MIB = 256
_QUIET = 0
_ANSWERS_S = 2.0
_SLOTS = 5
"""Beginnings of prompts that are kept read: the instructions for answering and for checking in each
language, and rewriting."""


class EmbeddedServer:
    """A running server: `base_url` speaks the OpenAI interface to whoever shows `api_key`."""

    def __init__(
        self, weights: Path, settings: GeneratorSettings, adapter: Adapter | None = None
    ) -> None:
        """Load the GGUF file, the adapter into it, and listen. Raises ModelError when the file is
        missing, is not a GGUF, or cannot be loaded, and when the adapter does not fit."""
        _require_gguf(weights)
        self.api_key = secrets.token_urlsafe(32)
        self._server: Any = _start(weights, settings, self.api_key, adapter)
        self.base_url = f"{self._server.listening_address}/v1"

    def alive(self) -> bool:
        """Whether it still listens."""
        if self._server is None:
            return False
        place = urlsplit(self.base_url)
        try:
            socket.create_connection((place.hostname, place.port), _ANSWERS_S).close()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop listening and free the model. May be called twice."""
        self._server = None  # its destructor stops the server and waits for its threads


def _require_gguf(weights: Path) -> None:
    try:
        with weights.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as err:
        raise ModelError(f"the language model {weights} cannot be read: {err.strerror}") from err
    if magic != MAGIC:
        raise ModelError(f"{weights} is not a GGUF file: give one that llama.cpp can load")


def _start(
    weights: Path, settings: GeneratorSettings, api_key: str, adapter: Adapter | None = None
) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    if adapter is not None:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter.path), adapter.scale)]
    params.n_ctx = settings.context_tokens
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        settings.threads or usable_cores()
    )
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free one
    params.api_keys = [api_key]
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = _QUIET
    params.n_parallel = _SLOTS
    params.kv_unified = True  # the slots share one cache, so that each may use all of n_ctx
    params.no_extra_bufts = not wants_repacking(settings.repack)
    params.cache_prompt = True
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    # Reusing shifted pieces of the cache would be faster still, but then an answer depends on the
    # questions before it; only a common beginning is reused.
    params.n_cache_reuse = 0
    try:
        return xllamacpp.Server(params)
    except RuntimeError as err:
        adapted = "" if adapter is None else f" with the adapter {adapter.path}"
        raise ModelError(
            f"llama.cpp cannot load {weights}{adapted} with a context of "
            f"{settings.context_tokens} tokens: the file may be damaged (`plumb models verify`), "
            "of a kind this version does not know, or too large for the memory that is free"
        ) from err
