"""Answers as HTML. Pure: records in, escaped markup out.

Every text that came from a document, a model or a person goes through `esc`; nothing else may be
put between tags.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from rag.checking.reasons import tell
from rag.text.units import placed
from rag.types import Answer, Citation, Sentence
from web.blocks import laid_out
from web.escape import esc
from web.exchange import Exchange
from web.render_filters import asked_of
from web.render_sources import place, sources
from web.texts import EN, ZH, Texts
from web.texts_feedback import feedback_texts
from web.texts_filters import filter_texts
from web.texts_source import source_texts
from web.texts_summary import summary_texts
from web.texts_talk import talk_texts
from web.texts_trust import trust_texts

QUESTION_SHOWN = 1000
"""Characters of a question that are shown; a longer one is refused by the answerer anyway."""
Standing = Literal["supported", "partly", "missing", "unchecked"]
_SIGNS: dict[Standing, str] = {"supported": "✓", "partly": "◐", "missing": "✗", "unchecked": "–"}


def conversation(exchanges: Sequence[Exchange], t: Texts) -> str:
    """The finished exchanges, oldest first."""
    return "".join(finished(exchange, n, t) for n, exchange in enumerate(exchanges, 1))


def finished(exchange: Exchange, number: int, t: Texts, *, last: bool = False) -> str:
    """One finished exchange; `number` makes its element ids unique on the page. The last one of a
    conversation can be asked again."""
    if exchange.answer is None:
        body = _problem(exchange.problem)
        foot = f'<p class="pl-foot">{_again(exchange, t)}</p>' if last else ""
        return _article(exchange.question, body + foot, "", number)
    body = _answer(exchange, exchange.answer, t, last=last)
    beside = sources(exchange.answer, exchange.collection, f"pl-x{number}", t)
    return _article(exchange.question, body, beside, number)


def pending(
    question: str,
    number: int,
    stage: str,
    draft: str,
    t: Texts,
    so_far: Answer | None = None,
    collection: str = "",
) -> str:
    """An exchange under way: what is being done, and the model's unchecked text so far; of a
    summary, what is checked already above it."""
    state = f'<p class="pl-stage" role="status"><span class="pl-dots"></span>{esc(stage)}</p>'
    if draft:
        state = (
            f'<p class="pl-stage"><span class="pl-dots"></span>{esc(stage if so_far else t.draft)}'
            f'</p><div class="pl-text pl-draft">{esc(draft)}</div>'
        )
    if so_far is not None:
        state = f'<div class="pl-text">{_sentences(so_far, collection, t)}</div>{state}'
    return _article(question, state, "", number)


def standing(sentence: Sentence) -> Standing | None:
    """How a sentence stands, as the reader is told; None where it claims nothing."""
    if sentence.verdict == "no_claim":
        return None
    return "missing" if sentence.verdict == "unsupported" else sentence.verdict


def _article(question: str, body: str, beside: str, number: int) -> str:
    if len(question) > QUESTION_SHOWN:
        question = question[:QUESTION_SHOWN] + "…"
    return (
        f'<article class="pl-exchange" id="pl-x{number}">'
        f'<h2 class="pl-question">{esc(question)}</h2>'
        f'<div class="pl-columns"><div class="pl-answer">{body}</div>{beside}</div></article>'
    )


def _problem(words: str) -> str:
    """Why there is no answer, or none that is whole; that a person stopped it is no bad news."""
    wished = " pl-wished" if words in (EN.stopped, ZH.stopped) else ""
    return f'<p class="pl-problem{wished}" role="alert">{esc(words)}</p>'


def _answer(exchange: Exchange, answer: Answer, t: Texts, *, last: bool) -> str:
    badge = getattr(t, answer.status)
    parts = []
    if exchange.problem:
        parts.append(_problem(exchange.problem))
    parts += [
        f'<p class="pl-badges"><span class="pl-badge pl-{answer.status}">{esc(badge)}</span>'
        f"{_counts(answer, t)}</p>"
    ]
    follows = answer.standalone_question.strip() != exchange.question.strip()
    if follows and not exchange.summarised:
        told = talk_texts(t.language)
        edit = _edit("standalone", answer.standalone_question, told.edit_standalone, t)
        parts.append(
            f'<p class="pl-searched">{esc(t.searched_for)}: '
            f"<q>{esc(answer.standalone_question)}</q> {edit if last else ''}</p>"
        )
    parts.append(asked_of(exchange.only, filter_texts(t.language)))
    parts.append(f'<div class="pl-text">{_sentences(answer, exchange.collection, t, last)}</div>')
    if answer.reason is not None:
        parts.append(f'<p class="pl-reason">{esc(tell(answer.reason, t.language))}</p>')
        parts.append(_tries(answer, t))
    if answer.dropped:
        items = "".join(_dropped(sentence, t) for sentence in answer.dropped)
        summary = esc(t.dropped.format(count=len(answer.dropped)))
        parts.append(
            f'<details class="pl-dropped"><summary>{summary}</summary><ul>{items}</ul></details>'
        )
    parts.append(_foot(exchange, answer, t, last=last))
    return "".join(parts)


def _counts(answer: Answer, t: Texts) -> str:
    """How many sentences stand how, where there are several."""
    told = source_texts(t.language)
    counted = Counter(found for s in answer.sentences if (found := standing(s)))
    if sum(counted.values()) < 2:
        return ""
    return "".join(
        f'<span class="pl-verdict pl-is-{kind}"><span aria-hidden="true">{sign}</span> '
        f"{esc(told.count.format(count=counted[kind], verdict=getattr(told, kind)))}</span>"
        for kind, sign in _SIGNS.items()
        if counted[kind]
    )


def _tries(answer: Answer, t: Texts) -> str:
    told = source_texts(t.language)
    tries = told.tries.get(answer.reason.code, ()) if answer.reason else ()
    items = "".join(f"<li>{esc(one)}</li>" for one in tries)
    return f'<h3 class="pl-try">{esc(told.try_title)}</h3><ul class="pl-tries">{items}</ul>'


def _dropped(sentence: Sentence, t: Texts) -> str:
    """A sentence that was left out, and why."""
    why = "" if sentence.reason is None else esc(tell(sentence.reason, t.language))
    note = f'<span class="pl-reason">{why}</span>' if why else ""
    return f'<li><span class="pl-left-out">{esc(sentence.text)}</span> {note}</li>'


def _sentences(answer: Answer, collection: str, t: Texts, last: bool = False) -> str:
    """The answer's text with the standing and the citations of each sentence behind it. The
    sections of the `last` summary can be summarised by their own."""
    text = answer.answer
    headings = {one for hit in answer.hits for one in hit.chunk.heading.split(" > ") if one}

    def draw(left: int, right: int, upto: int) -> str:
        out, at = [], left
        for sentence in answer.sentences:
            start, end = max(sentence.start, left), min(sentence.end, right)
            if start < end:
                drawn = _words(sentence, text[start:end], t)
                if last and sentence.verdict == "no_claim" and sentence.text in headings:
                    drawn += f" {_section(sentence.text, t)}"
                out += [esc(text[at:start]), drawn]
                at = end
            if left < sentence.end <= upto:
                out.append(_evidence(sentence, collection, t))
        return "".join([*out, esc(text[at:right])])

    return laid_out(text, draw, esc, source_texts(t.language).table)


def _section(heading: str, t: Texts) -> str:
    """A button that asks for a summary of one section."""
    told = summary_texts(t.language)
    label = esc(told.summarise_one.format(document=heading))
    return (
        f'<button type="button" class="pl-quiet" data-act="section" data-text="{esc(heading)}" '
        f'aria-label="{label}">{esc(told.summarise)}</button>'
    )


def _words(sentence: Sentence, text: str, t: Texts) -> str:
    kind = standing(sentence)
    if kind is None:
        return esc(text)
    titles = {"supported": t.supported, "partly": t.partly, "unchecked": t.unchecked}
    title = titles.get(sentence.verdict, t.unsupported)
    if sentence.reason is not None:
        title = f"{title}. {tell(sentence.reason, t.language)}"
    return f'<span class="pl-sentence pl-is-{kind}" title="{esc(title)}">{esc(text)}</span>'


def _evidence(sentence: Sentence, collection: str, t: Texts) -> str:
    """The sign and word of a sentence's standing, then a button for each passage that it cites."""
    passages: dict[int, list[Citation]] = {}
    for citation in sentence.citations:
        passages.setdefault(citation.number, []).append(citation)
    buttons = "".join(_cite_button(cites, collection, t) for _, cites in sorted(passages.items()))
    kind = standing(sentence)
    if kind is None:
        return buttons
    word = esc(getattr(source_texts(t.language), kind))
    # A supported sentence has its citation to show for it; the word would be there at every one.
    quiet = ' class="pl-hidden"' if kind == "supported" else ""
    return (
        f'<span class="pl-verdict pl-is-{kind}"><span aria-hidden="true">{_SIGNS[kind]}</span>'
        f"<span{quiet}> {word}</span></span>{buttons}"
    )


def _cite_button(cites: Sequence[Citation], collection: str, t: Texts) -> str:
    """Opens all the places of one passage that a sentence cites; shows their words when hovered."""
    first = cites[0]
    where = placed(first.unit, first.page, first.label, t.language)
    label = t.open_source.format(number=first.number, document=first.document, place=where)
    quote = " … ".join(citation.quote for citation in cites)
    asked = place(collection, first.number, cites)
    return (
        f'<button type="button" class="pl-cite" data-place="{asked}"'
        f' data-quote="{esc(quote)}" data-from="{esc(label)}" aria-label="{esc(label)}">'
        f"{first.number}</button>"
    )


def _foot(exchange: Exchange, answer: Answer, t: Texts, *, last: bool) -> str:
    facts = []
    if total := answer.timings_ms.get("total"):
        facts.append(t.seconds.format(seconds=f"{total / 1000:.1f}"))
    if model := answer.models.get("generator"):
        facts.append(model)
    copied = esc(plain(answer, t))
    return (
        f'<p class="pl-foot"><span>{esc(" · ".join(facts))}</span>'
        f'<button type="button" class="pl-copy" data-copy="{copied}" '
        f'data-done="{esc(t.copied)}">{esc(t.copy)}</button>'
        f"{_again(exchange, t) + _export(t) if last else _branch(exchange, t)}"
        f"{_rate(t)}{_why(t)}</p>"
    )


def _why(t: Texts) -> str:
    """The button that asks where expected words were lost."""
    told = trust_texts(t.language)
    words = {"label": told.why_label, "hint": told.why_hint, "send": told.why_show}
    data = " ".join(f'data-{name}="{esc(word)}"' for name, word in words.items())
    return f'<button type="button" class="pl-quiet pl-why-open" {data}>{esc(told.why)}</button>'


def _again(exchange: Exchange, t: Texts) -> str:
    """Buttons that ask the last question again, as it is or edited."""
    told = talk_texts(t.language)
    edit = "" if exchange.summarised else _edit("edit", exchange.question, told.edit, t)
    return (
        f'<button type="button" class="pl-quiet" data-act="again">{esc(told.again)}</button>{edit}'
    )


def _branch(exchange: Exchange, t: Texts) -> str:
    """The button that edits an earlier question, which goes on in a conversation of its own."""
    return _edit("branch", exchange.question, talk_texts(t.language).branch, t)


def _edit(act: str, text: str, name: str, t: Texts) -> str:
    told = talk_texts(t.language)
    return (
        f'<button type="button" class="pl-quiet" data-edit="{act}" data-text="{esc(text)}" '
        f'data-send="{esc(told.send)}" data-keep="{esc(told.keep)}">{esc(name)}</button>'
    )


def _rate(t: Texts) -> str:
    """Buttons that say how good an answer is, with the words that the script needs."""
    told = feedback_texts(t.language)
    words = " ".join(
        f'data-{name}="{esc(getattr(told, name))}"'
        for name in ("reason", "corrected", "save", "cancel", "saved")
    )
    buttons = "".join(
        f'<button type="button" class="pl-quiet" data-rating="{rating}" aria-pressed="false">'
        f"{esc(word)}</button>"
        for rating, word in ((1, told.good), (-1, told.bad))
    )
    return (
        f'<span class="pl-rate" {words}>{buttons}<span class="pl-said" role="status"></span></span>'
    )


def _export(t: Texts) -> str:
    """Links to the whole conversation as a file; the script says which conversation."""
    links = "".join(
        f'<a href="#" class="pl-quiet" data-export="{kind}">{name}</a>'
        for kind, name in (("md", "Markdown"), ("docx", "Word"), ("pdf", "PDF"))
    )
    return f'<span class="pl-export">{esc(talk_texts(t.language).export)}: {links}</span>'


def plain(answer: Answer, t: Texts) -> str:
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
        f"[{n}] {c.document}, {placed(c.unit, c.page, c.label, t.language)}: “{c.quote}”"
        for n, c in sorted(cited.items())
    ]
    return "".join(out).strip() + ("\n\n" + "\n".join(lines) if lines else "")
