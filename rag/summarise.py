"""Documents -> a checked summary: the whole way, part after part, none calling back.

outline, salient sentences, generation, checking; then an overview of what was kept, generated and
checked likewise. A part is written before the next is read, so that whoever stops has what is done.
`open_summariser` builds a summariser from the settings.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from rag.checking import Checked, Reviewer
from rag.clock import Clock
from rag.config import Settings
from rag.content import moderated, open_content
from rag.errors import UsageError
from rag.evidence import Passage
from rag.generation import Draft, pieces
from rag.summary import Source, about_part, about_whole, choose_section, outline, salient
from rag.summary.compose import Written, compose, kept, request
from rag.summary.draft import whole_sentences
from rag.summary.outline import Part, common_path, title
from rag.text import detect_language
from rag.types import Answer, Delta, Done, Event, Language, Progress

if TYPE_CHECKING:
    from rag.tools import Tools

PART_BUDGET = 300
"""Tokens of the embedder that the model reads of a part."""
_PART_TOKENS = 110
"""The most that it writes of a part."""
_WHOLE_TOKENS = 200
_NEUTRAL: dict[Language, str] = {"en": "What does it say?", "zh": "说了什么？"}
"""The question that a summary answers: it names nothing, so that no word counts as given."""


class Summariser:
    """Summarises documents with the language model `chat` called `name`."""

    def __init__(self, chat: BaseChatModel, name: str, tools: Tools, settings: Settings) -> None:
        self._chat = chat
        self._settings = settings
        self._embedder = tools.search.embedder
        self._content = open_content(settings.content)
        self._models = tools.names(name)
        # What another document says otherwise belongs to an answer; and nothing is decided here
        # that the language model would have to be asked.
        checking = settings.checking.model_copy(update={"conflicts": False})
        self._reviewer = Reviewer(self._embedder, tools.scorer, None, None, checking)

    def stream(
        self, sources: Sequence[Source], language: Language | None = None, section: str = ""
    ) -> Iterator[Event]:
        """`Progress` before each part, `Delta` as the model writes, then `Done`. The summary is in
        `language`, else in that of the first document; `section` names the heading of which alone
        is told.

        Raises UsageError (no text, no such section, too many documents) and ModelError.
        """
        if section:
            sources = [choose_section(source, section) for source in sources]
        empty = [source.name for source in sources if not source.hits]
        if empty or not sources:
            raise UsageError(
                f"{', '.join(map(repr, empty))} holds no text to summarise"
                if empty
                else "no document is given to summarise"
            )
        told = language or detect_language(sources[0].hits[0].chunk.text)
        asked = request([source.name for source in sources], section, told)
        return moderated(self._stream(sources, told, asked), asked, self._content, self._models)

    def summarise(
        self, sources: Sequence[Source], language: Language | None = None, section: str = ""
    ) -> Answer:
        """The whole summary; raises as `stream` does."""
        *_, last = self.stream(sources, language, section)
        assert isinstance(last, Done)  # every stream ends with it
        return last.answer

    def _stream(self, sources: Sequence[Source], language: Language, asked: str) -> Iterator[Event]:
        clock = Clock()
        settings = self._settings.answering
        parts = outline(sources)
        titles = _titles(parts, language)
        total = len(parts) + (len(parts) > 1)
        written: list[Written] = []

        def so_far(overview: Checked | None = None) -> Answer:
            return compose(
                asked, language, written, overview, settings, self._models, clock.timings_ms()
            )

        for part, name in zip(parts, titles, strict=True):
            yield Progress(len(written), total, name, so_far() if written else None)
            with clock.stage("choose"):
                passages = salient(part.hits, self._embedder, PART_BUDGET)
            messages = about_part(name or part.document, passages, language)
            checked = yield from self._written(messages, passages, language, clock, _PART_TOKENS)
            yield Delta("\n")
            written.append(Written(name, tuple(passages), checked))
        overview = None
        told = [claim.text for one in written for claim in kept(one.checked, settings)]
        if len(parts) > 1 and told:
            yield Progress(len(parts), total, "", so_far())
            messages = about_whole(" ".join(source.name for source in sources), told, language)
            passages = [passage for one in written for passage in one.passages]
            overview = yield from self._written(messages, passages, language, clock, _WHOLE_TOKENS)
        yield Done(so_far(overview))

    def _written(
        self,
        messages: list[BaseMessage],
        passages: Sequence[Passage],
        language: Language,
        clock: Clock,
        tokens: int,
    ) -> Generator[Delta, None, Checked]:
        """What the model writes, its sentences checked against the passages."""
        raw = ""
        with clock.stage("generate"):
            for piece in pieces(self._chat, messages, max_completion_tokens=tokens):
                clock.mark("first_token")
                raw += piece
                yield Delta(piece)
        draft = Draft(whole_sentences(raw), declined=False)
        with clock.stage("verify"):
            return self._reviewer.review(_NEUTRAL[language], passages, draft)


@contextmanager
def open_summariser(settings: Settings) -> Iterator[tuple[Summariser, Tools]]:
    """A summariser with its models loaded, closed at the end, and those models. Raises ModelError
    naming the command that fetches a missing one."""
    from rag.models.generator import open_generator
    from rag.tools import load_tools

    tools = load_tools(settings)
    with open_generator(settings) as generator:
        yield Summariser(generator.chat, generator.name, tools, settings), tools


def _titles(parts: Sequence[Part], language: Language) -> list[str]:
    """What each part is called; nothing where there is but one. Of several documents the title
    begins with the document's name."""
    if len(parts) == 1:
        return [""]
    documents = list(dict.fromkeys(part.document for part in parts))
    titles = []
    for part in parts:
        siblings = [other for other in parts if other.document == part.document]
        own = "" if len(siblings) == 1 else title(part, common_path(siblings), language)
        name = part.document if len(documents) > 1 else ""
        titles.append(": ".join(filter(None, (name, own))))
    return titles
