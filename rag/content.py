"""Content rules: questions and answers that are withheld, and personal data masked in answers.

A list is a text file: a word or phrase a line, `/…/` for a pattern of Python's `re`, `#` for a
remark. Words of scripts with spaces match whole words, Chinese ones anywhere, in any case. Which
rule withheld something is in the log and the audit log, the words are not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.checking.reasons import tell
from rag.config import ContentSettings
from rag.errors import ConfigError
from rag.seams import Moderator
from rag.text import detect_language
from rag.text.personal import masked
from rag.types import (
    Answer,
    Delta,
    Done,
    Event,
    Hit,
    Progress,
    Reason,
    ReasonCode,
    Retrieved,
    Sentence,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a list; `name` is its file and line."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Content:
    """What is withheld, by rule or by a classifier, and whether personal data is masked."""

    rules: tuple[Rule, ...] = ()
    mask: bool = False
    moderator: Moderator | None = None

    def changes_nothing(self) -> bool:
        """Whether every answer passes as it is."""
        return not self.rules and not self.mask and self.moderator is None

    def broken(self, text: str) -> str | None:
        """The name of the first rule that a text breaks, or the classifier's label for it."""
        for rule in self.rules:
            if rule.pattern.search(text):
                return rule.name
        label = self.moderator.label(text) if self.moderator else None
        return None if label is None else f"content.classifier: {label}"


def open_content(settings: ContentSettings, moderator: Moderator | None = None) -> Content:
    """The rules of the files that the settings name, and the classifier. Raises ConfigError for a
    file that cannot be read, and for a pattern that is none."""
    rules = [rule for path in settings.lists for rule in read_rules(path.expanduser())]
    return Content(tuple(rules), settings.mask_personal, moderator)


def read_rules(path: Path) -> list[Rule]:
    """The rules of one list; see the module."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"content.lists: {path} cannot be read as UTF-8 text: {err}") from None
    rules = []
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name = f"{path.name}:{number}"
        try:
            rules.append(Rule(name, re.compile(_expression(line), re.IGNORECASE)))
        except re.error as err:
            raise ConfigError(f"content.lists: {path}, line {number}: no pattern: {err}") from None
    return rules


def _expression(line: str) -> str:
    if len(line) > 2 and line.startswith("/") and line.endswith("/"):
        return line[1:-1]
    words = r"\s+".join(map(re.escape, line.split()))
    before = r"\b" if _spaced(line[0]) else ""
    after = r"\b" if _spaced(line[-1]) else ""
    return f"{before}{words}{after}"


def _spaced(sign: str) -> bool:
    """Whether words of the sign's script stand between spaces."""
    return sign.isalnum() and not "\u2e80" <= sign <= "\u9fff"


def moderated(
    events: Iterator[Event], question: str, content: Content, models: Mapping[str, str]
) -> Generator[Event, None, None]:
    """The events of an answer as far as the rules let them through: without rules, as they are;
    with them no draft, for a draft cannot be taken back."""
    if content.changes_nothing():
        yield from events
        return
    if (rule := content.broken(question)) is not None:
        yield Done(_withheld(question, "blocked_question", rule, models))
        return
    for event in events:
        if isinstance(event, Done):
            yield Done(_passed(event.answer, content))
        elif isinstance(event, Retrieved):
            yield replace(event, hits=_hits(event.hits)) if content.mask else event
        elif isinstance(event, Progress):
            yield replace(event, answer=event.answer and _passed(event.answer, content))
        elif not isinstance(event, Delta):
            yield event


def _passed(answer: Answer, content: Content) -> Answer:
    told = (answer.answer, *(sentence.text for sentence in answer.dropped))
    if (rule := content.broken("\n".join(told))) is not None:
        return _withheld(answer.question, "blocked_answer", rule, answer.models)
    return masked_answer(answer) if content.mask else answer


def masked_answer(answer: Answer) -> Answer:
    """The answer with personal data masked in what it says, quotes and read; offsets hold."""
    return replace(
        answer,
        answer=masked(answer.answer),
        sentences=_sentences(answer.sentences),
        dropped=_sentences(answer.dropped),
        hits=_hits(answer.hits),
    )


def _sentences(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    return tuple(
        replace(
            sentence,
            text=masked(sentence.text),
            citations=tuple(replace(c, quote=masked(c.quote)) for c in sentence.citations),
            reason=_reason(sentence.reason),
        )
        for sentence in sentences
    )


def _hits(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(
        replace(hit, chunk=replace(hit.chunk, text=masked(hit.chunk.text))) for hit in hits
    )


def _reason(reason: Reason | None) -> Reason | None:
    return reason and replace(reason, detail=masked(reason.detail))


def _withheld(question: str, code: ReasonCode, rule: str, models: Mapping[str, str]) -> Answer:
    _log.warning("%s: withheld by the content rule %s", code, rule)
    reason = Reason(code)
    told = tell(reason, detect_language(question))
    return Answer(question, question, told, "abstained", (), (), models=models, reason=reason)
