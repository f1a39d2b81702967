"""A question and the passage cited for its answer -> the language model's own yes or no.

Among five passages, and with its own words before it, a small model defends what it wrote. Asked
afresh, with nothing before it but that passage and the question, the probability of its "yes" tells
right answers from wrong ones better than any encoder here (docs/scorer.md). One word is read, not
written: only the prompt costs time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from rag.config import Settings
from rag.evidence import Passage
from rag.generation.prompt import build_check
from rag.models.endpoint import model_errors
from rag.types import Language

_YES: dict[Language, frozenset[str]] = {"en": frozenset(("yes",)), "zh": frozenset(("有", "是"))}
_NO: dict[Language, frozenset[str]] = {
    "en": frozenset(("no", "not")),
    "zh": frozenset(("没有", "没", "沒有", "沒", "无", "無", "否", "不", "未")),
}
_SPELLINGS: dict[Language, tuple[tuple[str, ...], ...]] = {
    "en": (("Yes", "yes"), ("No", "no")),
    "zh": (("是",), ("否",)),
}
"""The words that the instruction names, as models write them; others have a hundredth of theirs."""
_TOO_SMALL = frozenset(("qwen2.5-coder-0.5b-instruct",))
"""Of the catalogue: its word tells right answers from wrong ones hardly better than chance."""
_LOOKED_AT = 20
"""Likeliest first tokens that are looked at; the most that the OpenAI interface gives."""
_PASSING = frozenset((408, 409, 429, *range(500, 600)))
"""HTTP statuses after which the same request may succeed."""
_LEAST = 1e-4
"""Of a probability, and what is missing of it to one."""


@runtime_checkable
class TellsFirstWord(Protocol):
    """A model that tells how probable a word is without writing it."""

    def first_word(
        self, messages: Sequence[BaseMessage], words: Sequence[Sequence[str]]
    ) -> Sequence[float]:
        """For each of `words`, given in its spellings, the natural logarithm of the probability
        that the reply begins with the likeliest of them."""


class OwnWord:
    """Asks the language model `chat`. An endpoint that tells no token probabilities, or does not
    know the request, is asked once."""

    def __init__(self, chat: BaseChatModel) -> None:
        self._chat = chat
        self._tells = True

    def holds(self, question: str, passage: Passage, language: Language) -> float | None:
        """The probability, in (0, 1), that the model gives to "yes" against "no" when asked whether
        `passage` states what is asked for; None where it says neither, tells no probabilities,
        refuses the request or takes too long. Raises ModelError when it cannot be reached."""
        if not self._tells:
            return None
        messages = build_check(question, passage, language)
        if isinstance(self._chat, TellsFirstWord):
            spellings = _SPELLINGS[language]
            told = self._chat.first_word(messages, spellings)
            words = [
                {"token": spelt[0], "logprob": log}
                for spelt, log in zip(spellings, told, strict=True)
            ]
            return share_of_yes(words, language)
        return self._asked(messages, language)

    def _asked(self, messages: Sequence[BaseMessage], language: Language) -> float | None:
        options: dict[str, Any] = {
            "logprobs": True,
            "top_logprobs": _LOOKED_AT,
            "max_completion_tokens": 1,
        }
        if body := getattr(self._chat, "extra_body", None):
            options["extra_body"] = {**body, "max_tokens": 1}
        with model_errors():
            try:
                reply = self._chat.invoke(list(messages), **options)
            # The answer is written: it must not be lost to a server that knows no such request,
            # nor to one that is slow just now.
            except openai.APITimeoutError:
                return None
            except ValueError:  # LangChain's, of a reply with nothing in it
                return None
            except openai.APIStatusError as err:
                self._tells = err.status_code in _PASSING
                return None
        told = (reply.response_metadata.get("logprobs") or {}).get("content") or []
        if not told:
            self._tells = False
            return None
        return share_of_yes(told[0].get("top_logprobs") or [], language)


def own_word_of(chat: BaseChatModel, settings: Settings) -> OwnWord | None:
    """The own word of the language model, where the settings want it."""
    wanted = settings.checking.ask_model
    if wanted == "no" or (wanted == "auto" and settings.generator.model in _TOO_SMALL):
        return None
    return OwnWord(chat)


def share_of_yes(tokens: Sequence[Mapping[str, Any]], language: Language) -> float | None:
    """The probability of "yes" among that of "yes" and "no", from the likeliest first tokens, each
    with `token` and `logprob`; None if neither is among them."""
    yes = no = 0.0
    for entry in tokens:
        word = str(entry["token"]).strip().lower()
        if word in _YES[language]:
            yes += math.exp(float(entry["logprob"]))
        elif word in _NO[language]:
            no += math.exp(float(entry["logprob"]))
    if not yes + no:
        return None
    return min(max(yes / (yes + no), _LEAST), 1.0 - _LEAST)
