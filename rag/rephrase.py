"""Rephrase: the language model's proposal for a follow-up that no rule makes stand alone.

Taken only if every word of it was said before. Knows nothing of the rules (`rag.rewrite`).
"""

from __future__ import annotations

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from rag.model_errors import model_errors
from rag.rarity import content_terms
from rag.text import detect_language
from rag.types import Language, Turn

_SYSTEM: dict[Language, str] = {
    "en": "Rewrite the last question so that it can be understood without the conversation. "
    "Use only names and words of the conversation. Reply with the question only.",
    "zh": "把最后一个问题改写成不看对话也能懂的完整问题，只用对话中的名称和词语，"
    "只回复改写后的问题。",
}
_LAST: dict[Language, str] = {"en": "Last question", "zh": "最后一个问题"}
_MOST_ADDED = 12
"""Content words that a proposal may add to the question's own."""


def proposed(question: str, last: Turn, chat: BaseChatModel) -> str | None:
    """The model's proposal for a `question` that follows the turn `last`, or None if it brings in
    words that nobody said or leaves out some of the question's. Raises ModelError when the model
    does not answer."""
    language = detect_language(question)
    talk = f"Q: {last.question}\nA: {last.answer[:300]}\n{_LAST[language]}: {question}"
    with model_errors():
        reply = chat.invoke([SystemMessage(_SYSTEM[language]), HumanMessage(talk)])
    lines = str(reply.text).strip().splitlines()
    proposal = lines[0].strip() if lines else ""
    said = set(content_terms(f"{question} {last.question} {last.answer}"))
    terms = set(content_terms(proposal))
    asked = set(content_terms(question))
    sound = terms and terms <= said and asked <= terms and len(terms - asked) <= _MOST_ADDED
    return proposal if sound else None
