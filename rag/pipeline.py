"""A question -> a checked answer: the whole way, stage after stage, none calling back.

question, retrieval, evidence, generation, checking, decision: each stage has a folder of its own.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel

from rag.checking import Part, Reviewer, compose, decide, own_word_of
from rag.checking.compose import merged
from rag.clock import Clock
from rag.config import Settings
from rag.content import moderated, open_content
from rag.errors import CollectionError
from rag.evidence import choose
from rag.generation import Draft, write
from rag.question import check_question, split_question, standalone_question
from rag.retrieval import Finder, Given, hits_from_texts, narrow
from rag.store import Collection, Filter
from rag.text import detect_language
from rag.types import Answer, Delta, Done, Event, Hit, Language, Retrieved, Turns

if TYPE_CHECKING:
    from rag.tools import Tools


class Answerer:
    """Answers questions from what `finder` finds, with the language model `chat` called `name`."""

    def __init__(
        self, finder: Finder, chat: BaseChatModel, name: str, tools: Tools, settings: Settings
    ) -> None:
        self._finder = finder
        self.chat = chat
        self._settings = settings
        self._search = search = tools.search
        self._content = open_content(settings.content, tools.moderator)
        self.models: Mapping[str, str] = tools.names(name)
        """Role to name, as every answer records them."""
        own_word = own_word_of(chat, settings)
        self._reviewer = Reviewer(
            search.embedder, tools.scorer, search.reader, own_word, settings.checking
        )

    def stream(self, question: str, history: Turns = (), where: Filter = None) -> Iterator[Event]:
        """`Retrieved`, then `Delta` as the model writes (none when there is nothing to write from),
        then `Done`, of the documents meant. Errors are raised when the first event is asked for.

        Raises QuestionError (empty, too long), CollectionError (nothing in the collection) and
        ModelError (the language model does not answer).
        """
        events = self._stream(question, history, narrow(self._finder, where))
        return moderated(events, question, self._content, self.models)

    def answer(self, question: str, history: Turns = (), where: Filter = None) -> Answer:
        """The checked answer; raises as `stream` does."""
        return _last(self.stream(question, history, where))

    def stream_from(self, question: str, passages: Sequence[str]) -> Iterator[Event]:
        """The events of an answer from the passages given, retrieval left out."""
        events = self._stream(question, (), Given(hits_from_texts(passages)))
        return moderated(events, question, self._content, self.models)

    def answer_from(self, question: str, passages: Sequence[str]) -> Answer:
        """The answer from the passages given, retrieval left out, everything else as ever."""
        return _last(self.stream_from(question, passages))

    def _stream(self, question: str, history: Turns, finder: Finder) -> Iterator[Event]:
        clock = Clock()
        settings = self._settings
        question = check_question(question, settings.answering.max_question_chars)
        with clock.stage("rewrite"):
            standalone = standalone_question(question, history, self.chat)
            asked = split_question(standalone, self.chat)
        with clock.stage("retrieve"):
            found = [finder.retrieve(part) for part in asked]
        if not any(found) and not isinstance(finder, Given):
            raise CollectionError(
                f"the collection {settings.collection!r} holds no text to answer from: "
                "add documents with `plumb ingest PATH`"
            )
        yield Retrieved(standalone, tuple(merged(found)))
        parts = []
        for number, (part, hits) in enumerate(zip(asked, found, strict=True)):
            if number:
                yield Delta("\n")
            parts.append((yield from self._part(part, hits, detect_language(question), clock)))
        answer = compose(
            question, standalone, parts, settings.answering, self.models, clock.timings_ms()
        )
        yield Done(answer)

    def _part(
        self, question: str, hits: Sequence[Hit], language: Language, clock: Clock
    ) -> Generator[Delta, None, Part]:
        settings, search = self._settings, self._search
        with clock.stage("choose"):
            passages = choose(question, hits, search.embedder, search.reader, settings.answering)
        draft = Draft("", declined=False)
        if passages:
            with clock.stage("generate"):
                draft = yield from write(
                    self.chat,
                    question,
                    passages,
                    language,
                    ask_again=settings.answering.ask_again,
                    begun=lambda: clock.mark("first_token"),
                )
        with clock.stage("verify"):
            checked = self._reviewer.review(question, passages, draft)
        decision = decide(checked.signals, settings, found=bool(passages), declined=draft.declined)
        return Part(question, hits, checked, decision)


@contextmanager
def open_answerer(settings: Settings, *, with_collection: bool = True) -> Iterator[Answerer]:
    """An answerer over the collection named in `settings`, its models loaded, closed at the end.
    Without a collection it can only `answer_from` passages.

    Raises CollectionError (no such collection, or made with another embedder) before any language
    model is loaded, and ModelError naming the command that fetches a missing model.
    """
    from rag.models.generator import open_generator
    from rag.tools import load_search, load_tools

    with ExitStack() as stack:
        search = load_search(settings)
        finder: Finder = Given(())
        if with_collection:
            info = search.embedder.info
            collection = Collection.open(settings, settings.collection, info)
            finder = search.retriever(stack.enter_context(collection), settings)
        tools = load_tools(settings, search)
        generator = stack.enter_context(open_generator(settings))
        yield Answerer(finder, generator.chat, generator.name, tools, settings)


def _last(events: Iterator[Event]) -> Answer:
    answer = None
    for event in events:
        if isinstance(event, Done):
            answer = event.answer
    assert answer is not None  # every stream ends with Done
    return answer
