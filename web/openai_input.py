"""Conversations as OpenAI's clients send them -> the question and the turns before it.

Pure. What cannot be done is refused with a word on what to send instead; what has no effect here
is passed over and named, so that nobody believes it was heeded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from rag.store import Filter, parse_where
from rag.types import Turn
from web.openai_format import ApiError

_TEXT_TYPES = frozenset(("text", "input_text", "output_text", "refusal"))
_FREE = frozenset((None, "auto", "none"))


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise ValueError(f"no valid Unicode: half a surrogate pair at {err.start}") from None
    return text


Text = Annotated[str, AfterValidator(_unicode)]
"""A string that can be written as UTF-8: JSON's escapes can spell others."""


Where = Text | list[Text] | None
"""A filter over documents, or several that all have to hold."""


def filter_of(where: str | list[str] | None) -> Filter:
    """The filter that was sent. Raises UsageError for what is none."""
    return parse_where([where] if isinstance(where, str) else where or [])


class Part(BaseModel):
    """A piece of a message's content; only text has an effect."""

    type: Text
    text: Text | None = None
    refusal: Text | None = None


def _as_parts(content: Any) -> Any:
    """A bare string is one part of text; null is no part."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [] if content is None else content


Content = Annotated[
    list[Part], BeforeValidator(_as_parts, json_schema_input_type=str | list[Part] | None)
]
"""A message's content, however it was sent, in parts."""


class Narrowing(BaseModel):
    """Our own option `where`."""

    model_config = ConfigDict(extra="forbid")
    where: Where = None

    def filter(self) -> Filter:
        """The filter. Raises UsageError for what is none."""
        return filter_of(self.where)


class PlumblineOptions(Narrowing):
    """Our own options of a chat: `drafts` streams the model's words as they come, before they are
    checked."""

    drafts: bool | None = None


def or_none_given(value: Any) -> Any:
    """What null stands for, as clients send it: no options."""
    return {} if value is None else value


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `place` is where it stands in the request, as `messages[2]`."""

    place: str
    role: str
    content: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, the earlier turns, oldest first, and what of the request has no effect."""

    question: str
    turns: list[Turn]
    ignored: list[str]


def conversation(said: Sequence[Said]) -> Asked:
    """The question (the last message of the user) and the earlier turns.

    Pictures, sounds and files in earlier messages are passed over, as are the messages of others
    than user and assistant. Raises ApiError if the user does not have the last word or asks with
    more than text.
    """
    ignored = [f"{s.place} ({s.role})" for s in said if s.role not in ("user", "assistant")]
    spoken = [s for s in said if s.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        message = "the last message must be the user's question"
        raise ApiError(400, message, code="invalid_value", param=said[-1].place if said else None)
    turns: list[Turn] = []
    asked = ""
    for earlier in spoken[:-1]:
        text = _text(earlier, ignored)
        if earlier.role == "user":
            asked = text
        elif asked and text:
            turns.append(Turn(asked, text))
            asked = ""
    return Asked(_question(spoken[-1]), turns, ignored)


def _text(message: Said, ignored: list[str]) -> str:
    """The text of an earlier message; what else it holds is added to `ignored`."""
    texts = []
    for place, part in enumerate(message.content):
        if part.type in _TEXT_TYPES:
            texts.append(part.text or part.refusal or "")
        else:
            ignored.append(f"{message.place}.content[{place}] ({part.type})")
    return "\n".join(texts)


def _question(message: Said) -> str:
    for place, part in enumerate(message.content):
        if part.type not in _TEXT_TYPES:
            raise ApiError(
                400,
                f"a question in a part of type {part.type!r} cannot be read: ask in text",
                code="unsupported_value",
                param=f"{message.place}.content[{place}]",
            )
    return "\n".join(part.text or "" for part in message.content)


def refuse(param: str, why: str) -> ApiError:
    """The error for a value that cannot be had here."""
    return ApiError(400, f"{param}: {why}", code="unsupported_value", param=param)


def check_tools(choice: Any, param: str = "tool_choice") -> None:
    """Raises ApiError if a tool must be called: there is nothing here that calls one. Tools that
    may be called are passed over."""
    if choice is None or (isinstance(choice, str) and choice in _FREE):
        return
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice.get("allowed_tools")
        mode = allowed.get("mode") if isinstance(allowed, dict) else choice.get("mode")
        if mode == "auto":
            return
    raise refuse(param, 'tools are never called here: send "auto", "none" or leave it out')


def check_text(form: Any, param: str) -> None:
    """Raises ApiError for an output form other than text."""
    kind = form.get("type") if isinstance(form, dict) else form
    if form is not None and kind != "text":
        raise refuse(param, "answers are text; their structure is in the field 'plumbline'")


def without_effect(request: BaseModel, heeded: Collection[str]) -> list[str]:
    """The names of the fields that were sent with a value and that nothing reads, sorted."""
    given = {name: getattr(request, name) for name in request.model_fields_set}
    return sorted(
        name
        for name, value in {**given, **(request.model_extra or {})}.items()
        if name not in heeded and value is not None and value is not False and value not in ([], {})
    )
