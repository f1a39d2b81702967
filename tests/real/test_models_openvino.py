"""The default language model run by OpenVINO, which does not know the small one's weights."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE
from rag.models.generator import Generator, open_generator
from rag.models.installed import model_path
from rag.models.openvino_chat import Engine, OpenVinoChat
from rag.models.openvino_folder import openvino_folder, runtime_of

pytestmark = pytest.mark.skipif(
    find_spec("openvino_genai") is None, reason="installed on x86 alone"
)
MODEL = "qwen2.5-coder-1.5b-instruct"


def on_openvino(settings: Settings, **generator: object) -> Settings:
    changed = {"model": MODEL, "runtime": "openvino", **generator}
    return settings.model_copy(update={"generator": settings.generator.model_copy(update=changed)})


@pytest.fixture(scope="module")
def generator(real_settings: Settings) -> Iterator[Generator]:
    with open_generator(on_openvino(real_settings)) as opened:
        assert isinstance(opened.chat, OpenVinoChat)
        yield opened


def test_it_streams_and_repeats_itself_at_temperature_zero(generator: Generator) -> None:
    question = "Name the capital of France in one short sentence."
    pieces = [str(chunk.text) for chunk in generator.chat.stream(question)]
    assert "Paris" in "".join(pieces)
    assert len([piece for piece in pieces if piece]) > 2
    assert generator.chat.invoke(question).text == "".join(pieces)


def test_it_says_which_weights_it_runs(generator: Generator, real_settings: Settings) -> None:
    assert generator.digest == CATALOGUE[MODEL].sha256
    said = runtime_of(on_openvino(real_settings), CATALOGUE[MODEL].sha256)
    assert said.startswith("openvino-genai 2")


def test_chinese_characters_and_emoji_are_whole(generator: Generator) -> None:
    question = "请把这句话一字不差地重复三遍：鼷鼠🐭与龘字，齉鼻子🧪。"
    pieces = [str(chunk.text) for chunk in generator.chat.stream(question)]
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces)
    assert "🐭与龘字" in "".join(pieces)


def test_what_is_quoted_from_the_prompt_is_guessed_and_not_changed(generator: Generator) -> None:
    text = "The pump P-7719 in hall 42 was installed by Mara Lindqvist on 3 May 2021 for EUR 18,400"
    question = f"Repeat word by word, and nothing else: {text}"
    assert text in generator.chat.invoke(question).text


def test_how_probable_a_word_is(generator: Generator) -> None:
    assert isinstance(generator.chat, OpenVinoChat)
    words = (("Yes", "yes"), ("No", "no"), ("Yes",))
    asked = [HumanMessage("Is Paris the capital of France? Reply only yes or no.")]
    yes, no, capital = generator.chat.first_word(asked, words)
    assert no + 1 < yes < 0
    assert capital <= yes + 0.01
    denied = [HumanMessage("Is Rome the capital of France? Reply only yes or no.")]
    yes, no, _ = generator.chat.first_word(denied, words)
    assert yes < no < 0


def test_who_stops_listening_lets_the_next_one_in(generator: Generator) -> None:
    for _ in range(3):
        pieces = generator.chat.stream("Count from one to three hundred in words.")
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
    assert "4" in generator.chat.invoke("What is 2 + 2? A digit only.").text


def test_questions_at_the_same_time_are_all_answered(generator: Generator) -> None:
    capitals = {"France": "Paris", "Italy": "Rome", "Spain": "Madrid"}
    said: dict[str, str] = {}

    def ask(country: str) -> None:
        said[country] = str(generator.chat.invoke(f"Name the capital of {country}.").text)

    threads = [threading.Thread(target=ask, args=(country,)) for country in capitals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(city in said[country] for country, city in capitals.items())


def test_a_prompt_without_room_is_told(generator: Generator) -> None:
    with pytest.raises(ModelError, match=r"reads 4096: raise generator\.context_tokens"):
        generator.chat.invoke("word " * 5000)


def test_it_ends_where_the_context_ends(real_settings: Settings) -> None:
    with open_generator(on_openvino(real_settings, context_tokens=512)) as small:
        reply = small.chat.invoke("word " * 470, max_completion_tokens=300)
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["total_tokens"] <= 512


def test_closing_ends_what_is_written_and_what_waits(real_settings: Settings) -> None:
    generator = open_generator(on_openvino(real_settings))
    written = generator.chat.stream("Count from one to three hundred in words.")
    next(written)
    said: list[str] = []

    def wait() -> None:
        said.append(str(generator.chat.invoke("Name the capital of France.").text))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    generator.close()
    waiting.join(timeout=30)
    assert not waiting.is_alive()
    assert said == [""]
    assert len("".join(str(piece.text) for piece in written)) < 500
    with pytest.raises(ModelError, match="has been closed"):
        generator.chat.invoke("Name the capital of France.")


def test_the_small_model_is_left_to_llama_cpp(
    real_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    weights = model_path(real_settings, real_settings.generator.model)
    digest = CATALOGUE[real_settings.generator.model].sha256
    wanted = on_openvino(real_settings, model=real_settings.generator.model)
    with pytest.raises(ModelError, match=r"cannot run .*q4_k_m\.gguf.*runtime to llama\.cpp"):
        openvino_folder(wanted, weights, digest)
    with caplog.at_level(logging.INFO):
        assert openvino_folder(real_settings, weights, digest) is None


def test_a_damaged_folder_is_told(real_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "openvino_model.xml").write_text("<net")
    with pytest.raises(ModelError, match="OpenVINO cannot load"):
        Engine(tmp_path, real_settings.generator)
