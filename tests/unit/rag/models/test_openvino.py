"""OpenVINO without OpenVINO: when it is chosen, what is kept, and the chat model around an engine.
The real one is tested in tests/real."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

from rag.checking.own_word import OwnWord
from rag.config import GeneratorSettings, Settings
from rag.errors import FetchError, ModelError
from rag.models import openvino_folder
from rag.models.generator import served
from rag.models.openvino_chat import OpenVinoChat
from rag.models.openvino_child import UNKNOWN_KIND
from tests.builders import hit, whole_of

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(100))
    return file


def on(settings: Settings, runtime: str) -> Settings:
    return Settings.model_validate({"home": settings.home, "generator": {"runtime": runtime}})


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that suits OpenVINO, and the package."""
    monkeypatch.setattr(openvino_folder, "usable_memory", lambda: 16 << 30)
    monkeypatch.setattr(openvino_folder, "multiplies_bytes", lambda: True)
    monkeypatch.setattr(openvino_folder, "_installed", lambda: True)
    monkeypatch.setattr(openvino_folder, "version", lambda _: "2026.1")


class Child:
    """Stands for the process that converts: writes a file, or fails as it is told to."""

    def __init__(self, code: int = 0, said: str = "") -> None:
        self.code, self.said, self.runs = code, said, 0

    def __call__(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.runs += 1
        folder = Path(command[-1])
        (folder / "openvino_model.xml").write_text("half" if self.code else "whole")
        return subprocess.CompletedProcess(command, self.code, "", self.said)


def child(monkeypatch: pytest.MonkeyPatch, *args: Any) -> Child:
    made = Child(*args)
    monkeypatch.setattr(subprocess, "run", made)
    return made


@pytest.mark.usefixtures("able")
def test_the_weights_are_converted_once(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = child(monkeypatch)
    told: list[tuple[str, int, int]] = []
    folder = openvino_folder.openvino_folder(
        settings, weights, DIGEST, lambda *step: told.append(step)
    )
    assert folder is not None
    assert folder.parent.parent == settings.models_dir
    assert (folder / "openvino_model.xml").read_text() == "whole"
    assert told == [("prepare", 0, 104), ("prepare", 104, 104)]
    assert openvino_folder.runtime_of(settings, DIGEST) == "openvino-genai 2026.1"
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) == folder
    assert made.runs == 1
    other = openvino_folder.openvino_folder(settings, weights, "f" * 64)
    assert other not in (None, folder)


@pytest.mark.usefixtures("able")
def test_a_model_that_openvino_does_not_know_is_tried_once(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = child(monkeypatch, UNKNOWN_KIND, "gguf_tensor_to_f16 failed")
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    assert made.runs == 1
    assert openvino_folder.runtime_of(settings, DIGEST).startswith("xllamacpp")
    with pytest.raises(ModelError, match=r"gguf_tensor_to_f16 failed.*llama\.cpp"):
        openvino_folder.openvino_folder(on(settings, "openvino"), weights, DIGEST)
    [kept] = (p for p in (settings.models_dir / ".openvino").iterdir() if p.is_dir())
    assert [p.name for p in kept.iterdir()] == ["unsuitable.txt"]


@pytest.mark.usefixtures("able")
def test_a_conversion_that_was_killed_is_tried_again(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child(monkeypatch, -9)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    with pytest.raises(FetchError, match="memory or room"):
        openvino_folder.openvino_folder(on(settings, "openvino"), weights, DIGEST)
    made = child(monkeypatch)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is not None
    assert made.runs == 1


@pytest.mark.usefixtures("able")
def test_a_conversion_that_failed_by_itself_is_told_and_tried_again(
    settings: Settings,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing = child(monkeypatch, 1, "Traceback ...\nModuleNotFoundError: No module named 'gguf'")
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    assert "could not be prepared for OpenVINO: ModuleNotFoundError" in caplog.text
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    assert failing.runs == 2


@pytest.mark.usefixtures("able")
def test_what_another_version_made_is_removed(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child(monkeypatch)
    first = openvino_folder.openvino_folder(settings, weights, DIGEST)
    other = openvino_folder.openvino_folder(settings, weights, "f" * 64)
    monkeypatch.setattr(openvino_folder, "version", lambda _: "2027.1")
    second = openvino_folder.openvino_folder(settings, weights, DIGEST)
    assert first is not None
    assert second is not None
    assert other is not None
    assert [p.is_dir() for p in (first, second, other)] == [False, True, True]


@pytest.mark.usefixtures("able")
def test_a_full_disk_leaves_llama_cpp(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FetchError("no room")

    made = child(monkeypatch)
    monkeypatch.setattr(openvino_folder, "require_room", full)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    assert made.runs == 0


def test_elsewhere_llama_cpp_runs_it(
    settings: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = child(monkeypatch)
    monkeypatch.setattr(openvino_folder, "_installed", lambda: True)
    monkeypatch.setattr(openvino_folder, "multiplies_bytes", lambda: False)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    monkeypatch.setattr(openvino_folder, "multiplies_bytes", lambda: True)
    assert openvino_folder.openvino_folder(on(settings, "llama.cpp"), weights, DIGEST) is None
    assert openvino_folder.openvino_folder(served(settings), weights, DIGEST) is None
    monkeypatch.setattr(openvino_folder, "usable_memory", lambda: 8 << 30)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    monkeypatch.setattr(openvino_folder, "usable_memory", lambda: None)
    monkeypatch.setattr(openvino_folder, "_installed", lambda: False)
    assert openvino_folder.openvino_folder(settings, weights, DIGEST) is None
    with pytest.raises(ModelError, match="pip install openvino-genai"):
        openvino_folder.openvino_folder(on(settings, "openvino"), weights, DIGEST)
    assert made.runs == 0


class FakeEngine:
    """Writes its words one by one, and knows how probable a word is."""

    def __init__(self, *words: str, shares: dict[str, float] | None = None) -> None:
        self.words, self.shares = words, shares or {}
        self.asked: list[tuple[list[str], int, float]] = []
        self.closed_early = False

    def prompt(self, messages: Sequence[BaseMessage]) -> list[str]:
        return [f"{m.type}: {m.text}" for m in messages]

    def write(self, prompt: list[str], limit: int, temperature: float) -> Iterator[tuple[str, int]]:
        self.asked.append((prompt, limit, temperature))
        try:
            for number, word in enumerate(self.words[:limit], start=1):
                yield word, number
        except GeneratorExit:
            self.closed_early = True
            raise

    def log_probability(self, prompt: list[str], spellings: Sequence[str]) -> float:
        return math.log(max(self.shares[word] for word in spellings))


def chat_over(engine: Any, **settings: Any) -> OpenVinoChat:
    return OpenVinoChat(engine, "m", GeneratorSettings(**settings))


def test_pieces_come_as_they_are_written_and_the_tokens_are_counted() -> None:
    engine = FakeEngine("two ", "", "words")
    chat = chat_over(engine, max_tokens=16, temperature=0.3)
    chunks = list(chat.stream([SystemMessage("Be brief."), HumanMessage("Hello")]))
    assert [c.text for c in chunks if c.text] == ["two ", "words"]
    assert engine.asked == [(["system: Be brief.", "human: Hello"], 16, 0.3)]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert isinstance(whole, AIMessageChunk)
    assert whole.usage_metadata == {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5}


def test_a_call_can_lower_the_limit_and_the_temperature() -> None:
    engine = FakeEngine("one ", "two ", "three")
    reply = chat_over(engine, temperature=0.9).invoke("x", max_completion_tokens=2, temperature=0)
    assert reply.text == "one two "
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["output_tokens"] == 2
    assert engine.asked[0][1:] == (2, 0.0)


def test_who_stops_listening_stops_the_writing() -> None:
    engine = FakeEngine("one ", "two ", "three")
    pieces = chat_over(engine).stream("x")
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert engine.closed_early


def test_what_it_cannot_do_is_said() -> None:
    with pytest.raises(ModelError, match=r"response_format.*runtime to llama\.cpp"):
        chat_over(FakeEngine("{}")).invoke("x", response_format={"type": "json_schema"})


def test_its_word_on_a_passage_is_told_without_writing() -> None:
    engine = FakeEngine(shares={"Yes": 0.5, "yes": 0.1, "No": 0.2, "no": 0.0001})
    passage = whole_of(hit("Annual leave is 30 days a year.", "leave.md"))
    share = OwnWord(chat_over(engine)).holds("How long is annual leave?", passage, "en")
    assert share == pytest.approx(0.5 / 0.7)
    assert engine.asked == []
    chinese = FakeEngine(shares={"是": 0.2, "否": 0.6})
    assert OwnWord(chat_over(chinese)).holds("年假几天？", passage, "zh") == pytest.approx(0.25)
