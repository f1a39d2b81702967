from __future__ import annotations

from rag.answer_text import render
from rag.types import Answer, Chunk, Citation, Hit, Reason, Sentence

CHUNK = Chunk("c1", "d1", 2, 0, 20, "Warranty: 24 months.", "", 5, 0)
HIT = Hit(CHUNK, "warranty.pdf", 1.0)
CITATION = Citation(1, "warranty.pdf", "d1", 2, 10, 20, "24 months.", "c1")


def answer(text: str, **changes: object) -> Answer:
    values: dict[str, object] = {
        "question": "How long is the warranty?",
        "standalone_question": "How long is the warranty?",
        "answer": text,
        "status": "grounded",
        "sentences": (Sentence(text, 0, len(text), "supported", 0.9, (CITATION,)),),
        "hits": (HIT,),
    }
    return Answer(**{**values, **changes})  # type: ignore[arg-type]


def test_a_sentence_carries_its_number_and_the_source_its_quote() -> None:
    shown = render(answer("It lasts 24 months."))
    assert "It lasts 24 months. [1]" in shown
    assert "[1] warranty.pdf, page 2: “24 months.”" in shown


def test_an_unsupported_sentence_is_marked() -> None:
    text = "It lasts 36 months."
    sentence = Sentence(text, 0, len(text), "unsupported", 0.1, ())
    shown = render(answer(text, status="partly_grounded", sentences=(sentence,)))
    assert "36 months. [?]" in shown


def test_an_abstention_shows_the_nearest_passages_in_the_questions_language() -> None:
    shown = render(
        answer(
            "您的文档中没有答案。",
            question="保修期多久？",
            standalone_question="保修期多久？",
            status="abstained",
            sentences=(),
        )
    )
    assert shown.count("您的文档中没有答案。") == 1
    assert "最接近的段落" in shown
    assert "Warranty: 24 months." in shown


def test_a_rewritten_question_and_dropped_sentences_are_said() -> None:
    dropped = (Sentence("x", 0, 1, "unsupported", 0.0, ()),)
    shown = render(answer("24 months.", standalone_question="Warranty of X?", dropped=dropped))
    assert "Asked as: Warranty of X?" in shown
    assert "1 sentence(s)" in shown


def test_the_reason_of_an_abstention_and_of_what_was_left_out_is_said() -> None:
    dropped = (
        Sentence("It lasts 36 months.", 0, 19, "unsupported", 0.0, (), Reason("number", "36")),
    )
    shown = render(
        answer(
            "Not in your documents.",
            status="abstained",
            sentences=(),
            dropped=dropped,
            reason=Reason("unsure", "30% < 50%"),
        )
    )
    assert "too uncertain that the passages answer the question: 30% < 50%." in shown
    assert "- It lasts 36 months. (The passages do not have this number or date: 36.)" in shown
