"""A follow-up and its conversation -> a question that can be understood alone.

One call of the language model, only where there is a conversation. A rewriting that brings in
content words from nowhere is set aside for the earlier question and this one, which is longer than
need be and loses nothing. The user sees the result and may edit it.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from rag.models.endpoint import model_errors
from rag.text import detect_language
from rag.text.rarity import content_terms
from rag.types import Language, Turn

_SYSTEM: dict[Language, str] = {
    "en": "You rewrite the last question of a conversation so that it can be understood without "
    "the conversation. Put names in the place of words such as it, they or that, and add what the "
    "question leaves out. Keep everything else. Do not answer it. Reply with the question only.",
    "zh": "你把对话的最后一个问题改写成不看对话也能懂的完整问题：用名称代替“它”“他们”“那个”等词，"
    "补上省略的内容，其余照旧。不要回答问题，只回复改写后的问题。",
}
_EXAMPLE: dict[Language, tuple[str, str]] = {
    "en": (
        "User: What does a late film cost?\nAssistant: A late film costs 50 cents a day.\n"
        "Last question: And for children?",
        "What does a late film cost for children?",
    ),
    "zh": (
        "用户：影片逾期一天收多少？\n助手：影片逾期每天收 5 角。\n最后一个问题：儿童呢？",
        "儿童影片逾期一天收多少？",
    ),
}
_TURN: dict[Language, str] = {
    "en": "User: {question}\nAssistant: {answer}\n",
    "zh": "用户：{question}\n助手：{answer}\n",
}
_LAST: dict[Language, str] = {"en": "Last question: ", "zh": "最后一个问题："}
_TURNS = 3
"""Earlier turns that the model is shown."""
_ANSWER_CHARS = 240
_MOST_TOKENS = 96


def standalone_question(question: str, history: Sequence[Turn], chat: BaseChatModel | None) -> str:
    """`question` as it must be asked without `history` (oldest turn first); `question` itself where
    there is none. Raises ModelError when the model does not answer."""
    if not history:
        return question
    fallback = f"{history[-1].question} {question}"
    if chat is None:
        return fallback
    proposal = _proposed(question, history, chat)
    return proposal if _is_sound(proposal, question, history) else fallback


def _proposed(question: str, history: Sequence[Turn], chat: BaseChatModel) -> str:
    from langchain_core.messages import AIMessage

    language = detect_language(question)
    told = "".join(
        _TURN[language].format(question=turn.question, answer=turn.answer[:_ANSWER_CHARS])
        for turn in history[-_TURNS:]
    )
    asked, rewritten = _EXAMPLE[language]
    messages = [
        SystemMessage(_SYSTEM[language]),
        HumanMessage(asked),
        AIMessage(rewritten),
        HumanMessage(f"{told}{_LAST[language]}{question}"),
    ]
    with model_errors():
        reply = chat.invoke(messages, max_completion_tokens=_MOST_TOKENS)
    lines = str(reply.text).strip().splitlines()
    return lines[0].strip() if lines else ""


def _is_sound(proposal: str, question: str, history: Sequence[Turn]) -> bool:
    """Whether every content word of the proposal was said before, or is a question's own."""
    said = " ".join(f"{turn.question} {turn.answer}" for turn in history[-_TURNS:])
    known = set(content_terms(f"{question} {said}"))
    terms = set(content_terms(proposal))
    return bool(terms) and terms <= known
