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

from rag.attribute import Quote
from rag.check import Claim, answers, check_claims, judge_claims, left_out, tidy
from rag.clock import Clock
from rag.complete import completed
from rag.compose import Asked, SubAnswer, compose
from rag.config import Settings
from rag.conflict import other_accounts
from rag.context import Passage, choose
from rag.errors import CollectionError
from rag.find import Finder, Given, SubQuestion, budget_each, find_all, merged, with_answer
from rag.kind import says_nothing
from rag.narrow import to_show
from rag.opinion import Opinion, opinion_of
from rag.passages import hits_from_texts
from rag.question import check_question
from rag.quoting import best_words, is_cited, outstanding, says_the_same
from rag.refuse import Signals, hopeless
from rag.relevance import relevance
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
        self._scorer = scorer
        self._models = dict(models)
        self._embedder = embedder
        self._reader = reader
        self._answerability = answerability
        self._opinion = opinion

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
        best = max(scores.values(), default=0.0)
        if not passages or hopeless(best, self._settings.answering.min_confidence):
            return SubAnswer(asked)
        with clock.stage("generate"):
            asking = Asking(asked, language, passages, scores)
            raw = yield from write(
                self._chat,
                asking,
                lambda: clock.mark("first_token"),
                lambda said: self._holds(asked, said, passages),
            )
        return self._checked(asked, raw, passages, scores, clock)

    def _holds(self, asked: str, raw: str, passages: Sequence[Passage]) -> bool:
        """Whether something of what was written is supported and answers."""
        attributed = check_claims(asked, tidy(raw), passages, self._embedder)
        return any(answers(asked, c) for c in self._judged(asked, attributed, passages))

    def _checked(
        self,
        asked: str,
        raw: str,
        passages: Sequence[Passage],
        scores: Mapping[str, float],
        clock: Clock,
    ) -> SubAnswer:
        with clock.stage("attribute"):
            attributed = check_claims(asked, tidy(raw), passages, self._embedder)
        with clock.stage("verify"):
            claims = self._judged(asked, attributed, passages)
            shown = [claim for claim in claims if answers(asked, claim)]
            told = self._told(asked, passages, scores, shown)
            quoted = self._quoted(asked, told, passages) if told else []
            claims = [*quoted, *left_out(asked, claims)] if quoted else claims
            signals = self._signals(asked, claims, scores)
            signals = replace(signals, held=self._held(asked, claims, passages, scores))
            claims += other_accounts(asked, claims, [p.hit for p in passages])
        return SubAnswer(asked, claims, signals)

    def _told(
        self,
        asked: str,
        passages: Sequence[Passage],
        scores: Mapping[str, float],
        shown: Sequence[Claim],
    ) -> str:
        """What is told in the documents' own words instead of what is `shown`: the sentence that
        stands out and is neither cited nor said, or, where nothing is shown, what surely
        answers."""
        cited = [quote for claim in shown for quote in claim.quotes]
        best = outstanding(asked, passages, self._answerability, cited)
        if best and not any(
            is_cited(best[0], claim.quotes) or says_the_same(asked, claim.text, best[1])
            for claim in shown
        ):
            return best[1]
        return "" if shown else best_words(asked, passages, scores, self._answerability)

    def _quoted(self, asked: str, told: str, passages: Sequence[Passage]) -> list[Claim]:
        """Words of a passage as claims, if they are supported as a claim must be."""
        attributed = check_claims(asked, told, passages, self._embedder)
        claims = self._judged(asked, attributed, passages)
        return claims if all(claim.verdict == "supported" for claim in claims) else []

    def _judged(
        self,
        asked: str,
        attributed: Sequence[tuple[str, str, list[Quote]]],
        passages: Sequence[Passage],
    ) -> list[Claim]:
        evidence = [passage.evidence for passage in passages]
        told = [passage.told(asked) or passage.evidence for passage in passages]
        return judge_claims(asked, attributed, evidence, self._scorer, told)

    def _signals(self, asked: str, claims: Sequence[Claim], scores: Mapping[str, float]) -> Signals:
        said = [c for c in claims if c.verdict != "no_claim" and not says_nothing(asked, c.text)]
        cited = [scores.get(q.hit.chunk.chunk_id, 0.0) for c in said for q in c.quotes]
        shown = [c for c in claims if answers(asked, c)]
        return Signals(
            answerable=max(scores.values(), default=0.0),
            cited=max(cited, default=0.0),
            relevant=relevance(asked, shown, max(cited, default=0.0), self._answerability),
            support=max((c.score for c in said), default=0.0),
            refused=not said,
        )

    def _held(
        self,
        asked: str,
        claims: Sequence[Claim],
        passages: Sequence[Passage],
        scores: Mapping[str, float],
    ) -> float | None:
        """Whether the passage that what is shown was taken from holds the answer, by the model's
        own word; of several, the one that answers best."""
        shown = [claim for claim in claims if answers(asked, claim)]
        ids = {quote.hit.chunk.chunk_id for claim in shown for quote in claim.quotes}
        cited = [p for p in passages if p.hit.chunk.chunk_id in ids]
        if self._opinion is None or not cited:
            return None
        best = max(cited, key=lambda p: scores.get(p.hit.chunk.chunk_id, 0.0))
        return self._opinion.holds(asked, best, detect_language(asked))


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
