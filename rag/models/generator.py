"""The language model, a LangChain chat model whatever runs it: OpenVINO or a llama.cpp server
inside this process, or an OpenAI-compatible endpoint.

Nothing is traced or reported anywhere; the embedded server is reached over loopback without the
proxy that the environment may name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from rag.config import GeneratorSettings, Settings
from rag.errors import ConfigError, ModelError
from rag.models.adapter import Adapter, open_adapter, require_fit
from rag.models.catalogue import CATALOGUE
from rag.models.digest import remembered_sha256
from rag.models.installed import model_path
from rag.models.openvino_folder import openvino_folder
from rag.models.progress import Progress, silent
from rag.models.reachable import is_loopback

_LOG = logging.getLogger(__name__)
_NO_KEY = "none"
_OPENAI_HOST = "api.openai.com"


def _nothing() -> None:
    """What there is to close at an endpoint of others."""


def _always() -> bool:
    """What cannot die but with this process, or is not ours to start again."""
    return True


@dataclass(frozen=True, slots=True)
class Generator:
    """A language model that is ready. `name` tells its adapter too; `digest` is the SHA-256 of its
    weights, None where it is served by others. Close it, or use it as a context manager."""

    name: str
    digest: str | None
    chat: BaseChatModel
    _close: Callable[[], None] = field(default=_nothing, repr=False)
    _alive: Callable[[], bool] = field(default=_always, repr=False)

    def alive(self) -> bool:
        """Whether a model of this process still runs; True for one that others serve."""
        return self._alive()

    def close(self) -> None:
        """Free the embedded model, if there is one. May be called twice."""
        self._close()

    def __enter__(self) -> Generator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_generator(settings: Settings) -> Generator:
    """The language model that the settings name.

    With `generator.base_url` the model of that name there; nothing is asked of the endpoint yet,
    so a wrong address shows at the first question. Otherwise the catalogue name or `.gguf` file is
    loaded here, with the adapter that `generator.adapter` names, which takes seconds, half a minute
    more the first time with OpenVINO. Raises ModelError when model or adapter is not on this
    machine, cannot be loaded or does not fit, ConfigError for an address that is none.
    """
    wanted = settings.generator
    adapter = fitting_adapter(settings)
    if wanted.base_url is not None:
        key = wanted.api_key.get_secret_value() if wanted.api_key is not None else _NO_KEY
        return Generator(wanted.model, None, _chat_elsewhere(wanted, wanted.base_url, key))
    weights, digest = weights_of(settings)
    name = wanted.model if wanted.model in CATALOGUE else weights.stem
    if (folder := openvino_folder(settings, weights, digest)) is not None:
        from rag.models.openvino_chat import Engine, OpenVinoChat

        engine = Engine(folder, wanted)
        return Generator(name, digest, OpenVinoChat(engine, name, wanted), engine.close)
    from rag.models.server import EmbeddedServer

    if adapter is not None:
        name = f"{name} + {adapter.label}"
        _LOG.warning("llama.cpp runs %s: it takes adapters in GGUF form", name)
    server = EmbeddedServer(weights, wanted, adapter)
    chat = _chat(wanted, name, server.base_url, server.api_key)
    return Generator(name, digest, chat, server.close, server.alive)


def fitting_adapter(settings: Settings) -> Adapter | None:
    """The adapter that the settings name, None for none. Raises ModelError and ConfigError where
    it, or the model that it is for, cannot be used or does not fit."""
    adapter = open_adapter(settings)
    if adapter is not None:
        require_fit(adapter, weights_of(settings)[0])
    return adapter


def served(settings: Settings) -> Settings:
    """The settings with an embedded model behind the OpenAI interface over HTTP, for those who need
    its address, replies in a form of JSON, or the probabilities of tokens."""
    generator = settings.generator.model_copy(update={"runtime": "llama.cpp"})
    return settings.model_copy(update={"generator": generator})


def prepare_generator(settings: Settings, name: str, progress: Progress = silent) -> None:
    """Do now what the first `open_generator` of that catalogue name would wait for."""
    generator = settings.generator.model_copy(update={"model": name})
    weights, digest = weights_of(settings.model_copy(update={"generator": generator}))
    openvino_folder(settings, weights, digest, progress)


def weights_of(settings: Settings) -> tuple[Path, str]:
    """The embedded model's GGUF file and its SHA-256. Raises ModelError when it is not here."""
    name = settings.generator.model
    if name in CATALOGUE:
        spec = CATALOGUE[name]
        if spec.kind != "generator":
            raise ModelError(f"{name!r} is an {spec.kind}, not a language model")
        return model_path(settings, name), spec.sha256
    path = Path(name).expanduser()
    if path.suffix.lower() != ".gguf":
        known = ", ".join(s.name for s in CATALOGUE.values() if s.kind == "generator")
        raise ModelError(
            f"the language model {name!r} is neither a .gguf file nor a catalogue name ({known}); "
            "for one that is served elsewhere set generator.base_url as well"
        )
    if not path.is_file():
        raise ModelError(f"the language model {path} does not exist")
    return path, remembered_sha256(path, settings.home_dir / "cache" / "digests.json")


def _chat_elsewhere(wanted: GeneratorSettings, base_url: str, key: str) -> BaseChatModel:
    """The model at `base_url`, or spread over that server and the others."""
    if not wanted.more_urls:
        return _chat(wanted, wanted.model, base_url, key)
    from rag.models.spread import Server, Servers, SpreadChat

    hasty = wanted.model_copy(update={"timeout_s": min(wanted.patience_s, wanted.timeout_s)})
    urls = dict.fromkeys((base_url, *wanted.more_urls))
    servers = [Server(url, _chat(hasty, wanted.model, url, key, retries=0)) for url in urls]
    return SpreadChat(servers=Servers(servers))


def _chat(
    wanted: GeneratorSettings, model: str, base_url: str, api_key: str, *, retries: int = 1
) -> BaseChatModel:
    host = _host(base_url)
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
    from pydantic import SecretStr

    local = is_loopback(host)
    options: dict[str, Any] = {}
    if host != _OPENAI_HOST:
        # ChatOpenAI sends OpenAI's new name for the limit, which many servers do not know yet.
        options["extra_body"] = {"max_tokens": wanted.max_tokens}
    return ChatOpenAI(
        model=model,
        base_url=base_url,
        api_key=SecretStr(api_key),
        temperature=wanted.temperature,
        max_completion_tokens=wanted.max_tokens,
        timeout=wanted.timeout_s,
        max_retries=0 if local else retries,
        streaming=True,
        stream_usage=local or None,
        use_responses_api=False,
        # Given here, for the client that ChatOpenAI makes itself passes over every proxy.
        http_client=DefaultHttpxClient(trust_env=not local),
        http_async_client=DefaultAsyncHttpxClient(trust_env=not local),
        **options,
    )


def _host(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"generator.base_url = {base_url!r} is not an address: give one such as "
            "http://127.0.0.1:11434/v1"
        )
    return parts.hostname
