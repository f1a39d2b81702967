"""Plumbline with one thing changed, to see what that thing is worth.

Each is the pipeline of `rag.pipeline.open_answerer` with one part exchanged, except `naive` and
`closed-book`, which are what people do without Plumbline.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from eval.errors import DataError
from eval.judges import model_settings
from eval.systems import System
from eval.systems.answer_json import from_text
from eval.systems.endpoint import GIVEN
from eval.systems.plumbline import (
    PageText,
    Plumbline,
    fingerprint,
    open_plumbline,
    page_text_of,
    retrieved,
    token_counts,
)
from eval.types import Example, Prediction, Retrieved
from rag.config import Settings
from rag.pipeline import Answerer
from rag.retrieval import Finder
from rag.seams import Embedder
from rag.store import Collection
from rag.tools import Search
from rag.types import Hit

WHOLE_BUDGET = 100_000
WHOLE_GAP = 1000.0
SETTINGS: Mapping[str, tuple[str, Mapping[str, Mapping[str, Any]]]] = {
    "unread": (
        "the fused order of both searches, no cross-encoder reads the first passages",
        {"retrieval": {"read": 0}},
    ),
    "whole-chunks": (
        "whole passages in the prompt instead of chosen sentences",
        {"answering": {"budget_tokens": WHOLE_BUDGET, "max_gap": WHOLE_GAP}},
    ),
    "all-passages": (
        "sentences of every passage found in the prompt, however much worse it answers",
        {"answering": {"max_gap": WHOLE_GAP}},
    ),
    "ask-once": (
        "a model that declines is not asked again with the best passage alone",
        {"answering": {"ask_again": False}},
    ),
    "no-own-word": (
        "the model is not asked whether the cited passage holds the answer",
        {"checking": {"ask_model": "no"}},
    ),
    "no-numbers": ("numbers and dates are not compared", {"checking": {"numbers": False}}),
    "no-negation": ("negation is not compared", {"checking": {"negation": False}}),
    "no-conflicts": ("other documents' figures are not told", {"checking": {"conflicts": False}}),
    "no-verify": ("nothing is verified or refused afterwards", {"checking": {"verify": False}}),
}
"""What is switched off by settings alone: a line about it, and the settings by section."""
ABLATIONS: Mapping[str, str] = {
    "closed-book": "the same model from memory alone, without documents",
    "naive": "five whole passages in a plain prompt, nothing checked",
    "vectors": "search by vectors only",
    "keywords": "search by keywords only",
    **{name: what for name, (what, _) in SETTINGS.items()},
    "model": "another language model (model=NAME or a GGUF file)",
}
CLOSED_BOOK = {
    "en": "Answer in one or two short sentences. If you do not know, say: I do not know.",
    "zh": "用一两句简短的中文回答。如果不知道，请说：不知道。",
}


class OneSearch:
    """A finder that asks only one of the two searches."""

    def __init__(
        self, collection: Collection, embedder: Embedder, k: int, *, by_vectors: bool
    ) -> None:
        self._collection, self._embedder = collection, embedder
        self._k, self._by_vectors = k, by_vectors

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The hits in the order of that search alone."""
        count = self._k if k is None else k
        if self._by_vectors:
            vector = self._embedder.embed_queries([question])[0]
            found = self._collection.search_vectors(vector, count)
        else:
            found = self._collection.search_keywords(question, count)
        names = {i.document_id: i.name for i in self._collection.documents()}
        hits = []
        for chunk_id, score in found:
            chunk = self._collection.chunk(chunk_id)
            hits.append(Hit(chunk, names.get(chunk.document_id, ""), score))
        return hits


class NoCollection:
    """Stands where questions come with their passages; it is never asked."""

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """Raises DataError: this question came without passages."""
        raise DataError("there is no collection, and this question comes without passages")


class BareModel:
    """The language model alone: from memory, or with whole passages in a plain prompt."""

    def __init__(
        self,
        name: str,
        chat: BaseChatModel,
        finder: Finder | None,
        facts: Mapping[str, Any],
        stack: ExitStack,
    ) -> None:
        self.name = name
        self.fingerprint = facts
        self.close = stack.close
        self._chat, self._finder = chat, finder

    def answer(self, example: Example) -> Prediction:
        """The model's words as they are; nothing is cited."""
        began = time.perf_counter()
        hits: tuple[Retrieved, ...] = ()
        texts: Sequence[str] = ()
        if self.name == "naive":
            if not example.passages and self._finder is not None:
                hits = tuple(retrieved(h) for h in self._finder.retrieve(example.question))
            texts = example.passages or [h.text for h in hits]
        with get_usage_metadata_callback() as usage:
            reply = self._chat.invoke(self._messages(example, texts))
        elapsed = 1000 * (time.perf_counter() - began)
        prediction = from_text(example.id, str(reply.text).strip())
        return replace(
            prediction,
            hits=hits,
            timings_ms={"total": elapsed},
            tokens=token_counts(usage.usage_metadata),
        )

    def _messages(self, example: Example, texts: Sequence[str]) -> list[BaseMessage]:
        turns: list[BaseMessage] = []
        for turn in example.history:
            turns += [HumanMessage(turn.question), AIMessage(turn.answer)]
        if self.name == "naive":
            numbered = "\n\n".join(f"[{i}] {t}" for i, t in enumerate(texts, start=1))
            asked = GIVEN[example.language].format(passages=numbered, question=example.question)
        else:
            asked = f"{CLOSED_BOOK[example.language]}\n\n{example.question}"
        return [*turns, HumanMessage(asked)]


def open_ablation(name: str, settings: Settings) -> System:
    """The system that `name` (a key of ABLATIONS, `model=NAME` for another model) describes."""
    kind, _, value = name.partition("=")
    if kind == "model":
        if not value:
            raise DataError("--ablate model needs a name: model=qwen2.5-coder-0.5b-instruct")
        return open_plumbline("plumbline", model_settings(settings, value))
    if kind in SETTINGS:
        return open_plumbline("plumbline", switched(settings, SETTINGS[kind][1]))
    if kind in ("closed-book", "naive"):
        return _bare(kind, settings)
    with ExitStack() as stack:
        search, collection = _search_and_collection(settings, stack)
        finder: Finder | None = None
        if kind in ("vectors", "keywords") and collection is None:
            raise DataError(f"--ablate {kind} needs a collection to search")
        if collection is not None and kind in ("vectors", "keywords"):
            by_vectors = kind == "vectors"
            finder = OneSearch(
                collection, search.embedder, settings.retrieval.k, by_vectors=by_vectors
            )
        elif collection is not None:
            finder = search.retriever(collection, settings)
        system = assemble(kind, settings, search, finder=finder, collection=collection)
        return _closing(system, stack.pop_all())


def switched(settings: Settings, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """`settings` with some values of some sections changed."""
    sections = {
        name: getattr(settings, name).model_copy(update=dict(values))
        for name, values in changes.items()
    }
    return settings.model_copy(update=sections)


def assemble(
    name: str,
    settings: Settings,
    search: Search | None = None,
    *,
    finder: Finder | None,
    collection: Collection | None,
) -> Plumbline:
    """The pipeline put together as `open_answerer` does, with this finder (None: questions come
    with their passages)."""
    from rag.models.generator import open_generator
    from rag.tools import load_tools

    with ExitStack() as stack:
        tools = load_tools(settings, search)
        generator = stack.enter_context(open_generator(settings))
        answerer = Answerer(
            finder or NoCollection(), generator.chat, generator.name, tools, settings
        )
        facts = fingerprint(name, settings, collection, scorer=tools.scorer.name)
        source: PageText = page_text_of(collection) if collection else _no_pages
        return Plumbline(name, answerer, source, facts, stack.pop_all().close)


def _bare(kind: str, settings: Settings) -> System:
    from rag.models.generator import open_generator

    with ExitStack() as stack:
        finder: Finder | None = None
        collection: Collection | None = None
        if kind == "naive":
            bare = switched(settings, {"retrieval": {"read": 0}})
            search, collection = _search_and_collection(bare, stack)
            finder = search.retriever(collection, bare) if collection else None
        generator = stack.enter_context(open_generator(settings))
        prompts = {"prompts": GIVEN if kind == "naive" else CLOSED_BOOK}
        facts = fingerprint(kind, settings, collection, **prompts)
        return BareModel(kind, generator.chat, finder, facts, stack.pop_all())


def _search_and_collection(
    settings: Settings, stack: ExitStack
) -> tuple[Search, Collection | None]:
    from rag.tools import load_search

    search = load_search(settings)
    if not (settings.collections_dir / settings.collection).is_dir():
        return search, None
    collection = Collection.open(settings, settings.collection, search.embedder.info)
    return search, stack.enter_context(collection)


def _closing(system: Plumbline, stack: ExitStack) -> Plumbline:
    """The system, closing what was opened for it as well."""
    inner = system.close

    def close() -> None:
        inner()
        stack.close()

    system.close = close
    return system


def _no_pages(document: str, page: int) -> str:
    raise KeyError(document)
