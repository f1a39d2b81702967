"""An answer as plain text for a terminal: the sentences with their numbers, then the sources.

The marks: `[1]` a citation, `[?]` a sentence that the documents do not support (open mode).
"""

from __future__ import annotations

from rag.checking.reasons import tell
from rag.text import detect_language
from rag.text.printable import printable
from rag.text.units import placed
from rag.types import Answer, Citation, Language, Sentence

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "grounded": "Grounded: every sentence stands in the documents.",
        "partly_grounded": "Partly grounded: sentences marked [?] are not in the documents.",
        "abstained": "Not in your documents.",
        "dropped": "Left out, not supported by the documents: {n} sentence(s).",
        "asked": "Asked as: {q}",
        "sources": "Sources",
        "nearest": "Nearest passages",
    },
    "zh": {
        "grounded": "有据：每句话都能在文档中找到出处。",
        "partly_grounded": "部分有据：标有 [?] 的句子在文档中找不到出处。",
        "abstained": "您的文档中没有答案。",
        "dropped": "已略去文档不支持的句子：{n} 句。",
        "asked": "检索所用问题：{q}",
        "sources": "出处",
        "nearest": "最接近的段落",
    },
}
NEAREST_SHOWN = 3
NEAREST_CHARS = 160


def render(answer: Answer, language: Language | None = None) -> str:
    """The whole answer as lines of text, in `language`, else in the question's."""
    language = language or detect_language(answer.question)
    words = WORDS[language]
    lines: list[str] = []
    if answer.standalone_question != answer.question:
        lines.append(words["asked"].format(q=answer.standalone_question))
    lines += [_marked_text(answer), ""]
    partly_for_drops = answer.status == "partly_grounded" and answer.dropped
    if not partly_for_drops and answer.answer.strip() != words[answer.status]:
        lines.append(words[answer.status])
    if answer.reason is not None:
        lines.append(tell(answer.reason, language))
    if answer.dropped:
        lines.append(words["dropped"].format(n=len(answer.dropped)))
        for sentence in answer.dropped:
            why = f" ({tell(sentence.reason, language)})" if sentence.reason is not None else ""
            lines.append(f"  - {sentence.text}{why}")
    if cited := _cited(answer):
        lines += [words["sources"] + ":", *(_source_line(c, language) for c in cited)]
    elif answer.hits:
        lines.append(words["nearest"] + ":")
        for hit in answer.hits[:NEAREST_SHOWN]:
            text = " ".join(hit.chunk.text.split())
            cut = text if len(text) <= NEAREST_CHARS else text[:NEAREST_CHARS] + "…"
            where = placed(hit.unit, hit.chunk.page, hit.label, language)
            lines.append(f"  - {printable(hit.document)}, {where}: {cut}")
    return "\n".join(lines)


def _marked_text(answer: Answer) -> str:
    parts: list[str] = []
    last = 0
    for sentence in answer.sentences:
        parts.append(answer.answer[last : sentence.end] + _marks(sentence))
        last = sentence.end
    return "".join([*parts, answer.answer[last:]])


def _marks(sentence: Sentence) -> str:
    numbers = sorted({citation.number for citation in sentence.citations})
    doubt = " [?]" if sentence.verdict in ("partly", "unsupported") else ""
    return "".join(f" [{number}]" for number in numbers) + doubt


def _cited(answer: Answer) -> list[Citation]:
    """Every citation once, by number and then by place."""
    seen = {
        (c.number, c.document_id, c.page, c.start, c.end): c
        for sentence in answer.sentences
        for c in sentence.citations
    }
    return [seen[key] for key in sorted(seen)]


def _source_line(citation: Citation, language: Language) -> str:
    quote = " ".join(citation.quote.split())
    where = placed(citation.unit, citation.page, citation.label, language)
    return f"  [{citation.number}] {printable(citation.document)}, {where}: “{quote}”"
