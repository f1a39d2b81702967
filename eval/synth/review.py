"""The page on which a person accepts, mends or rejects generated questions.

One HTML file without outside assets; it keeps nothing itself: "Save" hands back the JSONL with the
decisions in `status`. Also turns accepted questions into fine-tuning pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.data.lines import Problems, json_lines
from eval.errors import DataError, require
from eval.report.html import TEMPLATES
from eval.systems.endpoint import GIVEN
from rag.text import detect_language

ACCEPTED = "accepted"


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The questions of a file as plain objects. Raises DataError if a line is broken."""
    return [dict(row) for _, row in json_lines(path, Problems(strict=True))]


def render_review(questions: Sequence[Mapping[str, Any]], name: str) -> str:
    """The page for these questions; `name` is the file's name that "Save" proposes."""
    jinja2 = require("jinja2", "the review page")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    text: str = environment.get_template("review.html").render(questions=questions, name=name)
    return text


def export_pairs(questions: Sequence[Mapping[str, Any]], *, every: bool) -> Iterator[str]:
    """Fine-tuning pairs as lines of JSON, in the chat form that common trainers read.

    Only accepted questions, unless `every`; rejected ones never. The user turn holds the quotes
    as passages; an unanswerable question teaches the refusal. Raises DataError when none is left.
    """
    count = 0
    for row in questions:
        status = row.get("status")
        if status == "rejected" or (status != ACCEPTED and not every):
            continue
        count += 1
        yield json.dumps({"messages": _messages(row)}, ensure_ascii=False)
    if not count:
        raise DataError("no accepted question to export: review them first, or give --all")


def _messages(row: Mapping[str, Any]) -> list[dict[str, str]]:
    language = detect_language(row["question"])
    quotes = [e["quote"] for e in row.get("evidence", [])]
    numbered = "\n\n".join(f"[{i}] {q}" for i, q in enumerate(quotes, start=1)) or "-"
    turns = []
    for turn in row.get("history", []):
        turns.append({"role": "user", "content": turn["question"]})
        turns.append({"role": "assistant", "content": turn["answer"]})
    asked = GIVEN[language].format(passages=numbered, question=row["question"])
    refusal = {"en": "The passages do not contain it.", "zh": "段落中没有答案。"}[language]
    answer = row["answers"][0] if row.get("answers") else refusal
    return [
        *turns,
        {"role": "user", "content": asked},
        {"role": "assistant", "content": answer},
    ]
