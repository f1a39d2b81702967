"""Answers as HTML. Pure: records in, escaped markup out.

Every text that came from a document, a model or a person goes through `esc`; nothing else may be
put between tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rag.checking.reasons import tell
from rag.types import Answer, Citation, Hit, Sentence
from web.marks import Segment, segments, span_in_chunk, window
from web.texts import Texts

QUESTION_SHOWN = 1000
"""Characters of a question that are shown; a longer one is refused by the answerer anyway."""
Cited = tuple[int, Citation]
"""A citation and the 1-based number of the sentence that makes it, which links marks to buttons."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what became of it: an answer, or a sentence saying why there is none."""

    question: str
    answer: Answer | None = None
    problem: str = ""


def esc(text: object) -> str:
    """Escaped for element content and quoted attributes."""
    return escape(str(text), quote=True)


def conversation(exchanges: Sequence[Exchange], t: Texts) -> str:
    """The finished exchanges, oldest first."""
    return "".join(finished(exchange, n, t) for n, exchange in enumerate(exchanges, 1))


def finished(exchange: Exchange, number: int, t: Texts) -> str:
    """One finished exchange; `number` makes its element ids unique on the page."""
    if exchange.answer is None:
        body = f'<p class="pl-problem" role="alert">{esc(exchange.problem)}</p>'
        return _article(exchange.question, body, "", number)
    prefix = f"pl-x{number}"
    answer = exchange.answer
    return _article(
        exchange.question, _answer(answer, prefix, t), _sources(answer, prefix, t), number
    )


def pending(question: str, number: int, stage: str, draft: str, t: Texts) -> str:
    """An exchange under way: what is being done, and the model's unchecked text so far."""
    state = f'<p class="pl-stage" role="status"><span class="pl-dots"></span>{esc(stage)}</p>'
    if draft:
        state = (
            f'<p class="pl-stage"><span class="pl-dots"></span>{esc(t.draft)}</p>'
            f'<div class="pl-text pl-draft">{esc(draft)}</div>'
        )
    return _article(question, state, "", number)


def empty(documents: int, t: Texts) -> str:
    """What the conversation shows before the first question."""
    body = t.empty_body.format(documents=documents) if documents else t.empty_no_documents
    return (
        f'<div class="pl-empty"><p class="pl-empty-title">{esc(t.empty_title)}</p>'
        f"<p>{esc(body)}</p></div>"
    )


def _article(question: str, body: str, sources: str, number: int) -> str:
    if len(question) > QUESTION_SHOWN:
        question = question[:QUESTION_SHOWN] + "…"
    return (
        f'<article class="pl-exchange" id="pl-x{number}">'
        f'<h2 class="pl-question">{esc(question)}</h2>'
        f'<div class="pl-columns"><div class="pl-answer">{body}</div>{sources}</div></article>'
    )


def _answer(answer: Answer, prefix: str, t: Texts) -> str:
    badge = getattr(t, answer.status)
    parts = [f'<p class="pl-badge pl-{answer.status}">{esc(badge)}</p>']
    if answer.standalone_question.strip() != answer.question.strip():
        parts.append(
            f'<p class="pl-searched">{esc(t.searched_for)}: '
            f"<q>{esc(answer.standalone_question)}</q></p>"
        )
    parts.append(f'<div class="pl-text">{_sentences(answer, prefix, t)}</div>')
    if answer.reason is not None:
        parts.append(f'<p class="pl-reason">{esc(tell(answer.reason, t.language))}</p>')
    if answer.dropped:
        items = "".join(_dropped(sentence, t) for sentence in answer.dropped)
        summary = esc(t.dropped.format(count=len(answer.dropped)))
        parts.append(
            f'<details class="pl-dropped"><summary>{summary}</summary><ul>{items}</ul></details>'
        )
    parts.append(_foot(answer, t))
    return "".join(parts)


def _dropped(sentence: Sentence, t: Texts) -> str:
    """A sentence that was left out, and why."""
    why = "" if sentence.reason is None else esc(tell(sentence.reason, t.language))
    note = f'<span class="pl-reason">{why}</span>' if why else ""
    return f"<li>{esc(sentence.text)} {note}</li>"


def _sentences(answer: Answer, prefix: str, t: Texts) -> str:
    out: list[str] = []
    at = 0
    for number, sentence in enumerate(answer.sentences, 1):
        out.append(esc(answer.answer[at : sentence.start]))
        out.append(_sentence(sentence, number, prefix, t))
        at = sentence.end
    out.append(esc(answer.answer[at:]))
    return "".join(out)


def _sentence(sentence: Sentence, number: int, prefix: str, t: Texts) -> str:
    # One button per passage: it opens all the marks that its sentence has there.
    passages = {citation.number: citation for citation in reversed(sentence.citations)}
    buttons = "".join(
        _cite_button(passages[passage], number, prefix, t) for passage in sorted(passages)
    )
    if sentence.verdict == "no_claim":
        return esc(sentence.text) + buttons
    titles = {"supported": t.supported, "unchecked": t.unchecked}
    title = titles.get(sentence.verdict, t.unsupported)
    if sentence.reason is not None:
        title = f"{title}. {tell(sentence.reason, t.language)}"
    note = ""
    if sentence.verdict == "unsupported":
        note = f'<span class="pl-note">{esc(t.not_found_mark)}</span>'
    return (
        f'<span class="pl-sentence pl-{sentence.verdict}" title="{esc(title)}">'
        f"{esc(sentence.text)}</span>{note}{buttons}"
    )


def _cite_button(citation: Citation, sentence: int, prefix: str, t: Texts) -> str:
    label = esc(
        t.open_source.format(number=citation.number, document=citation.document, page=citation.page)
    )
    card = f"{prefix}-s{citation.number}"
    return (
        f'<button type="button" class="pl-cite" data-card="{card}" data-sentence="{sentence}" '
        f'aria-controls="{card}" aria-label="{label}" title="{label}">{citation.number}</button>'
    )


def _foot(answer: Answer, t: Texts) -> str:
    facts = []
    if total := answer.timings_ms.get("total"):
        facts.append(t.seconds.format(seconds=f"{total / 1000:.1f}"))
    if model := answer.models.get("generator"):
        facts.append(model)
    copied = esc(_plain(answer, t))
    return (
        f'<p class="pl-foot"><span>{esc(" · ".join(facts))}</span>'
        f'<button type="button" class="pl-copy" data-copy="{copied}" '
        f'data-done="{esc(t.copied)}">{esc(t.copy)}</button></p>'
    )


def _plain(answer: Answer, t: Texts) -> str:
    """The answer as plain text with its numbered sources, for the clipboard."""
    out: list[str] = []
    at = 0
    for sentence in answer.sentences:
        numbers = sorted({citation.number for citation in sentence.citations})
        marks = "".join(f" [{number}]" for number in numbers)
        out.append(answer.answer[at : sentence.end] + marks)
        at = sentence.end
    out.append(answer.answer[at:])
    cited = {c.number: c for s in answer.sentences for c in s.citations}
    lines = [
        f"[{n}] {cited[n].document}, {t.page.format(page=cited[n].page)}" for n in sorted(cited)
    ]
    return "".join(out).strip() + ("\n\n" + "\n".join(lines) if lines else "")


def _sources(answer: Answer, prefix: str, t: Texts) -> str:
    by_number: dict[int, list[Cited]] = {}
    for sentence_number, sentence in enumerate(answer.sentences, 1):
        for citation in sentence.citations:
            by_number.setdefault(citation.number, []).append((sentence_number, citation))
    numbered = list(enumerate(answer.hits, 1))
    cited = [(n, hit) for n, hit in numbered if n in by_number]
    others = [(n, hit) for n, hit in numbered if n not in by_number]
    if not numbered:
        return ""
    if answer.status == "abstained" and not cited:
        cards = "".join(_card(n, hit, [], prefix, t) for n, hit in others)
        head = f"<h3>{esc(t.nearest)}</h3><p>{esc(t.abstained_help)}</p>"
        return f'<aside class="pl-sources" aria-label="{esc(t.nearest)}">{head}{cards}</aside>'
    cards = "".join(_card(n, hit, by_number[n], prefix, t) for n, hit in cited)
    if others:
        rest = "".join(_card(n, hit, [], prefix, t) for n, hit in others)
        summary = esc(t.other_passages.format(count=len(others)))
        cards += f'<details class="pl-others"><summary>{summary}</summary>{rest}</details>'
    return (
        f'<aside class="pl-sources" aria-label="{esc(t.sources)}">'
        f"<h3>{esc(t.sources)}</h3>{cards}</aside>"
    )


def _card(number: int, hit: Hit, cites: Sequence[Cited], prefix: str, t: Texts) -> str:
    card = f"{prefix}-s{number}"
    heading = f'<p class="pl-heading">{esc(hit.chunk.heading)}</p>' if hit.chunk.heading else ""
    passage, cut = _passage(hit, cites)
    more = (
        f'<button type="button" class="pl-more" aria-expanded="false" data-other="{esc(t.less)}" '
        f'aria-controls="{card}">{esc(t.whole_passage)}</button>'
        if cut
        else ""
    )
    back = (
        f'<button type="button" class="pl-back">{esc(t.back_to_answer)}</button>' if cites else ""
    )
    return (
        f'<section class="pl-card" id="{card}" tabindex="-1" aria-labelledby="{card}-t">'
        f'<p class="pl-card-title" id="{card}-t"><span class="pl-number">{number}</span>'
        f'<bdi class="pl-document">{esc(hit.document)}</bdi>'
        f'<span class="pl-page">{esc(t.page.format(page=hit.chunk.page))}</span></p>'
        f'{heading}<div class="pl-passage">{passage}</div>'
        f'<div class="pl-card-foot">{more}{back}</div></section>'
    )


def _passage(hit: Hit, cites: Sequence[Cited]) -> tuple[str, bool]:
    """The passage's markup, and whether part of it is folded away."""
    text = hit.chunk.text
    spans = [(n, span) for n, citation in cites if (span := span_in_chunk(citation, hit.chunk))]
    start, end = window(text, [span for _, span in spans])
    inside = [(n, (left - start, right - start)) for n, (left, right) in spans]
    shown = "".join(_segment(segment) for segment in segments(text[start:end], inside))
    before = f'<span class="pl-folded">{esc(text[:start])}</span>' if start else ""
    after = f'<span class="pl-folded">{esc(text[end:])}</span>' if end < len(text) else ""
    lead = '<span class="pl-ellipsis">… </span>' if start else ""
    trail = '<span class="pl-ellipsis"> …</span>' if end < len(text) else ""
    return before + lead + shown + trail + after, bool(before or after)


def _segment(segment: Segment) -> str:
    if not segment.sentences:
        return esc(segment.text)
    numbers = " ".join(str(n) for n in segment.sentences)
    return f'<mark data-sentences="{numbers}">{esc(segment.text)}</mark>'
