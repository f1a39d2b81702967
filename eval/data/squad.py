"""SQuAD 1.1 and 2.0 JSON, and the sets that keep its format (XQuAD, CMRC 2018, DRCD, PolicyQA).

A paragraph becomes a document of its own; the gold passage is the paragraph that the question
hangs on. In 2.0, `is_impossible` questions are unanswerable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.data.lines import Problems, read_text
from eval.errors import DataError
from eval.types import Evidence, Example, GivenDocument
from rag.text import detect_language


def looks_like(value: Any) -> bool:
    """Whether a JSON value is of this format."""
    return isinstance(value, dict) and isinstance(value.get("data"), list)


def read_examples(path: Path, problems: Problems) -> tuple[list[Example], list[GivenDocument]]:
    """The questions and the paragraphs. Document names carry the file's stem and a number."""
    try:
        root = json.loads(read_text(path))
    except json.JSONDecodeError as err:
        raise DataError(f"{path.name} line {err.lineno}: not JSON ({err.msg})") from None
    if not looks_like(root):
        raise DataError(f"{path.name} is not in SQuAD format: no list under 'data'")
    examples: list[Example] = []
    documents: list[GivenDocument] = []
    for number, paragraph in enumerate(_paragraphs(root)):
        name = f"{path.stem.replace('.', '-')}-{number:05d}.txt"
        text = paragraph.get("context")
        if not isinstance(text, str) or not text.strip():
            problems.add(f"{path.name} paragraph {number}: 'context' is missing or empty")
            continue
        documents.append(GivenDocument(name, text))
        for qa in paragraph.get("qas") or []:
            try:
                examples.append(_example(qa, name))
            except DataError as err:
                problems.add(f"{path.name} paragraph {number}: {err}")
    return examples, documents


def _paragraphs(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for article in root["data"]:
        for paragraph in article.get("paragraphs", []) if isinstance(article, dict) else []:
            if isinstance(paragraph, dict):
                yield paragraph


def _example(qa: Any, document: str) -> Example:
    if not isinstance(qa, dict) or not isinstance(qa.get("question"), str):
        raise DataError(f"a question without text: {qa!r:.60}")
    impossible = bool(qa.get("is_impossible", False))
    answers = tuple(
        dict.fromkeys(a["text"] for a in qa.get("answers") or [] if a.get("text", "").strip())
    )
    if not answers and not impossible:
        raise DataError(f"question {qa.get('id')!r} has no answers and is not 'is_impossible'")
    return Example(
        id=str(qa.get("id", "")),
        question=qa["question"].strip(),
        answers=() if impossible else (answers,),
        answerable=not impossible,
        language=detect_language(qa["question"]),
        kind="unanswerable" if impossible else "span",
        evidence=() if impossible else (Evidence(document),),
        pair=str(qa.get("id", "")),
    )
