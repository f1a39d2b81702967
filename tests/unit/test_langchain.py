"""The collection and the answerer inside LangChain chains."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from rag.config import Settings
from rag.errors import UsageError
from rag.langchain import CollectionRetriever, answer_runnable, text_runnable
from tests.builders import LEAVE, QUESTION, SICK, FixedFinder, answerer
from tests.fakes import FakeChat


def test_the_retriever_gives_documents_with_their_place() -> None:
    documents = CollectionRetriever(finder=FixedFinder(LEAVE, SICK), k=1).invoke(QUESTION)
    (document,) = documents
    assert document.page_content == LEAVE.chunk.text
    assert document.metadata["document"] == "leave.md"
    assert document.metadata["page"] == 1
    assert (document.metadata["start"], document.metadata["end"]) == (0, len(LEAVE.chunk.text))


def joined(documents: list[Document]) -> str:
    return " ".join(document.page_content for document in documents)


def test_the_retriever_serves_a_foreign_chain() -> None:
    chat = FakeChat(replies=["30 days"])
    prompt = ChatPromptTemplate.from_template("{context}\n\n{question}")
    retriever = CollectionRetriever(finder=FixedFinder(LEAVE, SICK))
    join = RunnableLambda(joined)
    chain = (
        {"context": retriever | join, "question": RunnablePassthrough()}
        | prompt
        | chat
        | StrOutputParser()
    )
    assert chain.invoke(QUESTION) == "30 days"
    assert SICK.chunk.text in str(chat.prompts[0][0].content)


def test_the_answerer_is_a_runnable(settings: Settings) -> None:
    chain = answer_runnable(answerer(settings, "Annual leave is 30 days.")) | (
        lambda answer: answer.sentences[0].citations[0].quote
    )
    assert chain.invoke(QUESTION) == "Annual leave is 30 days a year."


def test_history_comes_as_pairs_or_mappings(settings: Settings) -> None:
    rewritten = "How long is annual leave in Germany in 2026?"
    ask = answer_runnable(answerer(settings, rewritten))
    earlier = "How long is annual leave in Germany?"
    for turn in ((earlier, "30 days."), {"question": earlier, "answer": "30 days."}):
        answer = ask.invoke({"question": "And in 2026?", "history": [turn]})
        assert answer.standalone_question == rewritten


def test_text_streams_in_pieces(settings: Settings) -> None:
    pieces = list(text_runnable(answerer(settings, "Annual leave is 30 days.")).stream(QUESTION))
    assert len(pieces) > 5
    assert "".join(pieces) == "Annual leave is 30 days."


@pytest.mark.parametrize("value", [7, {"text": "x"}, {"question": "x", "history": ["y"]}])
def test_other_input_is_refused_clearly(settings: Settings, value: object) -> None:
    with pytest.raises(UsageError):
        answer_runnable(answerer(settings, "x")).invoke(value)
