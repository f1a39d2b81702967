"""The web app with an extractive writer in place of the models, for the tests of the page.

    python -m tests.page_app --port 0 [--collection NAME]

Everything but the models is real: collections, files, page, routes. An answer is made of the
sentences of the documents that share most words with the question, cited to the character, and
ends, where the question says "unsure", with a sentence that stands nowhere. A question that
shares no word with any document is refused.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Generator, Sequence
from types import SimpleNamespace
from typing import Any, cast

from rag.config import load_settings
from rag.errors import CollectionError
from rag.store import Collection, Filter
from rag.text import keyword_terms, sentence_spans
from rag.types import Answer, Citation, Delta, Done, Event, Hit, Reason, Retrieved, Sentence, Turn
from tests.fakes import FakeEmbedder
from web.backend import LocalBackend
from web.engine import Engine
from web.listen import bind, run
from web.work import Step

SLOW = "slowly"
"""A question with this word is answered a character at a time."""


class ExtractiveBackend(LocalBackend):
    """See above."""

    def load(self, report: Callable[[Step], None]) -> None:
        report("generator")
        search = SimpleNamespace(plain=FakeEmbedder())
        self._models = cast("Any", SimpleNamespace(tools=SimpleNamespace(search=search)))

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Event, None, None]:
        if not self.documents(collection):
            raise CollectionError(f"the collection {collection!r} holds no documents yet")
        asked = f"{history[-1].question} {question}" if history else question
        with Collection.open(self._settings, collection) as opened:
            found = opened.search_keywords(asked, 3)
            chunks = opened.chunks([chunk_id for chunk_id, _ in found])
            names = opened.names([chunk.document_id for chunk in chunks.values()])
        hits = tuple(
            Hit(chunks[chunk_id], names[chunks[chunk_id].document_id], score)
            for chunk_id, score in found
        )
        yield Retrieved(asked, hits)
        answer = answered(question, asked, hits)
        for character in answer.answer:
            if SLOW in question:
                time.sleep(0.3)
            yield Delta(character)
        yield Done(answer)


def answered(question: str, asked: str, hits: tuple[Hit, ...]) -> Answer:
    """The answer made of the hits' best sentences."""
    terms = set(keyword_terms(asked))
    sentences: list[Sentence] = []
    text = ""
    for number, hit in enumerate(hits[:2], 1):
        quoted = max(
            (hit.chunk.text[start:end] for start, end in sentence_spans(hit.chunk.text)),
            key=lambda sentence: len(terms & set(keyword_terms(sentence))),
        )
        start = hit.chunk.start + hit.chunk.text.index(quoted)
        place = (hit.chunk.document_id, hit.chunk.page, start, start + len(quoted), quoted)
        cited = Citation(number, hit.document, *place, hit.chunk.chunk_id)
        said = " ".join(quoted.replace("|", " ").split())
        text += " " if text else ""
        sentences.append(
            Sentence(said, len(text), len(text) + len(said), "supported", 0.9, (cited,))
        )
        text += said
    if hits and "unsure" in question:
        made_up, at = "It took 4711 years.", len(text) + 1
        text += f" {made_up}"
        reason = Reason("number", "4711")
        sentences.append(
            Sentence(made_up, at, len(text), "unsupported", 0.1, (), reason),
        )
    if not hits:
        text = "The documents do not say."
        sentences = [Sentence(text, 0, len(text), "no_claim", 0.0, ())]
    return Answer(
        question=question,
        standalone_question=asked,
        answer=text,
        status="grounded" if hits else "abstained",
        sentences=tuple(sentences),
        hits=hits,
        reason=None if hits else Reason("nothing_found"),
        models={"generator": "extractive"},
        timings_ms={"total": 12.0},
    )


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--collection", default="default")
    options = parser.parse_args()
    settings = load_settings(overrides={"collection": options.collection})
    os.environ["GRADIO_TEMP_DIR"] = str(settings.home_dir / "tmp")
    with bind(settings.server.host, options.port) as sock:
        engine = Engine(ExtractiveBackend(settings))
        from web.server import build_app

        application = build_app(engine, settings)
        engine.start()
        try:
            run(application, sock)
        finally:
            engine.close()


if __name__ == "__main__":
    main()
