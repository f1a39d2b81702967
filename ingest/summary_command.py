"""`plumb summarise`: a file, or documents of a collection, told in a few checked sentences.

What is done so far is printed when Ctrl-C comes, with exit code 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from rag.answer_json import to_json
from rag.answer_text import render
from rag.config import Settings
from rag.errors import UsageError
from rag.stopping import Stopped
from rag.store import Collection
from rag.summarise import open_summariser
from rag.summary import Source
from rag.summary.sources import collection_sources, while_there
from rag.text import detect_language
from rag.types import Answer, Delta, Done, Event, Language, Progress


def run_summarise(
    settings: Settings,
    file: Path | None,
    documents: Sequence[str],
    section: str,
    language: Language | None,
    *,
    as_json: bool,
) -> int:
    """Print the summary of the file, or of the documents of the settings' collection; the exit
    code. Raises UsageError for neither or both, and what summarising raises."""
    if (file is None) == (not documents):
        raise UsageError("give either a FILE or --document NAME of a collection, not both")
    with ExitStack() as stack:
        summariser, tools = stack.enter_context(open_summariser(settings))
        if file is not None:
            from ingest.source import read_source

            sources: list[Source] = [read_source(file, tools.search.plain, settings)]
            events = summariser.stream(sources, language, section)
        else:
            collection = stack.enter_context(Collection.open(settings, settings.collection))
            sources = collection_sources(collection, documents)
            events = summariser.stream(sources, language, section)
            events = while_there(events, collection, sources)
        return _shown(events, language, as_json=as_json)


def _shown(events: Iterator[Event], language: Language | None, *, as_json: bool) -> int:
    """Progress and raw text go to stderr, where a person watches; the summary to stdout."""
    answer: Answer | None = None
    finished = False
    watched = sys.stderr.isatty()
    try:
        for event in events:
            if isinstance(event, Progress):
                answer = event.answer or answer
                print(f"[{event.done}/{event.total}] {event.title}", file=sys.stderr, flush=True)
            elif isinstance(event, Delta) and watched:
                print(event.text, end="", file=sys.stderr, flush=True)
            elif isinstance(event, Done):
                answer, finished = event.answer, True
    except (KeyboardInterrupt, Stopped):
        print("\nstopped; this is what was done:", file=sys.stderr)
    if answer is not None:
        told = language or detect_language(answer.answer)
        print(json.dumps(to_json(answer), ensure_ascii=False) if as_json else render(answer, told))
    return 0 if finished else 1
