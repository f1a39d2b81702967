"""Read the training sources into one shape. Paths are given; nothing else is known.

DRCD (CC BY-SA 3.0) and PolicyQA (MIT) in SQuAD's format, PubMedQA (MIT), WiCE's token labels
(ODC-BY). All text is folded as the cross-encoder folds its input.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.crossinput import fold
from rag.sentences import sentence_spans
from rag.text import detect_language
from rag.types import Language, Span

HELD_OUT_SHARE = 8
"""Of 100 articles, this many are kept for early stopping and for fitting the combination."""


@dataclass(frozen=True, slots=True)
class Question:
    """`answer` stands in sentence `sentence` (0-based) of its paragraph; `category` groups
    questions about one practice (PolicyQA only)."""

    text: str
    answer: str
    sentence: int
    category: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as folded sentences. `article` groups paragraphs about one subject."""

    source: str
    article: str
    language: Language
    sentences: tuple[str, ...]
    questions: tuple[Question, ...] = ()

    def join(self, indices: range) -> str:
        """The text of consecutive sentences."""
        glue = "" if self.language == "zh" else " "
        return glue.join(self.sentences[i] for i in indices)


@dataclass(frozen=True, slots=True)
class MarkedClaim:
    """A WiCE claim: `spans` of it are not supported by the `supporting` sentences of `evidence`."""

    claim: str
    spans: tuple[Span, ...]
    evidence: tuple[str, ...]
    supporting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A PubMedQA item; `decision` is yes, no or maybe."""

    question: str
    conclusion: str
    decision: str
    topics: frozenset[str]
    article: str


@dataclass(frozen=True, slots=True)
class Sources:
    """All that was read."""

    paragraphs: tuple[Paragraph, ...]
    claims: tuple[MarkedClaim, ...]
    studies: tuple[Study, ...]
    translations: Mapping[str, str] = field(default_factory=dict)
    """Question to itself in the other language, for some of them."""

    def split(self, held_out: bool) -> Sources:
        """The part kept out of training, or the rest; whole articles go one way."""
        return Sources(
            tuple(p for p in self.paragraphs if is_held_out(p.article) == held_out),
            tuple(c for c in self.claims if is_held_out(c.evidence[0]) == held_out),
            tuple(s for s in self.studies if is_held_out(s.article) == held_out),
            self.translations,
        )

    def with_written(
        self,
        questions: Mapping[str, Sequence[tuple[str, str]]],
        translations: Mapping[str, str],
    ) -> Sources:
        """With more (question, answer) pairs by sentence, and with translations of questions."""
        paragraphs = tuple(_asking_more(p, questions) for p in self.paragraphs)
        return replace(self, paragraphs=paragraphs, translations=translations)


def is_held_out(article: str) -> bool:
    """A fixed, content-based split."""
    digest = hashlib.sha256(article.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < HELD_OUT_SHARE


def read_sources(folder: Path) -> Sources:
    """Read the four files of the training folder."""
    studies, abstracts = _read_studies(folder / "pubmedqa_labeled.json")
    claims, pages = _read_claims(folder / "wice_non_supported_tokens_train.jsonl")
    paragraphs = [
        *read_squad(folder / "drcd_dev.json", "drcd"),
        *read_squad(folder / "policyqa_dev.json", "policyqa"),
        *abstracts,
        *pages,
    ]
    return Sources(tuple(paragraphs), tuple(claims), tuple(studies))


def read_squad(path: Path, source: str) -> Iterator[Paragraph]:
    """Paragraphs of a file in SQuAD's format."""
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        name = f"{source}/{article.get('title', number)}"
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            spans = sentence_spans(text)
            sentences = tuple(fold(text[start:end]) for start, end in spans)
            if not sentences:
                continue
            questions = tuple(_questions(paragraph["qas"], spans, sentences))
            yield Paragraph(source, name, detect_language(text), sentences, questions)


def _asking_more(
    paragraph: Paragraph, questions: Mapping[str, Sequence[tuple[str, str]]]
) -> Paragraph:
    more = tuple(
        Question(question, answer, index)
        for index, sentence in enumerate(paragraph.sentences)
        for question, answer in questions.get(sentence, ())
    )
    return replace(paragraph, questions=(*paragraph.questions, *more)) if more else paragraph


def _questions(
    entries: list[dict[str, Any]], spans: list[Span], sentences: tuple[str, ...]
) -> Iterator[Question]:
    for entry in entries:
        answer = entry["answers"][0]
        at, text = int(answer["answer_start"]), fold(answer["text"].strip())
        places = [i for i, (start, end) in enumerate(spans) if start <= at < end]
        if places and text and text in sentences[places[0]]:
            category = entry.get("type", "").split("|||")[0]
            yield Question(fold(entry["question"].strip()), text, places[0], category)


def _read_studies(path: Path) -> tuple[list[Study], list[Paragraph]]:
    studies, paragraphs = [], []
    entries = json.loads(path.read_text(encoding="utf-8"))
    for number, entry in enumerate(entries.values() if isinstance(entries, dict) else entries):
        article = f"pubmedqa/{number}"
        topics = frozenset(entry["MESHES"])
        conclusion = fold(entry["LONG_ANSWER"].strip())
        question = fold(entry["QUESTION"].strip())
        studies.append(Study(question, conclusion, entry["final_decision"], topics, article))
        for text in [*entry["CONTEXTS"], entry["LONG_ANSWER"]]:
            sentences = tuple(fold(text[start:end]) for start, end in sentence_spans(text))
            paragraphs.append(Paragraph("pubmedqa", article, "en", sentences))
    return studies, paragraphs


def _read_claims(path: Path) -> tuple[list[MarkedClaim], list[Paragraph]]:
    claims, paragraphs = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        supporting = sorted({i for group in entry["supporting_sentences"] for i in group})
        evidence = tuple(fold(sentence) for sentence in entry["evidence"])
        claim, spans = _align(entry["claim_tokens"], entry["non_supported_spans"], entry["claim"])
        if supporting:
            claims.append(MarkedClaim(claim, spans, evidence, tuple(supporting[:4])))
        proper = tuple(s for s in evidence if re.fullmatch(r"[A-Z][^#|]{40,300}[.!?]", s))
        if len(proper) >= 3:
            paragraphs.append(Paragraph("wice", f"wice/{evidence[0]}", "en", proper))
    return claims, paragraphs


def _align(tokens: list[str], marks: list[bool], claim: str) -> tuple[str, tuple[Span, ...]]:
    text = fold(claim)
    spans: list[Span] = []
    at = 0
    for token, marked in zip(tokens, marks, strict=True):
        start = text.find(fold(token), at)
        if start < 0:
            continue
        at = start + len(fold(token))
        if marked:
            spans.append((start, at))
    return text, tuple(spans)
