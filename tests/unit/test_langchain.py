"""The collection and the answerer inside LangChain chains."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import RetrieversIntegrationTests, ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from rag.config import Settings
from rag.errors import UsageError
from rag.langchain import CollectionRetriever, answer_runnable, answer_tool, text_runnable
from rag.types import Answer
from tests.builders import LEAVE, QUESTION, SICK, FixedFinder, answerer, hit
from tests.fakes import FakeChat

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class TestStandardRetriever(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return CollectionRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        hits = [hit(f"Rule {number} of the house.", f"{number}.md") for number in range(5)]
        return {"finder": FixedFinder(*hits)}

    @property
    def retriever_query_example(self) -> str:
        return "Which rules?"


class _StandardTool:
    @pytest.fixture(autouse=True)
    def _made(self, settings: Settings) -> None:
        self.made = answer_tool(answerer(settings, "Annual leave is 30 days."))

    @property
    def tool_constructor(self) -> BaseTool:
        return self.made

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"question": QUESTION}


class TestStandardTool(_StandardTool, ToolsUnitTests):
    pass


class TestStandardToolCalls(_StandardTool, ToolsIntegrationTests):
    pass


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


def test_the_runnable_answers_in_batches_and_asynchronously(settings: Settings) -> None:
    ask = answer_runnable(answerer(settings, "Annual leave is 30 days."))
    first, second = ask.batch([QUESTION, {"question": QUESTION}])
    third = asyncio.run(ask.ainvoke(QUESTION))
    (streamed,) = ask.stream(QUESTION)
    assert {a.answer for a in (first, second, third, streamed)} == {"Annual leave is 30 days."}


def test_an_agents_tool_tells_the_source(settings: Settings) -> None:
    tool = answer_tool(answerer(settings, "Annual leave is 30 days."))
    call = {"name": tool.name, "args": {"question": QUESTION}, "id": "1", "type": "tool_call"}
    message = tool.invoke(call)
    assert "leave.md" in message.content
    assert isinstance(message.artifact, Answer)
    assert message.artifact.status == "grounded"


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
