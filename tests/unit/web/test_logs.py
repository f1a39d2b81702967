from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from rag.config import LogSettings
from web.logs import EVENTS, Redacting, set_up, tell

SECRET = "Who earns what?"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger(EVENTS).setLevel(logging.NOTSET)


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def happen() -> None:
    """What a server logs: an event, a warning with something filled in, and an error."""
    tell("answer", {"status": "grounded", "ms": 12}, {"question": SECRET})
    logging.getLogger("library").warning("cannot use %r", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("web.streams").exception("an answer broke off")


def test_json_has_no_content_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSettings(format="json", events=True))
    happen()
    event, warning, error = lines(capsys)
    assert SECRET not in json.dumps([event, warning, error])
    assert (event["event"], event["status"], event["ms"]) == ("answer", "grounded", 12)
    assert (warning["level"], warning["event"]) == ("warning", "cannot use %r")
    assert error["error"] == "ValueError"
    assert error["stack"][-1].endswith("happen")
    assert event["time"].endswith("+00:00")


def test_json_has_content_where_the_settings_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSettings(format="json", events=True, content=True))
    happen()
    event, warning, error = lines(capsys)
    assert event["question"] == error["error_message"] == SECRET
    assert SECRET in warning["message"]


def test_events_are_logged_only_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSettings(format="json"))
    happen()
    assert [line["level"] for line in lines(capsys)] == ["warning", "error"]


def test_text_is_to_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSettings(events=True))
    happen()
    event, warning, *rest = capsys.readouterr().err.splitlines()
    assert event.endswith(" answer status=grounded ms=12")
    assert warning == f"WARNING: cannot use {SECRET!r}"
    assert rest[0] == "ERROR: an answer broke off"
    assert rest[-1] == f"ValueError: {SECRET}"


def test_setting_up_again_does_not_double_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        set_up(LogSettings(format="json"))
    logging.getLogger("library").warning("once")
    assert len(lines(capsys)) == 1


def test_the_log_has_no_personal_data() -> None:
    record = logging.LogRecord("n", logging.ERROR, "f", 1, "mail %s", ("ann@example.org",), None)
    try:
        raise ValueError("call +49 30 12345678")
    except ValueError as err:
        record.exc_info = (type(err), err, err.__traceback__)
    line = Redacting(logging.Formatter("%(message)s")).format(record)
    assert "mail [mail]" in line
    assert "ValueError: call [phone]" in line
