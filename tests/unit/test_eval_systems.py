"""Systems behind one seam: what they return is read leniently, what they break is counted."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from eval import provenance
from eval.errors import DataError, SystemFailure
from eval.systems import EndpointOptions, open_system
from eval.systems.answer_json import to_prediction
from eval.systems.endpoint import messages
from eval.types import Example
from rag.config import Settings
from rag.types import Turn

EXAMPLE = Example("q1", "What is the fee?", (("12 EUR",),), True, "en")
NO_ENDPOINT = EndpointOptions()


def answer_json(**changes: Any) -> dict[str, Any]:
    citation = {
        "document": "fees.md", "page": 1, "start": 10, "end": 16, "quote": "12 EUR",
        "chunk_id": "c1",
    }  # fmt: skip
    sentence = {
        "text": "It is 12 EUR.", "start": 0, "end": 13, "verdict": "supported", "score": 0.9,
        "citations": [citation],
    }  # fmt: skip
    hit = {"chunk_id": "c1", "document": "fees.md", "page": 1, "score": 2.0, "text": "Fee: 12 EUR"}
    whole = {
        "answer": "It is 12 EUR.", "status": "grounded", "sentences": [sentence], "hits": [hit],
        "timings_ms": {"total": 5.0},
    }  # fmt: skip
    return {**whole, **changes}


def test_other_weights_are_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    (tmp_path / "rag" / "weights").mkdir(parents=True)
    (tmp_path / "rag" / "a.py").write_text("x = 1")
    seen = {provenance.code_digest("rag")}
    for name in ("scorer.json", "crossencoder.safetensors"):
        (tmp_path / "rag" / "weights" / name).write_text("1")
        seen.add(provenance.code_digest("rag"))
    (tmp_path / "rag" / "a.pyc").write_text("compiled")
    seen.add(provenance.code_digest("rag"))
    assert len(seen) == 3


def test_the_answer_json_is_read_whole() -> None:
    got = to_prediction("q1", answer_json())
    assert got.claims[0].text == "It is 12 EUR."
    assert got.claims[0].citations[0].exact is True
    assert (got.confidence, got.abstained) == (0.9, False)
    assert got.hits[0].document == "fees.md"


def test_a_quote_with_wrong_offsets_is_not_exact() -> None:
    value = answer_json()
    value["sentences"][0]["citations"][0]["end"] = 19
    assert to_prediction("q1", value).claims[0].citations[0].exact is False


def test_plain_text_becomes_claims_and_a_refusal_has_none() -> None:
    got = to_prediction("q1", "It is 12 EUR. It rose in May.")
    assert [c.text for c in got.claims] == ["It is 12 EUR.", "It rose in May."]
    refusal = to_prediction("q1", "I do not know.")
    assert refusal.abstained
    assert refusal.claims == ()


@pytest.mark.parametrize(
    "value",
    [None, 3, ["x"], {}, {"answer": 3}, answer_json(hits=[{"text": "no document"}])],
)
def test_nonsense_is_a_failure_that_says_what_is_wrong(value: Any) -> None:
    with pytest.raises(SystemFailure, match="answer"):
        to_prediction("q1", value)


def test_finished_answers_are_found_by_id_then_question(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "done.jsonl"
    rows = [{"id": "q1", "answer": "by id"}, {"question": "Other?", "answer": "by question"}]
    path.write_text("\n".join(json.dumps(r) for r in rows) + "\n{broken\n")
    system = open_system(str(path), settings, NO_ENDPOINT)
    assert system.answer(EXAMPLE).answer == "by id"
    other = replace(EXAMPLE, id="q9", question="Other?")
    assert system.answer(other).answer == "by question"
    with pytest.raises(SystemFailure, match="no answer to question 'q8'"):
        system.answer(replace(EXAMPLE, id="q8", question="Neither?"))
    assert "line 3" in system.fingerprint["unreadable_lines"][0]


def test_a_function_is_called_with_what_it_takes(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine_eval.py").write_text(
        "def ask(question, passages=()):\n    return f'{question} {len(passages)}'\n"
        "def bare(question):\n    raise ValueError('no luck')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    system = open_system("mine_eval:ask", settings, NO_ENDPOINT)
    given = replace(EXAMPLE, passages=("a", "b"))
    assert system.answer(given).answer == "What is the fee? 2"
    bare = open_system("mine_eval:bare", settings, NO_ENDPOINT)
    with pytest.raises(SystemFailure, match="ValueError: no luck"):
        bare.answer(EXAMPLE)
    with pytest.raises(SystemFailure, match="takes no 'passages'"):
        bare.answer(given)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nonsense", "unknown system"),
        ("no_such_module_here:f", "is not found"),
        ("json:no_such_function", "has no function"),
        ("missing.jsonl", "does not exist"),
        ("http://127.0.0.1:9/v1", "--model"),
    ],
)
def test_a_system_that_cannot_be_is_refused(spec: str, message: str, settings: Settings) -> None:
    with pytest.raises(DataError, match=message):
        open_system(spec, settings, NO_ENDPOINT)


@contextmanager
def endpoint(reply: str, delay: threading.Event | None = None) -> Iterator[str]:
    """A loopback server that answers every request with `reply`, after `delay` is set if given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if delay is not None:
                delay.wait(5)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(reply.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def completion(content: str | None) -> str:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "m",
             "choices": [choice], "usage": usage}  # fmt: skip
    return json.dumps(whole)


def test_an_endpoint_answers_with_tokens_and_time(settings: Settings) -> None:
    with endpoint(completion("It is 12 EUR.")) as url:
        system = open_system(url, settings, EndpointOptions("m"))
        got = system.answer(EXAMPLE)
        system.close()
    assert got.answer == "It is 12 EUR."
    assert got.tokens == {"input": 7, "output": 3}
    assert got.timings_ms["total"] > 0


def test_an_endpoint_may_speak_the_answer_json(settings: Settings) -> None:
    with endpoint(completion(json.dumps(answer_json()))) as url:
        system = open_system(url, settings, EndpointOptions("m"))
        assert system.answer(EXAMPLE).claims[0].citations[0].quote == "12 EUR"
        system.close()


@pytest.mark.parametrize(
    "reply", ["<html>busy</html>", "{}", completion(None), completion("  "), '{"choices": []}']
)
def test_an_endpoint_that_sends_nonsense_is_a_failure(reply: str, settings: Settings) -> None:
    with endpoint(reply) as url:
        system = open_system(url, settings, EndpointOptions("m"))
        with pytest.raises(SystemFailure, match=r"127\.0\.0\.1"):
            system.answer(EXAMPLE)
        system.close()


def test_an_endpoint_that_is_silent_times_out(settings: Settings) -> None:
    never = threading.Event()
    with endpoint("{}", never) as url:
        system = open_system(url, settings, EndpointOptions("m", timeout_s=0.2))
        with pytest.raises(SystemFailure, match=r"did not answer within 0\.2 s"):
            system.answer(EXAMPLE)
        never.set()
        system.close()


def test_history_and_passages_reach_the_model() -> None:
    example = replace(EXAMPLE, history=(Turn("Before?", "Yes."),), passages=("P one", "P two"))
    sent = messages(example)
    assert [m["role"] for m in sent] == ["user", "assistant", "user"]
    assert "[2] P two" in sent[-1]["content"]


def test_the_key_stays_out_of_the_record(settings: Settings) -> None:
    system = open_system("http://127.0.0.1:9/v1", settings, EndpointOptions("m", "very-secret"))
    assert "very-secret" not in str(system.fingerprint)
    system.close()
