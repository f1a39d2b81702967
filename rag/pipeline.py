"""A question to a checked answer: rewrite, retrieve, choose, write, attribute, verify, compose.

`Answerer` puts the stages together and times them; each stage lives in a module of its own.
`open_answerer` builds one from the settings.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel

from rag.clock import Clock
from rag.complete import completed
from rag.compose import Asked, SubAnswer, compose
from rag.config import Settings
from rag.context import choose
from rag.errors import CollectionError
from rag.find import Finder, Given, SubQuestion, budget_each, find_all, merged, with_answer
from rag.narrow import to_show
from rag.opinion import Opinion, opinion_of
from rag.passages import hits_from_texts
from rag.question import check_question
from rag.refuse import hopeless
from rag.review import Reviewer, Shown
from rag.rewrite import standalone
from rag.seams import AnswerabilityScorer, Embedder, Reranker, SupportScorer
from rag.store import Collection
from rag.text import detect_language
from rag.types import Answer, Delta, Done, Event, Language, Retrieved, Turn
from rag.write import Asking, write

if TYPE_CHECKING:
    from rag.tools import Tools


class Answerer:
    """Answers questions from one collection with one language model.

    `embedder` and `reader` choose sentences, the former aligns them too; without `answerability`
    the decision to refuse rests on the model and the scorer alone; without `opinion` the model is
    not asked whether what it cites holds the answer. `models` maps roles to names for the record.
    """

    def __init__(
        self,
        retriever: Finder,
        chat: BaseChatModel,
        settings: Settings,
        scorer: SupportScorer,
        models: Mapping[str, str],
        *,
        embedder: Embedder,
        answerability: AnswerabilityScorer | None = None,
        reader: Reranker | None = None,
        opinion: Opinion | None = None,
    ) -> None:
        self._retriever = retriever
        self._chat = chat
        self._settings = settings
        self._models = dict(models)
        self._embedder = embedder
        self._reader = reader
        self._answerability = answerability
        self._reviewer = Reviewer(embedder, scorer, answerability, opinion)

    @classmethod
    def over(
        cls, finder: Finder, chat: BaseChatModel, name: str, tools: Tools, settings: Settings
    ) -> Answerer:
        """The answerer that uses `tools`, and the language model `chat` called `name`."""
        return cls(
            finder,
            chat,
            settings,
            tools.scorer,
            tools.names(name),
            embedder=tools.search.embedder,
            answerability=tools.answerability,
            reader=tools.search.reader,
            opinion=opinion_of(chat, settings),
        )

    @property
    def chat(self) -> BaseChatModel:
        """The language model."""
        return self._chat

    @property
    def models(self) -> Mapping[str, str]:
        """Role to name, as every answer records them."""
        return self._models

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """`Retrieved`, then `Delta` as the model writes (none when there is nothing to write
        from), then `Done`. Errors are raised when the first event is asked for.

        Raises QuestionError (empty, too long), CollectionError (nothing in the collection) and
        ModelError (the language model does not answer).
        """
        clock = Clock()
        question = check_question(question, self._settings.answering.max_question_chars)
        with clock.stage("rewrite"):
            asked = completed(standalone(question, history, self._chat).question)
        with clock.stage("retrieve"):
            found = find_all(self._retriever, asked)
        hits = merged(found)
        if not hits:
            raise CollectionError(
                f"the collection {self._settings.collection!r} holds no text to answer from: "
                "add documents with `plumb ingest PATH`"
            )
        yield Retrieved(asked, tuple(hits))
        yield from self._answered(Asked(question, asked, hits), found, clock, self._retriever)

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The checked answer; raises as `stream` does."""
        return _last(self.stream(question, history))

    def answer_from(self, question: str, passages: Sequence[str]) -> Answer:
        """The answer from the passages given, retrieval left out, everything else as ever."""
        return _last(self.stream_from(question, passages))

    def stream_from(self, question: str, passages: Sequence[str]) -> Iterator[Event]:
        """The events of `answer_from`; `Retrieved` holds the passages given."""
        clock = Clock()
        question = check_question(question, self._settings.answering.max_question_chars)
        asked = completed(question)
        given = Given(hits_from_texts(passages))
        found = find_all(given, asked)
        yield Retrieved(asked, tuple(given.hits))
        yield from self._answered(Asked(question, asked, given.hits), found, clock, given)

    def parts_from(self, question: str, passages: Sequence[str]) -> list[SubAnswer]:
        """As `answer_from`, each part with the signals that the decision to show it rests on."""
        question = completed(question)
        given = Given(hits_from_texts(passages))
        found = find_all(given, question)
        steps = self._parts(found, detect_language(question), Clock(), given)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                parts: list[SubAnswer] = end.value[0]
                return parts

    def _answered(
        self, asked: Asked, found: Sequence[SubQuestion], clock: Clock, finder: Finder
    ) -> Iterator[Event]:
        """What the model writes, then `Done` with the answers to all parts."""
        language = detect_language(asked.question)
        done, parts = yield from self._parts(found, language, clock, finder)
        asked = replace(asked, hits=merged(parts))
        yield Done(compose(asked, done, self._settings.answering, self._models, clock))

    def _parts(
        self, found: Sequence[SubQuestion], language: Language, clock: Clock, finder: Finder
    ) -> Generator[Delta, None, tuple[list[SubAnswer], list[SubQuestion]]]:
        """Every part answered on its own. One that leans on the part before is searched again with
        that one's answer, and has none if that has none."""
        settings = self._settings.answering
        budget = budget_each(settings, len(found))
        done: list[SubAnswer] = []
        parts = list(found)
        for index, part in enumerate(found):
            if part.leans:
                if not done[-1].answers(settings):
                    done.append(SubAnswer(part.question))
                    continue
                with clock.stage("retrieve"):
                    parts[index] = part = _completed(part, done[-1], finder)
            if done:
                yield Delta("\n")
            done.append((yield from self._part(part, language, budget, clock)))
        return done, parts

    def _part(
        self, part: SubQuestion, language: Language, budget: int, clock: Clock
    ) -> Generator[Delta, None, SubAnswer]:
        asked = part.question
        with clock.stage("choose"):
            choice = choose(asked, part.hits, self._embedder, self._reader)
        with clock.stage("answerability"):
            passages, scores = to_show(asked, choice, budget, self._answerability)
        shown = Shown(asked, passages, scores)
        if not passages or hopeless(shown.best, self._settings.answering.min_confidence):
            return SubAnswer(asked)
        with clock.stage("generate"):
            asking = Asking(asked, language, passages, scores)
            raw = yield from write(
                self._chat,
                asking,
                lambda: clock.mark("first_token"),
                lambda said: self._reviewer.holds(shown, said),
            )
        claims, signals = self._reviewer.review(shown, raw, clock)
        return SubAnswer(asked, claims, signals)


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
        yield Answerer.over(finder, generator.chat, generator.name, tools, settings)


def _completed(part: SubQuestion, before: SubAnswer, finder: Finder) -> SubQuestion:
    """A part that leans on the answer to the part before, with that answer, and what is found."""
    told = " ".join(claim.text for claim in before.claims if claim.verdict == "supported")
    question = with_answer(part.question, before.part, told)
    return SubQuestion(question, finder.retrieve(question))


def _last(events: Iterator[Event]) -> Answer:
    answer = None
    for event in events:
        if isinstance(event, Done):
            answer = event.answer
    assert answer is not None  # every stream ends with Done
    return answer
