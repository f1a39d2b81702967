"""Plumbline itself as the system under test: the whole pipeline, or its retrieval alone.

The pipeline is built by `rag.pipeline.open_answerer`, as for every user; only for questions that
come with their passages, where no collection is needed, is it put together here.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import get_usage_metadata_callback

from eval.errors import DataError
from eval.provenance import code_digest
from eval.systems import System
from eval.systems.answer_json import from_answer_json
from eval.types import CitedQuote, Example, Prediction, Retrieved
from rag.answer_json import to_json
from rag.config import Settings
from rag.models.openvino_folder import runtime_of
from rag.pipeline import Answerer, open_answerer
from rag.question import standalone_question
from rag.retrieval import Finder
from rag.store import Collection
from rag.types import Hit

RETRIEVED = 10
"""Hits asked for when only retrieval is measured."""

PageText = Callable[[str, int], str]
"""(document name, page) -> the page's text; KeyError when there is no such page."""


class Plumbline:
    """Asks an `Answerer`. `page_text` looks up the documents to prove the quotes."""

    def __init__(
        self,
        name: str,
        answerer: Answerer,
        page_text: PageText,
        fingerprint: Mapping[str, Any],
        close: Callable[[], None],
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.close = close
        self._answerer = answerer
        self._page_text = page_text

    def answer(self, example: Example) -> Prediction:
        """With passages given, retrieval is left out and follow-ups are not rewritten."""
        with get_usage_metadata_callback() as usage:
            if example.passages:
                answer = self._answerer.answer_from(example.question, example.passages)
            else:
                answer = self._answerer.answer(example.question, example.history)
        prediction = from_answer_json(example.id, to_json(answer))
        source = _given_text(example.passages) if example.passages else self._page_text
        claims = tuple(
            replace(claim, citations=tuple(_proved(c, source) for c in claim.citations))
            for claim in prediction.claims
        )
        return replace(prediction, claims=claims, tokens=token_counts(usage.usage_metadata))


class Retrieval:
    """Only the search: no answer is written and no language model is loaded."""

    name = "retrieval"

    def __init__(
        self, finder: Finder, fingerprint: Mapping[str, Any], close: Callable[[], None]
    ) -> None:
        self.fingerprint = fingerprint
        self.close = close
        self._finder = finder

    def answer(self, example: Example) -> Prediction:
        """The first ten hits; a follow-up is searched for with the question before it, since no
        language model is there to make it stand alone."""
        began = time.perf_counter()
        asked = standalone_question(example.question, example.history, None)
        hits = self._finder.retrieve(asked, RETRIEVED)
        elapsed = 1000 * (time.perf_counter() - began)
        return Prediction(
            example.id,
            hits=tuple(retrieved(h) for h in hits),
            timings_ms={"total": elapsed},
            retrieval_only=True,
        )


def open_plumbline(spec: str, settings: Settings) -> System:
    """`plumbline`, `retrieval`, or `closed-book` with these settings."""
    if spec == "closed-book":
        from eval.systems.ablation import open_ablation

        return open_ablation(spec, settings)
    with ExitStack() as stack:
        if spec == "retrieval":
            finder, collection = _open_finder(settings, stack)
            facts = fingerprint(spec, settings, collection)
            return Retrieval(finder, facts, stack.pop_all().close)
        if not _has_collection(settings):
            from eval.systems.ablation import assemble

            return assemble(spec, settings, finder=None, collection=None)
        answerer = stack.enter_context(open_answerer(settings))
        collection = stack.enter_context(Collection.open(settings, settings.collection))
        facts = fingerprint(spec, settings, collection)
        close = stack.pop_all().close
        return Plumbline(spec, answerer, page_text_of(collection), facts, close)


def fingerprint(
    name: str, settings: Settings, collection: Collection | None, **more: Any
) -> dict[str, Any]:
    """What decides Plumbline's answers: code, settings, models, and the collection's documents."""
    facts: dict[str, Any] = {
        "kind": name,
        "code_sha256": code_digest("rag", "ingest"),
        "embedder": settings.embedder.model_dump(mode="json"),
        "generator": settings.generator.model_dump(mode="json", exclude={"api_key", "threads"}),
        "generator_sha256": (digest := _generator_digest(settings)),
        "adapter_sha256": _adapter_digest(settings),
        "generator_runtime": digest and runtime_of(settings, digest),
        "retrieval": settings.retrieval.model_dump(mode="json"),
        "answering": settings.answering.model_dump(mode="json"),
        **more,
    }
    if collection is not None:
        ids = sorted(info.document_id for info in collection.documents())
        facts["collection"] = {
            "name": settings.collection,
            "documents": len(ids),
            "sha256": hashlib.sha256("".join(ids).encode()).hexdigest(),
            "embedder_sha256": collection.info.digest,
            "chunking": collection.chunking.model_dump(mode="json"),
        }
    return facts


def page_text_of(collection: Collection) -> PageText:
    """Looks pages up by the document's name; KeyError for an unknown one."""
    ids = {info.name: info.document_id for info in collection.documents()}
    return lambda document, page: collection.page_text(ids[document], page)


def retrieved(hit: Hit) -> Retrieved:
    """A hit as an evaluation keeps it."""
    chunk = hit.chunk
    return Retrieved(hit.document, chunk.text, hit.score, chunk.page, chunk.chunk_id)


def _has_collection(settings: Settings) -> bool:
    return (settings.collections_dir / settings.collection).is_dir()


def _open_finder(settings: Settings, stack: ExitStack) -> tuple[Finder, Collection]:
    from rag.tools import load_search

    search = load_search(settings)
    opened = Collection.open(settings, settings.collection, search.embedder.info)
    collection = stack.enter_context(opened)
    if not collection.documents():
        raise DataError(f"the collection {settings.collection!r} is empty: nothing to search")
    return search.retriever(collection, settings), collection


def _proved(citation: CitedQuote, page_text: PageText) -> CitedQuote:
    try:
        text = page_text(citation.document, citation.page)
    except KeyError:
        return replace(citation, exact=False)
    return replace(citation, exact=text[citation.start : citation.end] == citation.quote)


def _given_text(passages: Sequence[str]) -> PageText:
    """Passages handed over are documents named `passage N` of one page each."""
    texts = {f"passage {n}": text for n, text in enumerate(passages, start=1)}
    return lambda document, _: texts[document]


def token_counts(usage: Mapping[str, Any]) -> dict[str, int]:
    """Tokens of all models together; empty where the server does not report them."""
    read = sum(int(u["input_tokens"]) for u in usage.values())
    written = sum(int(u["output_tokens"]) for u in usage.values())
    return {"input": read, "output": written} if read or written else {}


def _adapter_digest(settings: Settings) -> str | None:
    from rag.models.adapter import open_adapter

    adapter = open_adapter(settings)
    return None if adapter is None else adapter.digest


def _generator_digest(settings: Settings) -> str | None:
    if settings.generator.base_url:
        return None
    from rag.models.catalogue import CATALOGUE

    spec = CATALOGUE.get(settings.generator.model)
    return spec.sha256 if spec else None
