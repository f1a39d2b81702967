"""From question to checked answer, with scripted models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import openai
import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from rag.config import Settings
from rag.errors import CollectionError, ModelError, QuestionError
from rag.pipeline import Answerer
from rag.generation.prompt import REFUSAL
from rag.checking.decide import ABSTENTION
from rag.seams import Reranker
from rag.types import Delta, Done, FloatArray, Hit, Retrieved, Turn
from tests.builders import FixedAnswerability, FixedFinder, OverlapScorer, hit
from tests.fakes import FakeChat, FakeEmbedder, transport

LEAVE = hit("Annual leave is 30 days a year. The canteen opens at noon.", "leave.md", score=0.9)
SICK = hit("Sick pay lasts six weeks. Ask Anna Weber.", "sick.md", score=0.8)
QUESTION = "How long is annual leave?"


def answerer(
    settings: Settings,
    *replies: str,
    hits: tuple[Hit, ...] = (SICK, LEAVE),
    answerable: float | None = None,
    chat: FakeChat | None = None,
    reader: Reranker | None = None,
) -> Answerer:
    return Answerer(
        FixedFinder(*hits),
        chat or FakeChat(replies=list(replies)),
        settings,
        OverlapScorer(),
        {"generator": "fake"},
        embedder=FakeEmbedder(),
        answerability=None if answerable is None else FixedAnswerability(answerable),
        reader=reader,
    )


def test_events_come_in_order_and_add_up(settings: Settings) -> None:
    events = list(answerer(settings, "Annual leave is 30 days.").stream(QUESTION))
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Done)
    deltas = [event for event in events if isinstance(event, Delta)]
    assert len(deltas) == len(events) - 2 > 1
    assert "".join(delta.text for delta in deltas) == "Annual leave is 30 days."


def test_a_supported_sentence_is_cited_by_its_words(settings: Settings) -> None:
    answer = answerer(settings, "Annual leave is 30 days.").answer(QUESTION)
    assert answer.status == "grounded"
    (sentence,) = answer.sentences
    (citation,) = sentence.citations
    assert answer.answer[sentence.start : sentence.end] == sentence.text
    assert citation.quote == "Annual leave is 30 days a year."
    assert LEAVE.chunk.text[citation.start : citation.end] == citation.quote
    assert citation.number == 1
    assert answer.hits[citation.number - 1] == LEAVE
    assert answer.hits == (LEAVE, SICK)


def test_numbers_follow_first_use(settings: Settings) -> None:
    reply = "Sick pay lasts six weeks. Annual leave is 30 days a year."
    answer = answerer(settings, reply, hits=(LEAVE, SICK)).answer(
        "How long are leave and sick pay?"
    )
    assert [[c.number for c in s.citations] for s in answer.sentences] == [[1], [2]]
    assert answer.hits == (SICK, LEAVE)


def test_strict_mode_drops_what_is_not_supported_and_keeps_it_aside(settings: Settings) -> None:
    reply = "Annual leave is 30 days. Employees also receive a company yacht."
    answer = answerer(settings, reply).answer(QUESTION)
    assert answer.answer == "Annual leave is 30 days."
    assert answer.status == "partly_grounded"
    assert [s.text for s in answer.dropped] == ["Employees also receive a company yacht."]


def test_open_mode_keeps_it_marked(settings: Settings) -> None:
    open_mode = settings.model_copy(
        update={"answering": settings.answering.model_copy(update={"mode": "open"})}
    )
    reply = "Annual leave is 30 days. Employees also receive a company yacht."
    answer = answerer(open_mode, reply).answer(QUESTION)
    assert answer.answer == reply
    assert [s.verdict for s in answer.sentences] == ["supported", "unsupported"]
    assert answer.sentences[1].citations == ()
    assert answer.status == "partly_grounded"


@pytest.mark.parametrize("reply", ["Employees receive a company yacht.", REFUSAL["en"], " "])
def test_no_support_is_an_honest_no_with_the_nearest_passages(
    settings: Settings, reply: str
) -> None:
    answer = answerer(settings, reply).answer(QUESTION)
    assert answer.status == "abstained"
    assert answer.answer == ABSTENTION["en"]
    assert answer.hits == (SICK, LEAVE)
    assert all(not s.citations for s in answer.sentences)


def test_a_fact_beside_a_refusal_of_the_rest_is_kept(settings: Settings) -> None:
    reply = "Annual leave is 30 days. The documents do not mention bonuses."
    answer = answerer(settings, reply).answer("What is said of annual leave with its bonus?")
    assert [s.verdict for s in answer.sentences] == ["supported", "no_claim"]
    assert answer.status == "grounded"


TWO = "How long is annual leave, and how long does sick pay last?"


def test_each_part_of_a_question_is_answered_on_its_own(settings: Settings) -> None:
    chat = FakeChat(replies=["Annual leave is 30 days a year.", "Sick pay lasts six weeks."])
    *events, done = answerer(settings, chat=chat).stream(TWO)
    assert isinstance(done, Done)
    answer = done.answer
    assert answer.answer == "Annual leave is 30 days a year. Sick pay lasts six weeks."
    assert answer.status == "grounded"
    assert [s.citations[0].document for s in answer.sentences] == ["leave.md", "sick.md"]
    assert [str(p[-1].text).rsplit(": ", 1)[1] for p in chat.prompts] == [
        "How long is annual leave?",
        "How long does sick pay last?",
    ]
    assert len([event for event in events if isinstance(event, Retrieved)]) == 1


def test_a_part_without_an_answer_is_named(settings: Settings) -> None:
    chat = FakeChat(replies=["Annual leave is 30 days a year.", REFUSAL["en"]])
    answer = answerer(settings, chat=chat).answer(TWO)
    assert answer.status == "partly_grounded"
    first, second = answer.sentences
    assert first.verdict == "supported"
    assert second.text == "Not in your documents: How long does sick pay last?"
    assert second.verdict == "no_claim"
    assert answer.answer[second.start : second.end] == second.text


def test_what_follows_a_missing_part_begins_a_line(settings: Settings) -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "Sick pay lasts six weeks."])
    answer = answerer(settings, chat=chat, answerable=0.49).answer(TWO)
    assert answer.answer == (
        "Not in your documents: How long is annual leave?\nSick pay lasts six weeks."
    )


LEANING = "Which firm made the pump, and in which city is it based?"
MADE = hit("The pump was made by Acme Pumps.", "pump.md")
BASED = hit("Acme Pumps is based in Lyon.", "firms.md")


def test_a_part_that_leans_is_asked_with_the_answer_before(settings: Settings) -> None:
    replies = ["The pump was made by Acme Pumps.", "Acme Pumps is based in Lyon."]
    chat = FakeChat(replies=list(replies))
    answer = answerer(settings, hits=(MADE, BASED), chat=chat).answer(LEANING)
    assert answer.answer == " ".join(replies)
    second = str(chat.prompts[1][-1].text).rsplit(": ", 1)[1]
    assert second == "In which city is it based (Acme Pumps)?"
    texts = [MADE.chunk.text, BASED.chunk.text]
    assert answerer(settings, *replies, hits=()).answer_from(LEANING, texts).answer == answer.answer


def test_a_part_that_leans_on_what_has_no_answer_has_none(settings: Settings) -> None:
    chat = FakeChat(replies=[REFUSAL["en"]])
    asking = answerer(settings, hits=(MADE, BASED), chat=chat, answerable=0.4)
    assert asking.answer(LEANING).status == "abstained"
    assert len(chat.prompts) == 1


def test_no_part_answered_is_one_honest_no(settings: Settings) -> None:
    answer = answerer(settings, REFUSAL["en"]).answer(TWO)
    assert (answer.status, answer.answer) == ("abstained", ABSTENTION["en"])


@pytest.mark.parametrize(
    "reply",
    [REFUSAL["en"], "Annual leave is as long as annual leave is.", "Annual leave is 45 days."],
)
def test_the_documents_own_words_take_the_place_of_what_fails(
    settings: Settings, reply: str
) -> None:
    chat = FakeChat(replies=[reply, reply])
    answer = answerer(settings, hits=(LEAVE,), chat=chat, answerable=0.9).answer(QUESTION)
    assert answer.answer == "Annual leave is 30 days a year."
    assert [c.quote for s in answer.sentences for c in s.citations] == [answer.answer]
    assert [s.text for s in answer.dropped] == [reply] * ("45" in reply)


STANDING_OUT = hit(
    "Annual leave is 30 days a year. It is hot. We sell fish. They met Ann. He has a hat.",
    "leave.md",
)


class _Likes:
    """A reader that likes the sentences with certain words."""

    name = "likes"

    def __init__(self, words: str) -> None:
        self._words = words

    def scores(self, query: str, texts: Sequence[str]) -> FloatArray:
        return np.array([float(self._words in text) for text in texts], dtype=np.float32)


OTHER = hit("Unpaid leave of 45 days a year is granted by Anna.", "other.md")


def test_a_sentence_that_stands_out_takes_the_place_of_what_is_taken_from_elsewhere(
    settings: Settings,
) -> None:
    said = "Leave of 45 days a year is granted."
    found, reader = (STANDING_OUT, OTHER), _Likes("30 days")
    answer = answerer(settings, said, hits=found, answerable=0.65, reader=reader).answer(QUESTION)
    assert answer.answer == "Annual leave is 30 days a year."
    assert [(s.text, s.verdict) for s in answer.dropped] == [(said, "unsupported")]
    assert answer.status == "partly_grounded"
    for answerable, likes in ((0.55, "30 days"), (0.65, " days ")):
        near = answerer(settings, said, hits=found, answerable=answerable, reader=_Likes(likes))
        assert near.answer(QUESTION).answer == said


class _Rates:
    """Sure of the texts with certain words, and less so of all others."""

    name = "rates"

    def __init__(self, words: str) -> None:
        self._words = words

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [0.9 if self._words in text else 0.65 for text in passages]


@pytest.mark.parametrize(
    ("likes", "told"),
    [
        ("45 days", "Leave of 45 days a year is granted."),
        ("30 days", "Annual leave is 30 days a year."),
    ],
)
def test_nothing_takes_the_place_of_what_answers_better(
    settings: Settings, likes: str, told: str
) -> None:
    asking = Answerer(
        FixedFinder(STANDING_OUT, OTHER),
        FakeChat(replies=["Leave of 45 days a year is granted."]),
        settings,
        OverlapScorer(),
        {},
        embedder=FakeEmbedder(),
        answerability=_Rates(likes),
        reader=_Likes("30 days"),
    )
    assert asking.answer(QUESTION).answer == told


def test_a_day_without_its_month_is_told_in_the_words_that_have_it(settings: Settings) -> None:
    report, notice = hit("会议10日上午闭幕。", "a.md"), hit("3月10日会议闭幕。", "b.md")
    for found, told in (((report, notice), "3月10日会议闭幕。"), ((report,), report.chunk.text)):
        asking = answerer(settings, report.chunk.text, hits=found, answerable=0.9)
        assert asking.answer("会议什么时候闭幕？").answer == told


def test_where_no_passage_is_sure_what_fails_is_no_answer(settings: Settings) -> None:
    answer = answerer(settings, REFUSAL["en"], hits=(LEAVE,), answerable=0.49).answer(QUESTION)
    assert answer.status == "abstained"


class AnswersUnless:
    """Sure of every text but those that hold certain words."""

    name = "unless"

    def __init__(self, words: str) -> None:
        self._words = words

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [0.0 if self._words in text else 0.75 for text in passages]


def sureness(settings: Settings, question: str, unless: str) -> float:
    """The confidence of the same reply, where no text with certain words answers."""
    asking = Answerer(
        FixedFinder(LEAVE),
        FakeChat(replies=["Annual leave is 30 days."]),
        settings,
        OverlapScorer(),
        {},
        embedder=FakeEmbedder(),
        answerability=AnswersUnless(unless),
    )
    return asking.answer(question).confidence


def test_a_supported_sentence_that_does_not_answer_is_less_sure(settings: Settings) -> None:
    answering = sureness(settings, QUESTION, "nothing of the kind")
    assert answering > sureness(settings, QUESTION, "leave is 30 days.")


def test_a_yes_or_no_answers_as_well_as_what_it_was_taken_from(settings: Settings) -> None:
    reply = "Annual leave is 30 days."
    yes_or_no = sureness(settings, "Is annual leave 30 days?", reply)
    assert yes_or_no > sureness(settings, QUESTION, reply)


@pytest.mark.parametrize(
    ("first", "said", "asked"),
    [
        ("Annual leave is 90 weeks.", "Sick pay lasts six weeks.", 3),
        ("Annual leave is 30 days.", "Annual leave is 30 days.", 2),
    ],
)
def test_what_the_passage_does_not_hold_is_asked_of_the_next(
    settings: Settings, first: str, said: str, asked: int
) -> None:
    chat = FakeChat(replies=["The documents do not say.", first, "Sick pay lasts six weeks."])
    asking = answerer(settings, chat=chat, answerable=0.9)
    answer = asking.answer("How long is leave or sick pay?")
    assert answer.answer == said
    assert len(chat.prompts) == asked


def test_a_row_is_believed_with_its_columns(settings: Settings) -> None:
    table = "| Place | Limit |\n|---|---|\n| Leeds | GBP 90 |\n| York | GBP 80 |"

    class KnowsColumns(OverlapScorer):
        def score(
            self, question: str, claims: Sequence[str], evidence: Sequence[str]
        ) -> list[float]:
            return [0.9 if "Place Leeds: Limit GBP 90" in " ".join(evidence) else 0.1] * len(claims)

    asking = Answerer(
        FixedFinder(hit(table, "limits.md")),
        FakeChat(replies=["The limit in Leeds is GBP 90."]),
        settings,
        KnowsColumns(),
        {},
        embedder=FakeEmbedder(),
        answerability=FixedAnswerability(0.9),
    )
    answer = asking.answer("What is the limit in Leeds?")
    assert answer.answer == "The limit in Leeds is GBP 90."


def test_the_parts_come_with_the_signals_of_the_decision(settings: Settings) -> None:
    asking = answerer(settings, "Annual leave is 30 days.", answerable=0.6)
    [part] = asking.parts_from(QUESTION, [LEAVE.chunk.text])
    assert (part.signals.answerable, part.signals.relevant, part.signals.refused) == (
        0.6,
        0.6,
        False,
    )
    assert part.claims[0].text == "Annual leave is 30 days."


def test_hopeless_passages_are_not_even_given_to_the_model(settings: Settings) -> None:
    chat = FakeChat(replies=["Annual leave is 30 days."])
    answer = answerer(settings, answerable=0.0, chat=chat).answer(QUESTION)
    assert answer.status == "abstained"
    assert chat.prompts == []
    assert "first_token" not in answer.timings_ms


def test_abstention_speaks_the_questions_language(settings: Settings) -> None:
    assert answerer(settings, REFUSAL["zh"]).answer("年假有多少天？").answer == ABSTENTION["zh"]


def test_a_follow_up_is_searched_as_it_stands_alone(settings: Settings) -> None:
    history = [Turn("How long is annual leave in Germany?", "Annual leave is 30 days.")]
    answer = answerer(settings, "Annual leave is 30 days.").answer("And in France?", history)
    assert answer.standalone_question == "How long is annual leave in France?"
    assert answer.question == "And in France?"


def test_invented_numbers_in_brackets_are_removed(settings: Settings) -> None:
    answer = answerer(settings, "Answer: Annual leave is 30 days [3][1].").answer(QUESTION)
    assert answer.answer == "Annual leave is 30 days."


def test_answer_from_needs_no_retrieval(settings: Settings) -> None:
    finder = FixedFinder(SICK)
    asker = Answerer(
        finder,
        FakeChat(replies=["Annual leave is 30 days."]),
        settings,
        OverlapScorer(),
        {},
        embedder=FakeEmbedder(),
    )
    answer = asker.answer_from(QUESTION, [LEAVE.chunk.text, " ", LEAVE.chunk.text])
    assert answer.status == "grounded"
    assert finder.asked == []
    assert len(answer.hits) == 1
    assert asker.answer_from(QUESTION, []).status == "abstained"


def test_stages_are_timed(settings: Settings) -> None:
    timings = answerer(settings, "Annual leave is 30 days.").answer(QUESTION).timings_ms
    stages = {"rewrite", "retrieve", "choose", "first_token", "generate", "attribute", "verify"}
    assert stages < set(timings)
    assert timings["total"] >= timings["generate"]


@pytest.mark.parametrize("question", ["", "  \n", "x" * 100_000])
def test_questions_that_cannot_be_asked(settings: Settings, question: str) -> None:
    with pytest.raises(QuestionError):
        answerer(settings, "x").answer(question)


def test_an_empty_collection_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(CollectionError, match="plumb ingest"):
        answerer(settings, "x", hits=()).answer(QUESTION)


class BrokenChat(FakeChat):
    """A model whose server goes away: at once, or (`after` characters) while it writes."""

    error: Exception
    after: int = 0

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for _ in range(self.after):
            yield ChatGenerationChunk(message=AIMessageChunk(content="x"))
        raise self.error


def test_a_model_that_cannot_be_reached_is_one_clear_error(settings: Settings) -> None:
    request = transport().Request("POST", "http://127.0.0.1:1/v1")
    chat = BrokenChat(error=openai.APIConnectionError(request=request))
    with pytest.raises(ModelError, match="cannot be reached"):
        answerer(settings, chat=chat).answer(QUESTION)


def test_a_stream_that_breaks_off_is_one_clear_error(settings: Settings) -> None:
    chat = BrokenChat(error=transport().RemoteProtocolError("peer closed connection"), after=3)
    with pytest.raises(ModelError, match="broke off"):
        answerer(settings, chat=chat).answer(QUESTION)


def test_a_model_that_sends_nothing_is_one_clear_error(settings: Settings) -> None:
    with pytest.raises(ModelError, match="cannot be used"):
        answerer(settings, "").answer(QUESTION)


def test_who_declines_what_surely_stands_there_is_asked_again_with_that_passage(
    settings: Settings,
) -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "Annual leave is 30 days a year."])
    sure = answerer(settings, answerable=0.9, chat=chat, hits=(LEAVE, SICK))
    *events, done = sure.stream(QUESTION)
    assert isinstance(done, Done)
    assert done.answer.answer == "Annual leave is 30 days a year."
    shown = "".join(event.text for event in events if isinstance(event, Delta))
    assert shown == done.answer.answer
    assert len(chat.prompts) == 2
    assert "[2]" not in str(chat.prompts[1]).split("<<<")[-1]


def test_who_only_says_the_question_again_is_asked_again(settings: Settings) -> None:
    chat = FakeChat(replies=["Annual leave is annual leave.", "Annual leave is 30 days a year."])
    answer = answerer(settings, chat=chat, answerable=0.9).answer("How long is annual leave?")
    assert answer.answer == "Annual leave is 30 days a year."


def test_a_refusal_in_other_words_is_set_apart_from_the_second_answer(settings: Settings) -> None:
    refusal, reply = "I cannot answer this.", "Annual leave is 30 days a year."
    chat = FakeChat(replies=[refusal, reply])
    *events, done = answerer(settings, answerable=0.9, chat=chat).stream(QUESTION)
    assert isinstance(done, Done)
    shown = "".join(event.text for event in events if isinstance(event, Delta))
    assert shown == f"{refusal}\n{reply}"
    assert done.answer.answer == reply


def test_an_answer_that_only_begins_like_a_refusal_is_shown_whole(settings: Settings) -> None:
    text = "The documents do say it: annual leave is 30 days a year."
    *events, _ = answerer(settings, text, answerable=0.9).stream(QUESTION)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == text


@pytest.mark.parametrize(("answerable", "asked"), [(0.4, 1), (0.6, 2)])
def test_who_declines_is_asked_again_only_about_what_likely_stands_there(
    settings: Settings, answerable: float, asked: int
) -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "Annual leave is 30 days a year."])
    answer = answerer(settings, answerable=answerable, chat=chat).answer(QUESTION)
    assert (answer.status == "abstained") is (asked == 1)
    assert len(chat.prompts) == asked
