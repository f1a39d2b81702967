"""Clauses: whether a figure is told of another thing, year or condition than the answer speaks of.

"MT-260: at least 4 hours, MT-260S: at least 12 hours" holds every word and number of "4 hours for
the MT-260S", and does not say it; nor is what holds "at 43 degrees" told of 32. Seen only where
clause by clause something stands beside a figure: a code, a year, an amount of the condition's
unit, other words. What it catches is measured by `benchmarks/figures.py`. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial

from rag.quantities import MEASURES, MONTHS, Quantity, agree, quantities
from rag.rarity import content_terms
from rag.subject import codes, without_codes, years
from rag.text import sentence_spans

_CUT = re.compile(r"[;；，、。\n]|,(?!\d)|\.(?!\d)")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)\s*年?")
_COMPARED = re.compile(
    r"(?:\b(?:than|against|over|(?:compared|relative) (?:with|to))\s+(?:in\s+|that of\s+)?"
    r"|[比较与同])"
    r"(?P<year>(?:19|20)\d{2})(?!\d)"
)
"""A year that only says what another is held against: "0.75 less than in 2021", 比 2021 年下降."""
_QUARTER = re.compile(
    r"\b(?P<nth>first|second|third|fourth)[- ](?P<kind>quarter|half)\b"
    r"(?![- ](?:minute|hour|day|an?\b))"
    r"|\b(?P<short>[QH])(?P<digit>[1-4])\b"
    r"|(?P<han>[一二三四1-4])(?P<zh>季)度|(?P<half>[上下])半年",
    re.IGNORECASE | re.ASCII,
)
_WHOLE_YEAR = re.compile(
    r"[今明去全]年|\b(?:this|next|last|whole|full)[- ]year\b|\bannual", re.IGNORECASE
)
_ONE_MONTH = re.compile(
    r"(?<![至到\-—–~～\d.])\d{1,2}\s*月份?(?!\s*\d|[底末初\-—–~～至到]|以[前来后])"
    rf"|\bin (?:{'|'.join(MONTHS)})\b",
    re.IGNORECASE,
)
_MONTH_NAMES = "|".join(MONTHS)
_SOME_MONTHS = re.compile(
    r"(?<![\d.])0?(?P<first>\d{1,2})\s*月?份?\s*[至到\-—–~～]+\s*0?(?P<last>\d{1,2})\s*月(?!\s*\d)"
    rf"|\b(?P<from>{_MONTH_NAMES})\s+(?:to|through|until)\s+(?P<until>{_MONTH_NAMES})\b(?!\s+\d{{1,2}}\b)",
    re.IGNORECASE,
)
"""Several months on end: 1-11月, "January to June"."""
_OF_MONTHS = {
    (1, 3): "Q1", (4, 6): "Q2", (7, 9): "Q3", (10, 12): "Q4", (1, 6): "H1", (7, 12): "H2",
}  # fmt: skip
_SUMMED_UP = re.compile(r"截至|累计|\b(?:cumulative|year to date|so far)\b", re.IGNORECASE)
_PERIODS = {
    "quarter": "Q", "q": "Q", "季": "Q", "half": "H", "h": "H", "半": "H",
    "first": "1", "second": "2", "third": "3", "fourth": "4", "一": "1", "二": "2", "三": "3",
    "四": "4", "上": "1", "下": "2", "1": "1", "2": "2", "3": "3", "4": "4",
}  # fmt: skip
_UNSAID = 2
"""Content words of a figure's clause that the answer lacks, from which it tells something else."""
_Labels = Callable[[str], set[str]]
"""What tells things apart in a text: its codes, its years, its amounts of one unit."""


def told_of_another(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in the quotes only in clauses that name other codes (or
    other years) than it does, while a clause that names its own has another figure."""
    texts = list(quotes)
    return any(_mixed_up(labels, figures_in, sentence, texts) for labels in (codes, years))


def told_of_another_quarter(sentence: str, quotes: Iterable[str], question: str = "") -> bool:
    """Whether a figure of `sentence`, which names a quarter or half of a year or answers a
    `question` that does, stands in the quotes only in clauses that name others, or the whole year
    or a single month in a quote that names none."""
    said = _quarters(sentence) or _quarters(question)
    parts = [(part, text) for text in quotes for part in _CUT.split(text)]
    for figure in figures_in(_without_periods(sentence)) if said else ():
        holders = [(p, text) for p, text in parts if _has(_without_periods(p), figure)]
        if holders and all(_of_other_months(said, *holder) for holder in holders):
            return True
    return False


def _of_other_months(said: Set[str], part: str, text: str) -> bool:
    if named := _quarters(part):
        return not named & said
    by_month = _ONE_MONTH.search(part) and not _SUMMED_UP.search(part)
    return bool(_WHOLE_YEAR.search(part) or by_month) and not _quarters(text)


def _quarters(text: str) -> set[str]:
    """The quarters and halves of years in `text`: Q1 to Q4, H1 and H2, and other runs of months as
    1-11."""
    found = set()
    for match in _SOME_MONTHS.finditer(text):
        told = match.groupdict()
        names = (told["from"], told["until"])
        months = [MONTHS[name.lower()] for name in names if name] or [
            float(told["first"]),
            float(told["last"]),
        ]
        first, last = map(int, months)
        found.add(_OF_MONTHS.get((first, last), f"{first}-{last}"))
    for match in _QUARTER.finditer(text):
        kind = match["kind"] or match["short"] or match["zh"] or "半"
        number = match["nth"] or match["digit"] or match["han"] or match["half"]
        found.add(f"{_PERIODS[kind.lower()]}{_PERIODS[number.lower()]}")
    return found


def _without_periods(text: str) -> str:
    return _SOME_MONTHS.sub(" ", _QUARTER.sub(" ", text))


def told_of_a_year_compared(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether the one year of `sentence` comes, wherever one of its figures stands, only as what is
    compared with, in another clause than the figure's: "the rate is 6.77, 0.75 less than in 2021"
    does not tell that of 2021."""
    return _each_holder(sentence, quotes, _only_compared)


def _each_holder(
    sentence: str, quotes: Iterable[str], is_so: Callable[[set[str], Quantity, str], bool]
) -> bool:
    """Whether `is_so` of the one year of `sentence`, a figure of it, and each sentence of the
    quotes that holds that figure."""
    said = years(sentence)
    if len(said) != 1:
        return False
    texts = [text[start:end] for text in quotes for start, end in sentence_spans(text)]
    for figure in figures_in(sentence):
        holding = [text for text in texts if _has(text, figure)]
        if holding and all(is_so(said, figure, text) for text in holding):
            return True
    return False


def _only_compared(said: Set[str], figure: Quantity, text: str) -> bool:
    bare = re.sub(r"(?<=[^\x00-\x7f])\s+(?=\d)", "", text)
    told = years(_COMPARED.sub(" ", bare))
    comparing = [part for part in _CUT.split(bare) if _COMPARED.search(part)]
    named = {match["year"] for match in _COMPARED.finditer(bare)}
    own = any(_has(part, figure) for part in comparing)
    return said <= named and not said & told and not own


def told_of_another_year(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether the one year of `sentence` is nowhere in the sentences that hold one of its figures,
    while each of them names another before the figure: "in the first three days of 2022 ... 70,000
    passengers" does not tell those of 2021."""
    return _each_holder(sentence, quotes, _begins_with_another)


def _begins_with_another(said: Set[str], figure: Quantity, text: str) -> bool:
    parts = _CUT.split(text)
    own = next((i for i, part in enumerate(parts) if _has(part, figure)), None)
    if own is None or said & years(text):
        return False
    return bool(set().union(*(years(part) for part in parts[: own + 1])))


def told_under_another(question: str, sentence: str, shown: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in `shown` only in clauses with another amount of what
    the question lays down and the sentence repeats ("at 32 degrees"), while a clause with that very
    amount has another figure."""
    texts = list(shown)
    laid_down = {figure.unit for figure in figures_in(question)} & MEASURES
    return any(
        _mixed_up(partial(_amounts, unit), partial(_others, unit), sentence, texts)
        for unit in laid_down
        if _amounts(unit, question) & _amounts(unit, sentence)
    )


def told_of_something_else(question: str, sentence: str, quotes: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in the quotes only where it is told of something else:
    its clause says what `sentence` does not, and what question and sentence speak of comes only in
    a later clause with a figure of its own. "Spent 58.7 million on research and development, 6.5
    percent of revenue" does not tell the revenue. (An earlier clause often names the subject of all
    that follow.) Figures that the question says are not looked at."""
    texts = [text[start:end] for text in quotes for start, end in sentence_spans(text)]
    said = _words(sentence)
    asked = said & _words(question)
    for figure in figures_in(sentence):
        holding = [text for text in texts if _has(text, figure)]
        if _has(question, figure):
            continue
        if holding and all(_tells_else(figure, text, said, asked) for text in holding):
            return True
    return False


def _tells_else(figure: Quantity, text: str, said: Set[str], asked: Set[str]) -> bool:
    parts = _CUT.split(text)
    own = [i for i, part in enumerate(parts) if _has(part, figure)]
    if not own:
        return False
    told = set().union(*(_words(parts[i]) for i in own))
    later = [part for part in parts[own[0] :] if figures_in(part) and not _has(part, figure)]
    only_later = (asked - told) & set().union(*(_words(part) for part in later))
    return len(told - said) >= _UNSAID and len(only_later) >= max(1, len(asked & told))


def _has(text: str, figure: Quantity) -> bool:
    return any(agree(figure, held) for held in figures_in(text))


def _words(text: str) -> set[str]:
    """Content terms but numbers and what follows them: units, currencies and scales."""
    terms = (term for term in content_terms(text) if not _DIGIT.search(term))
    return {term for term in terms if len(quantities(f"1 {term}")[0].text) < len(f"1 {term}")}


def _mixed_up(
    labels: _Labels,
    figures_of: Callable[[str], list[Quantity]],
    sentence: str,
    texts: Sequence[str],
) -> bool:
    said = labels(sentence)
    if not said:
        return False
    parts = (part for text in texts for part in _CUT.split(text))
    clauses = [(labels(part), figures) for part in parts if (figures := figures_of(part))]
    if not any(named & said for named, _ in clauses):
        return False
    for figure in figures_of(sentence):
        holders = [named for named, held in clauses if any(agree(figure, one) for one in held)]
        if holders and all(named and not named & said for named in holders):
            return True
    return False


def figures_in(text: str) -> list[Quantity]:
    """The numbers of `text` that are part of no code and no year."""
    return quantities(_YEAR.sub(" ", without_codes(text)))


def _amounts(unit: str, text: str) -> set[str]:
    return {f"{figure.value:g}" for figure in figures_in(text) if figure.unit == unit}


def _others(unit: str, text: str) -> list[Quantity]:
    return [figure for figure in figures_in(text) if figure.unit != unit]
