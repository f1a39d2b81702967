"""Terms: whatever way a thing is written, question and passage must share a term."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import keyword_terms, simplify
from rag.text.terms import _stem


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("報銷單據", "请提交报销单据。"),
        ("报销单据", "請提交報銷單據。"),
        ("臺灣的工程師", "台湾工程师"),
        ("王曉鵬的電話", "联系人：王晓鹏，电话另附"),
        ("ＡＢＣ１２３", "part abc123"),
        ("expenses", "an expense of 40"),
        ("policies", "the policy"),
        ("company's", "The Company"),
        ("company’s", "The Company"),
        ("A-1024", "valve A-1024."),
        ("A1024", "valve A-1024."),
        ("a 1024", "valve A-1024."),
        ("v2.3.1", "release v2.3.1,"),
        ("2.3.1", "release v2.3.1,"),
        ("GB/T19001", "GB/T 19001-2016"),
        ("GB/T 19001", "符合GB/T 19001—2016标准"),
        ("1234567", "1,234,567 yuan"),
        ("１，２３４，５６７", "1234567 yuan"),
        ("C++", "written in C++ today"),
        ("C#", "a C# service"),
        ("cafe", "Café"),
        ("user@example.com", "mail user@example.com"),
        ("東京タワー", "東京タワーの高さ"),
        ("서울", "서울특별시"),
    ],
)
def test_question_and_passage_share_a_telling_term(asked: str, written: str) -> None:
    shared = set(keyword_terms(asked)) & set(keyword_terms(written))
    assert any(len(term) > 1 for term in shared)


@pytest.mark.parametrize(
    ("asked", "written"), [("C++", "C# and Java"), ("2.3.1", "v2.3.2"), ("报销", "报名")]
)
def test_different_things_share_no_whole(asked: str, written: str) -> None:
    whole = keyword_terms(asked)[-1]
    assert whole not in keyword_terms(written)


def test_simplify_keeps_length_and_everything_else() -> None:
    text = "臺灣的ABC, 1 — 漢語。"
    assert simplify(text) == "台湾的ABC, 1 — 汉语。"
    assert simplify("no Han here") == "no Han here"


@given(st.text())
def test_any_text_has_terms_that_the_index_takes(text: str) -> None:
    for term in keyword_terms(text):
        assert term
        assert not any(character.isspace() for character in term)


@pytest.mark.parametrize("text", ["的" * 100_000, "a-" * 50_000, "1." * 50_000, "x" * 100_000])
def test_long_runs_take_no_longer_than_their_length(text: str) -> None:
    keyword_terms("预热")
    started = time.process_time()
    keyword_terms(text)
    assert time.process_time() - started < 3.0


def test_loading_the_dictionary_is_silent_and_writes_nothing(tmp_path: Path) -> None:
    code = "from rag.text import keyword_terms; print(len(keyword_terms('南京市长江大桥')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
        env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stderr == ""
    assert int(done.stdout) > 0
    assert list(tmp_path.iterdir()) == []


def test_threads_do_not_stem_into_each_others_words() -> None:
    words = [f"{stem}{end}" for stem in ("connect", "travel", "hop") for end in ("ing", "ed", "s")]
    alone = [_stem.__wrapped__(word) for word in words]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(_stem.__wrapped__, words * 200))
    finally:
        sys.setswitchinterval(before)
    assert together == alone * 200
