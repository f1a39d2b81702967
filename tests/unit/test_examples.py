"""The example questions hold against the example documents as our loaders read them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from eval.data import open_questions
from examples.build import Block, parse, write_docx
from ingest.loaders import load
from rag.types import Document

ROOT = Path(__file__).resolve().parents[2] / "examples"
FIELDS = {"id", "question", "history", "answers", "evidence", "answerable", "language", "kind"}
CHINESE = re.compile(r"[\u3400-\u9fff]")


class Question:
    """One line of questions.jsonl. `parts` are the answer's parts with their alternatives;
    `evidence` maps each part to its alternative (document, quote) places."""

    def __init__(self, line: str) -> None:
        self.row = json.loads(line)
        self.id: str = self.row["id"]
        self.text: str = self.row["question"]
        self.kind: str = self.row["kind"]
        self.language: str = self.row["language"]
        self.answerable: bool = self.row["answerable"]
        answers = self.row["answers"]
        nested = bool(answers) and isinstance(answers[0], list)
        self.parts: list[list[str]] = answers if nested else [answers] if answers else []
        self.evidence: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for entry in self.row["evidence"]:
            self.evidence[entry["part"]].append((entry["document"], entry["quote"]))

    @property
    def places(self) -> list[tuple[str, str]]:
        return [place for part in self.evidence.values() for place in part]

    @property
    def needs_two_documents(self) -> bool:
        """Whether no single document holds every part of the evidence."""
        holders = [{document for document, _ in part} for part in self.evidence.values()]
        return len(holders) > 1 and not set.intersection(*holders)


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Document]:
    return {path.name: load(path) for path in sorted((ROOT / "documents").iterdir())}


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    text = (ROOT / "questions.jsonl").read_text(encoding="utf-8")
    return [Question(line) for line in text.splitlines()]


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def whole(document: Document) -> str:
    return "\n".join(page.text for page in document.pages)


def missing_quotes(
    questions: Iterable[Question], documents: Mapping[str, Document]
) -> list[tuple[str, str]]:
    """(question id, quote) of every quote that stands on no page of its document."""
    pages = {name: [folded(page.text) for page in d.pages] for name, d in documents.items()}
    return [
        (question.id, quote)
        for question in questions
        for name, quote in question.places
        if not any(quote in page for page in pages.get(name, []))
    ]


def test_every_quote_stands_in_its_document(
    questions: list[Question], documents: Mapping[str, Document]
) -> None:
    assert missing_quotes(questions, documents) == []


def test_a_changed_quote_or_document_is_noticed(
    questions: list[Question], documents: Mapping[str, Document]
) -> None:
    question = next(q for q in questions if q.id == "ex-001")
    (name, quote), *_ = question.places
    changed = Question(json.dumps(question.row).replace("July 2025", "July 2024"))
    assert changed.id in {identity for identity, _ in missing_quotes([changed], documents)}
    pages = tuple(
        replace(p, text=p.text.replace("July 2025", "June 2025")) for p in documents[name].pages
    )
    reworded = {**documents, name: replace(documents[name], pages=pages)}
    assert (question.id, quote) in missing_quotes([question], reworded)


def test_accepted_answers_stand_in_the_evidence(questions: list[Question]) -> None:
    unfounded = [
        (question.id, part)
        for question in questions
        for part in question.parts
        if not any(
            squeezed(answer) in squeezed(quote) for answer in part for _, quote in question.places
        )
    ]
    assert unfounded == []


def test_every_part_of_a_divided_question_has_its_own_evidence(questions: list[Question]) -> None:
    for question in questions:
        numbers = list(question.evidence)
        assert numbers == list(range(1, len(numbers) + 1)), question.id
        assert len(numbers) <= max(1, len(question.parts)) or question.kind in {
            "contradiction", "two_documents",  # a bridge to the answer may be a part of its own
        }, question.id  # fmt: skip


def test_lines_are_complete_and_ids_unique(questions: list[Question]) -> None:
    assert all(q.row.keys() >= FIELDS and q.row.keys() <= FIELDS | {"pair"} for q in questions)
    assert len({q.id for q in questions}) == len(questions)
    asked = Counter((q.text, json.dumps(q.row["history"])) for q in questions)
    assert max(asked.values()) == 1


def test_history_is_well_formed_and_follow_ups_have_one(questions: list[Question]) -> None:
    for question in questions:
        history = question.row["history"]
        assert bool(history) == (question.kind == "follow_up"), question.id
        for turn in history:
            assert turn.keys() == {"question", "answer"}, question.id
            assert turn["question"].strip(), question.id
            assert turn["answer"].strip(), question.id


def test_unanswerable_questions_have_neither_answers_nor_evidence(
    questions: list[Question],
) -> None:
    for question in questions:
        assert bool(question.parts) == question.answerable, question.id
        assert bool(question.evidence) == question.answerable, question.id
        assert not (question.answerable and question.kind.startswith("unanswerable")), question.id


@pytest.mark.parametrize(
    "text",
    [
        "Tokyo", "东京", "Cairo", "开罗", "E15", "SB-2025-03", "Q2 revenue", "第二季度营业",
        "Canberra", "堪培拉", "299,792", "299792", "Austen", "曹雪芹", "-33", "propane", "丙烷",
        "C3H8", "Berlin", "柏林", "8,848", "8848", "Lisbon", "里斯本",
    ],
)  # fmt: skip
def test_what_the_unanswerable_ask_for_is_nowhere(
    text: str, documents: Mapping[str, Document]
) -> None:
    holders = [n for n, d in documents.items() if text in whole(d)]
    assert holders == []


def test_counts_meet_what_was_promised(questions: list[Question]) -> None:
    languages = Counter(q.language for q in questions)
    kinds = Counter(q.kind for q in questions)
    assert 90 <= len(questions) <= 110
    assert min(languages["en"], languages["zh"]) >= 0.45 * len(questions)
    assert sum(not q.answerable for q in questions) >= 24
    assert sum(bool(q.row["history"]) for q in questions) >= 12
    assert sum(q.needs_two_documents for q in questions) >= 12
    assert kinds["cross_language"] >= 10
    assert len(kinds) == 11
    assert min(kinds.values()) >= 4


def test_questions_are_in_their_language(questions: list[Question]) -> None:
    for question in questions:
        assert bool(CHINESE.search(question.text)) == (question.language == "zh"), question.id


def test_cross_language_evidence_is_only_in_the_other_language(
    questions: list[Question], documents: Mapping[str, Document]
) -> None:
    def language(name: str) -> str:
        text = whole(documents[name])
        return "zh" if len(CHINESE.findall(text)) > 0.2 * len(text) else "en"

    for question in questions:
        if question.kind == "cross_language":
            there = {language(name) for name, _ in question.places}
            assert there == {"en", "zh"} - {question.language}, question.id


def test_pairs_are_one_question_in_two_languages(questions: list[Question]) -> None:
    pairs: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if "pair" in question.row:
            pairs[question.row["pair"]].append(question)
    assert len(pairs) >= 15
    for name, both in pairs.items():
        assert sorted(q.language for q in both) == ["en", "zh"], name
        assert both[0].evidence == both[1].evidence, name
        assert len(both[0].parts) == len(both[1].parts), name


def test_the_evaluation_reads_every_line(questions: list[Question]) -> None:
    dataset = open_questions([ROOT / "questions.jsonl"], strict=True)
    assert dataset.format == "jsonl"
    assert [example.id for example in dataset.examples] == [q.id for q in questions]


def test_the_demo_asks_in_both_languages_and_once_in_vain(questions: list[Question]) -> None:
    lines = (ROOT / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    known = {q.text: q for q in questions}
    demo = [known[json.loads(line)["question"]] for line in lines]
    assert [(q.language, q.answerable) for q in demo] == [
        ("en", True), ("zh", True), ("en", False),
    ]  # fmt: skip


def test_the_shelf_has_the_formats_it_claims(documents: Mapping[str, Document]) -> None:
    suffixes = Counter(Path(name).suffix for name in documents)
    assert suffixes == {".pdf": 2, ".md": 4, ".txt": 3, ".docx": 3, ".html": 2}
    assert len(documents["annual-report-2025.pdf"].pages) >= 5
    with pytest.raises(UnicodeDecodeError):
        (ROOT / "documents" / "保修条款2024.txt").read_text(encoding="utf-8")
    assert "保修期自产品出厂之日起算" in whole(documents["保修条款2024.txt"])


@pytest.mark.parametrize("source", sorted((ROOT / "sources").iterdir()), ids=lambda p: p.name)
def test_made_documents_say_what_their_sources_say(
    source: Path, documents: Mapping[str, Document]
) -> None:
    """Whoever edits a source without running build.py is told."""
    made = squeezed(next(whole(d) for n, d in documents.items() if Path(n).stem == source.stem))
    blocks = parse(source.read_text(encoding="utf-8"))
    assert [text for b in blocks for text in _texts(b) if squeezed(text) not in made] == []


def test_a_word_document_is_made_the_same_twice(tmp_path: Path) -> None:
    blocks = list(parse("# A\n\ntext\n\n- item\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"))
    first, second = tmp_path / "first.docx", tmp_path / "second.docx"
    write_docx(blocks, first, "author")
    write_docx(blocks, second, "author")
    assert first.read_bytes() == second.read_bytes()
    assert [page.text.split() for page in load(first).pages] == [
        ["A", "text", "-", "item", "|", "a", "|", "b", "|", "|", "1", "|", "2", "|"]
    ]


def _texts(block: Block) -> list[str]:
    return [block.text, *(cell for row in block.rows for cell in row)]
