"""JSON: a line for each record, values as they are written, broken lines said."""

from __future__ import annotations

import pytest

from ingest.loaders import Losses
from ingest.loaders.structured import load_json


def read(source: str, name: str = "a.json") -> tuple[str, tuple[str, ...]]:
    losses = Losses()
    (page,) = load_json(source.encode(), name, losses)
    return page.text, losses.sentences()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('[{"name": "Gus", "locker": 296}, {"name": "Hal"}]', "name: Gus; locker: 296\nname: Hal"),
        ('{"rate": 1.10, "big": 12345678901234567890, "on": true, "x": null}',
         "rate: 1.10\nbig: 12345678901234567890\non: true\nx: null"),
        ('{"a": {"b": [1, 2], "c": {"d": "e"}}}', "a\n\nb: 1, 2\n\nc\n\nd: e"),
        ('[{"id": 1, "address": {"city": "Graz"}}]', "id: 1; address.city: Graz"),
        ('"only words"', "only words"),
    ],
)  # fmt: skip
def test_values_have_their_names(source: str, text: str) -> None:
    assert read(source) == (text, ())


def test_headings_are_the_names_of_what_holds_others() -> None:
    (page,) = load_json(b'{"staff": [{"name": "Gus"}], "n": 1}', "a.json")
    assert page.text == "n: 1\n\nstaff\n\nname: Gus"
    assert [(h.level, h.text, h.start) for h in page.headings] == [(1, "staff", 6)]


def test_lines_of_json_under_either_name() -> None:
    lines = '{"a": 1}\n\n{"a": 2}\n'
    assert read(lines, "a.jsonl") == ("a: 1\na: 2", ())
    assert read(lines, "a.json") == ("a: 1\na: 2", ())


def test_what_is_no_json_is_read_as_text_and_said() -> None:
    text, losses = read('{"a": 1}\nbroken words\n', "a.jsonl")
    assert text == "a: 1\nbroken words"
    assert losses == ("line 2 is no valid JSON: read as plain text",)
    text, losses = read('{"a": 1,}')
    assert text == '{"a": 1,}'
    assert losses[0].startswith("is no valid JSON (line 1:")


def test_values_nested_thousands_deep_do_no_harm() -> None:
    text, losses = read("[" * 100_000 + "]" * 100_000)
    assert text.startswith("[[[")
    assert losses == ("nests its values thousands deep: read as plain text",)
