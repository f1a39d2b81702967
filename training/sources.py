"""Read the training sets into one shape: files in, paragraphs with questions and claims out.

SQuAD 2.0 in English and Chinese (CC BY-SA 4.0), DRCD (CC BY-SA 3.0) and PolicyQA (MIT), all in
SQuAD's format, and WiCE's claims with the words that their evidence does not support (ODC-BY).
Text is folded as the cross-encoder folds its input. Knows nothing of models.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.models.crossinput import fold
from rag.text.language import detect_language
from rag.text.sentences import sentence_spans
from rag.types import Language, Span

HELD_OUT_TITLES = frozenset(("Steam_engine", "蒸汽机", "Warsaw", "华沙", "地质学", "药店"))
"""SQuAD 2.0 articles that no training sees, the same subjects in both languages."""
_HELD_OUT_SHARE = 8
"""Of 100 articles of the other sets, so many are held out, chosen by hash."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that hangs on a paragraph. `answer` is its 0-based span in the paragraph's text,
    None where people wrote the question so that the paragraph only seems to answer it."""

    text: str
    answer: Span | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its sentences' spans; `article` groups paragraphs about one subject."""

    source: str
    article: str
    language: Language
    text: str
    sentences: tuple[Span, ...]
    questions: tuple[Question, ...]
    held_out: bool


@dataclass(frozen=True, slots=True)
class MarkedClaim:
    """A claim whose `spans` the evidence sentences do not support; none: it is supported."""

    text: str
    spans: tuple[Span, ...]
    evidence: tuple[str, ...]
    held_out: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """All that was read, or the part of it that is held out or not."""

    paragraphs: tuple[Paragraph, ...]
    claims: tuple[MarkedClaim, ...]

    def split(self, held_out: bool) -> Sources:
        """The part kept out of training, or the rest; whole articles go one way."""
        return Sources(
            tuple(p for p in self.paragraphs if p.held_out == held_out),
            tuple(c for c in self.claims if c.held_out == held_out),
        )


def read_sources(folder: Path) -> Sources:
    """Read the sets that `folder` holds; one that is missing is left out."""
    names = ("squad2_en", "squad2_zh", "drcd_dev", "policyqa_dev")
    paths = [path for name in names if (path := folder / f"{name}.json").is_file()]
    claims = folder / "wice_non_supported_tokens_train.jsonl"
    return Sources(
        tuple(paragraph for path in paths for paragraph in read_squad(path)),
        tuple(read_claims(claims)) if claims.is_file() else (),
    )


def read_squad(path: Path) -> Iterator[Paragraph]:
    """Paragraphs of a file in the format of SQuAD 1.1 or 2.0."""
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        title = str(article.get("title", number))
        held_out = title in HELD_OUT_TITLES or (
            not path.stem.startswith("squad2") and _by_hash(f"{path.stem}/{title}")
        )
        for entry in article["paragraphs"]:
            text = fold(entry["context"])
            questions = tuple(_questions(entry, text))
            if spans := tuple(sentence_spans(text)):
                name = f"{path.stem}/{title}"
                language = detect_language(text)
                yield Paragraph(path.stem, name, language, text, spans, questions, held_out)


def read_claims(path: Path) -> Iterator[MarkedClaim]:
    """WiCE's claims, each with the sentences that support it or come nearest."""
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        chosen = sorted({i for group in entry["supporting_sentences"] for i in group})[:4]
        evidence = tuple(fold(entry["evidence"][i]) for i in chosen)
        if evidence:
            text = fold(entry["claim"])
            spans = _marked(text, entry["claim_tokens"], entry["non_supported_spans"])
            yield MarkedClaim(text, spans, evidence, _by_hash(fold(entry["evidence"][0])))


def _by_hash(article: str) -> bool:
    digest = hashlib.sha256(article.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < _HELD_OUT_SHARE


def _questions(entry: dict[str, Any], text: str) -> Iterator[Question]:
    for asked in entry["qas"]:
        question = fold(asked["question"].strip())
        if asked.get("is_impossible"):
            yield Question(question, None)
            continue
        answer = asked["answers"][0]
        said, near = fold(answer["text"].strip()), int(answer["answer_start"])
        # Folding may shift characters: the occurrence nearest to the stated place is meant.
        places = _occurrences(text, said)
        if places:
            at = min(places, key=lambda place: abs(place - near))
            yield Question(question, (at, at + len(said)))


def _occurrences(text: str, part: str) -> list[int]:
    places, at = [], text.find(part) if part else -1
    while at >= 0:
        places.append(at)
        at = text.find(part, at + 1)
    return places


def _marked(text: str, tokens: list[str], marks: list[bool]) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for token, marked in zip(tokens, marks, strict=True):
        start = text.find(fold(token), at)
        if start < 0:
            continue
        at = start + len(fold(token))
        if marked:
            spans.append((start, at))
    return tuple(spans)
