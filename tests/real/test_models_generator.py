"""The embedded server with the small language model."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE
from rag.models.generator import Generator, open_generator
from rag.models.installed import model_path
from rag.models.server import EmbeddedServer


@pytest.fixture(scope="module")
def generator(real_settings: Settings) -> Iterator[Generator]:
    with open_generator(real_settings) as opened:
        yield opened


def test_it_streams_and_repeats_itself_at_temperature_zero(generator: Generator) -> None:
    question = "Name the capital of France in one short sentence."
    pieces = [str(chunk.content) for chunk in generator.chat.stream(question)]
    assert "Paris" in "".join(pieces)
    assert len([piece for piece in pieces if piece]) > 2
    assert generator.chat.invoke(question).content == "".join(pieces)


def test_it_says_which_weights_it_runs(generator: Generator) -> None:
    assert generator.digest == CATALOGUE[generator.name].sha256


def test_only_who_has_the_key_is_served_and_only_until_the_end(real_settings: Settings) -> None:
    weights = model_path(real_settings, real_settings.generator.model)
    server = EmbeddedServer(weights, real_settings.generator)
    assert server.base_url.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.base_url}/models", timeout=10)
    assert refused.value.code == 401
    refused.value.close()
    allowed = urllib.request.Request(
        f"{server.base_url}/models", headers={"Authorization": f"Bearer {server.api_key}"}
    )
    with urllib.request.urlopen(allowed, timeout=10) as response:
        assert response.status == 200
    assert server.alive()
    server.close()
    server.close()
    assert not server.alive()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(allowed, timeout=10)


def test_any_gguf_file_can_be_named(real_settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own-model.gguf"
    own.symlink_to(model_path(real_settings, real_settings.generator.model))
    changed = real_settings.generator.model_copy(update={"model": str(own), "max_tokens": 16})
    settings = real_settings.model_copy(update={"generator": changed})
    with open_generator(settings) as generator:
        assert generator.name == "own-model"
        assert generator.digest == CATALOGUE[real_settings.generator.model].sha256
        assert generator.chat.invoke("Say yes.").content


def test_a_damaged_gguf_is_told(real_settings: Settings, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelError, match=r"cannot load .*damaged\.gguf"):
        EmbeddedServer(damaged, real_settings.generator)
