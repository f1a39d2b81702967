"""LoRA adapters, with a language model of a few kilobytes that llama.cpp runs for real."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import ConfigError, ModelError
from rag.models.digest import file_sha256
from rag.models.generator import open_generator
from tests.unit.rag.models.tiny_gguf import write_adapter, write_model

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "tiny.gguf")


def with_adapter(settings: Settings, model: Path, adapter: Path, **more: Any) -> Settings:
    generator = {"model": str(model), "adapter": adapter, "context_tokens": 512, **more}
    return Settings.model_validate({"home": settings.home, "generator": generator})


def written(settings: Settings) -> str:
    with open_generator(settings) as generator:
        return str(generator.chat.invoke("hi", max_completion_tokens=6).content)


def test_an_adapter_changes_what_is_written_and_is_named_with_its_digest(
    settings: Settings, model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = write_adapter(model.with_name("shouts.gguf"), "x")
    plain = Settings.model_validate(
        {"home": settings.home, "generator": {"model": str(model), "context_tokens": 512}}
    )
    assert "x" not in written(plain)
    adapted = with_adapter(settings, model, adapter)
    with caplog.at_level(logging.WARNING), open_generator(adapted) as generator:
        said = str(generator.chat.invoke("hi", max_completion_tokens=6).content)
        assert generator.name == f"tiny + shouts ({file_sha256(adapter)[:12]})"
    assert said == "x" * len(said)
    assert "llama.cpp runs tiny + shouts" in caplog.text


def test_the_scale_says_how_much_of_it_is_added(settings: Settings, model: Path) -> None:
    adapter = write_adapter(model.with_name("shouts.gguf"), "x")
    assert "x" not in written(with_adapter(settings, model, adapter, adapter_scale=1e-6))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("other width", r"does not fit .*tiny\.gguf: output\.weight\.lora_a has size 16"),
        ("other architecture", r"does not fit .*tiny\.gguf: its model is a qwen2"),
        ("a model", r"is no LoRA adapter"),
        ("damaged", r"damaged GGUF"),
    ],
)
def test_an_adapter_of_another_model_is_told(
    settings: Settings, model: Path, kind: str, said: str
) -> None:
    wrong = model.with_name("wrong.gguf")
    if kind == "a model":
        write_model(wrong)
    elif kind == "damaged":
        wrong.write_bytes(b"GGUF" + bytes(1000))
    elif kind == "other width":
        write_adapter(wrong, "x", width=16)
    else:
        write_adapter(wrong, "x", arch="qwen2")
    with pytest.raises(ModelError, match=said):
        open_generator(with_adapter(settings, model, wrong))


def test_a_file_that_is_no_adapter_is_refused(settings: Settings, model: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.gguf is not a file"):
        open_generator(with_adapter(settings, model, model.with_name("none.gguf")))
    other = model.with_name("adapter_model.safetensors")
    other.write_bytes(b"{}")
    with pytest.raises(ModelError, match=r"is not a .gguf file: convert"):
        open_generator(with_adapter(settings, model, other))


@pytest.mark.parametrize(
    ("more", "said"),
    [({"base_url": "http://127.0.0.1:1/v1"}, "base_url"), ({"runtime": "openvino"}, "OpenVINO")],
)
def test_what_takes_no_adapter_is_told(
    settings: Settings, model: Path, more: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        open_generator(with_adapter(settings, model, model, **more))
