"""What happens when a person asks: a question, its answer as it comes, and asking again.

Every exchange is put among the conversations as soon as it begins, so that a closed page or a
server that stops loses no question. Words come from `texts`, markup from `render`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from rag.errors import PlumbError
from rag.types import Answer, Delta, Done, Progress, Retrieved, Turn
from web import render, summarising
from web.conversations import Conversations
from web.engine import Engine, Waiting
from web.exchange import Exchange, Exchanges, history
from web.filters import Only, only
from web.running import Run, Runs
from web.shown import Shown, Update, buttons
from web.summarising import asked_for, wish_of
from web.texts import Texts, counted, texts
from web.texts_summary import summary_texts
from web.texts_talk import talk_texts
from web.work import Wish

_log = logging.getLogger(__name__)

DRAFT_EVERY_S = 0.1
"""The draft is redrawn at most this often."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A question to answer: `asked` is what the model gets of `question`, with `turns`; `before`
    are the exchanges that stay, `only` says which documents are asked. With a `wish` it is a
    summary."""

    question: str
    asked: str
    turns: Sequence[Turn]
    before: Exchanges
    wish: Wish | None = None
    only: Only = field(default_factory=Only)

    def ended(self, collection: str, answer: Answer | None = None, problem: str = "") -> Exchange:
        """What became of it."""
        wish = self.wish or Wish(())
        about = (wish.documents, wish.section, self.only)
        return Exchange(self.question, answer, problem, collection, *about)

    @property
    def number(self) -> int:
        return len(self.before) + 1


class Asking:
    """The handlers over one engine; `who` tells the user whose event it is, `default` is the
    collection for a question that comes before the page knows which there are."""

    def __init__(
        self,
        engine: Engine,
        conversations: Conversations,
        who: Callable[[], str],
        default: str = "default",
        runs: Runs | None = None,
    ) -> None:
        self._default = default
        self._engine = engine
        self._conversations = conversations
        self._who = who
        self._runs = runs or Runs()

    def exchanges(self, conversation: str) -> Exchanges:
        """Those of the user's conversation."""
        return self._conversations.exchanges(self._who(), conversation)

    async def ask(
        self, question: str, conversation: str, collection: str, language: str, only_: str = ""
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Answer a question, redrawing the current exchange as it comes."""
        t = texts(language)
        question = question.strip()
        if not question:
            yield Shown(box=gr.update(value="", placeholder=t.empty_question)).values()
            return
        before = await self._held(conversation)
        task = _Task(question, question, history(before), before, only=only(only_))
        async for shown in self._answered(task, conversation, collection, t):
            yield shown

    async def act(
        self,
        event: gr.EventData,
        conversation: str,
        collection: str,
        language: str,
        only_: str = "",
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """What a button in the conversation asks for: a question suggested, or the last one again,
        edited, or with another stand-alone form; an earlier one edited goes on in a conversation
        of its own, so that what followed it stays."""
        data, exchanges = event._data, await self._held(conversation)
        wish = wish_of(data, exchanges[-1] if exchanges else None, language)
        branch = data.get("act") == "branch"
        task = await self._branch(data, conversation) if branch else _task_of(data, exchanges)
        if wish is not None:
            collection = await self.chosen(collection)
            asked = asked_for(wish, await self._engine.documents(collection), language)
            before = exchanges[:-1] if data.get("act") == "again" else exchanges
            task = _Task(asked, asked, (), before, wish)
        if task is None:
            yield Shown().values()
            return
        if task.wish is None:
            task = replace(task, only=only(only_))
        async for shown in self._answered(task, conversation, collection, texts(language)):
            yield shown

    async def _held(self, conversation: str) -> Exchanges:
        kept = self._conversations
        return await kept.aside(kept.exchanges, self._who(), conversation)

    async def _branch(self, data: dict[str, Any], conversation: str) -> _Task | None:
        """The question that follows the exchanges before an edited one, which are copied into the
        new conversation."""
        user, text = self._who(), str(data.get("text") or "").strip()
        exchanges = await self._held(str(data.get("from", "")))
        number = data.get("number")
        if not text or not isinstance(number, int) or not 0 < number <= len(exchanges):
            return None
        before = exchanges[: number - 1]
        kept = self._conversations
        for place, exchange in enumerate(before, 1):
            await kept.aside(kept.put, user, conversation, place, exchange)
        if before:
            await kept.aside(kept.rename, user, conversation, text)
        return _Task(text, text, history(before), before)

    async def after_stop(self, conversation: str, language: str) -> tuple[Update, ...]:
        """Stop the answers under way, as a person wishes, and redraw."""
        for run in self._runs.of((self._who(), conversation)).values():
            await run.stop()
        held = await self._held(conversation)
        past, current, answering = self._drawn(conversation, held, texts(language))
        return Shown(past, current, None, *buttons(asking=answering)).values()

    def shown(self, conversation: str, t: Texts) -> tuple[str, str, bool]:
        """Past and current exchanges as HTML, and whether the current one is being answered."""
        return self._drawn(conversation, self.exchanges(conversation), t)

    def _drawn(self, conversation: str, exchanges: Exchanges, t: Texts) -> tuple[str, str, bool]:
        key = (self._who(), conversation)
        running = {number: run.drawn for number, run in self._runs.of(key).items()}
        return *drawn(exchanges, t, running), len(exchanges) in running

    async def follow(
        self, conversation: str, language: str
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Show an answer that was under way before the page was, as it comes."""
        run = self._runs.newest((self._who(), conversation))
        if run is None:
            yield Shown().values()
            return
        async with aclosing(run.follow()) as drawings:
            async for current in drawings:
                yield Shown(None, current, None, *buttons(asking=True)).values()
        held = await self._held(conversation)
        past, current, answering = self._drawn(conversation, held, texts(language))
        yield Shown(past, current, None, *buttons(asking=answering)).values()

    async def chosen(self, collection: str) -> str:
        """The collection meant: before the page has told the browser of any, the default one."""
        if collection:
            return collection
        known = await self._engine.collections()
        if self._default in known or not known:
            return self._default
        return next(iter(known))

    async def _answered(
        self, task: _Task, conversation: str, collection: str, t: Texts
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        collection = await self.chosen(collection)
        key = (self._who(), conversation)
        run = Run(render.pending(task.question, task.number, t.searching, "", t))
        await self._runs.begin(key, task.number, run, self._work(run, key, task, collection, t))
        running = {number: one.drawn for number, one in self._runs.of(key).items()}
        yield Shown(
            "".join(drawn(task.before, t, running, last=False)),
            run.drawn,
            gr.update(value="", placeholder=t.question_hint),
            *buttons(asking=True),
        ).values()
        async with aclosing(run.follow()) as drawings:
            async for current in drawings:
                yield Shown(current=current).values()
        yield Shown(None, run.drawn, None, *buttons(asking=False)).values()

    async def _work(
        self, run: Run, key: tuple[str, str], task: _Task, collection: str, t: Texts
    ) -> None:
        """Answer, keeping what is done so far; at the end the run shows what became of it."""
        last = task.ended(collection, None, talk_texts(t.language).broken_off)
        try:
            await self._put(key, task.number, last)
            async with aclosing(self._steps(task, collection, t)) as steps:
                async for step in steps:
                    if isinstance(step, str):
                        run.draw(step)
                    else:
                        last = step
                        if step.answer is not None and step.problem:
                            # Whoever stops here has what was done so far.
                            await self._put(key, task.number, step)
                    if run.forsaken:
                        break
        except asyncio.CancelledError:
            if run.stopped and last.answer is None:
                last = replace(last, problem=t.stopped)
        except PlumbError as err:
            last = task.ended(collection, None, t.problem(err))
        except Exception:
            # Raised, it would leave an answer in the making for ever, under Gradio's own "Error".
            _log.exception("answering failed")
            last = task.ended(collection, None, t.unexpected)
        if run.replaced:
            return
        try:
            await self._put(key, task.number, last)
        except PlumbError as err:
            last = task.ended(collection, None, t.problem(err))
        run.draw(render.finished(last, task.number, t, last=True))

    async def _put(self, key: tuple[str, str], number: int, exchange: Exchange) -> None:
        await self._conversations.aside(self._conversations.put, *key, number, exchange)

    async def _steps(
        self, task: _Task, collection: str, t: Texts
    ) -> AsyncGenerator[str | Exchange, None]:
        """The current exchange as HTML after each event worth drawing, at last the exchange."""
        stage, draft, drawn_at = t.searching, "", 0.0
        so_far: Answer | None = None
        answering = (
            self._engine.summarise(collection, task.wish)
            if task.wish
            else self._engine.answer(collection, task.asked, task.turns, task.only.where())
        )
        async with aclosing(answering) as events:
            async for event in events:
                if isinstance(event, Done):
                    yield task.ended(collection, event.answer)
                    return
                if isinstance(event, Progress):
                    stage, draft, so_far = summarising.stage(event, t.language), "", event.answer
                    if so_far is not None:
                        unfinished = summary_texts(t.language).unfinished
                        yield task.ended(collection, so_far, unfinished)
                if isinstance(event, Delta):
                    draft += event.text
                    if time.monotonic() - drawn_at < DRAFT_EVERY_S:
                        continue
                elif isinstance(event, Retrieved):
                    stage = t.reading.format(passages=len(event.hits))
                elif isinstance(event, Waiting):
                    if not (event.loading or event.ahead):
                        continue
                    stage = counted(t.waiting_queue, event.ahead)
                    stage = t.waiting_models if event.loading else stage
                drawn_at = time.monotonic()
                yield render.pending(
                    task.question, task.number, stage, draft, t, so_far, collection
                )


def drawn(
    exchanges: Exchanges, t: Texts, running: Mapping[int, str] | None = None, *, last: bool = True
) -> tuple[str, str]:
    """Past and current exchanges as HTML, the last one being the current, where none comes after
    it (`last`); those being answered as `running` has them by number."""
    held, count = running or {}, len(exchanges) if last else 0
    each = [
        held.get(number) or render.finished(one, number, t, last=number == count)
        for number, one in enumerate(exchanges, 1)
    ]
    return "".join(each[:-1]), each[-1] if each else ""


def _task_of(data: dict[str, Any], exchanges: Exchanges) -> _Task | None:
    """What a button's event asks for; None for what makes no sense."""
    act, text = str(data.get("act", "")), str(data.get("text") or "").strip()
    if act == "suggest" and text:
        return _Task(text, text, history(exchanges), exchanges)
    if not exchanges:
        return None
    before, last = exchanges[:-1], exchanges[-1]
    if act == "again":
        return _Task(last.question, last.question, history(before), before)
    if act == "edit" and text:
        return _Task(text, text, history(before), before)
    if act == "standalone" and text:
        return _Task(last.question, text, (), before)
    return None
