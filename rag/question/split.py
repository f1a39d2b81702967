"""A message with more than one question -> its questions, each complete in itself.

The language model splits, and only a message of more than one sentence; a reply that brings in
words which nobody said, or leaves nothing, is set aside and the message asked as a whole.
"""

from __future__ import annotations

import re

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from rag.models.endpoint import model_errors
from rag.text import detect_language, sentence_spans
from rag.text.rarity import content_terms
from rag.types import Language

MOST_QUESTIONS = 4
_SYSTEM: dict[Language, str] = {
    "en": "List the questions of the message, one a line, each complete in itself: put the name in "
    "the place of words such as it or they. A sentence that asks nothing is no question. Add "
    "nothing and answer nothing.",
    "zh": "把消息中的问题逐条列出，每行一个，每个都要完整：用名称代替“它”“他们”等词。"
    "不是提问的句子不列。不要添加内容，也不要回答。",
}
_EXAMPLE: dict[Language, tuple[str, str]] = {
    "en": (
        "I lost my card. What does a new library card cost? And where do I get it?",
        "What does a new library card cost?\nWhere do I get a new library card?",
    ),
    "zh": (
        "我的借书证丢了。补办借书证要多少钱？在哪里办？",
        "补办借书证要多少钱？\n在哪里补办借书证？",
    ),
}
_MOST_TOKENS = 160
_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、．])\s*")


def split_question(message: str, chat: BaseChatModel | None) -> tuple[str, ...]:
    """The questions of `message` in order, at most `MOST_QUESTIONS`; the message itself where it
    holds but one. Raises ModelError when the model does not answer."""
    if chat is None or len(sentence_spans(message)) < 2:
        return (message,)
    language = detect_language(message)
    asked, listed = _EXAMPLE[language]
    messages = [
        SystemMessage(_SYSTEM[language]),
        HumanMessage(asked),
        AIMessage(listed),
        HumanMessage(message),
    ]
    with model_errors():
        reply = chat.invoke(messages, max_completion_tokens=_MOST_TOKENS)
    lines = [_MARK.sub("", line).strip() for line in str(reply.text).splitlines()]
    parts = tuple(dict.fromkeys(line for line in lines if line))
    known = set(content_terms(message))
    terms = [set(content_terms(part)) for part in parts]
    sound = all(said and said <= known for said in terms)
    return parts if sound and 1 < len(parts) <= MOST_QUESTIONS else (message,)
