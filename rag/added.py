"""Added: what an answer adds to the question, and the clauses of the documents that have it.

What stands in the question already tells nothing of where an answer was taken from. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.attribute import numbers_in, terms_of
from rag.sentences import CLAUSE_END
from rag.text import fold_width, simplify

_DATED = re.compile(r"((?:^|[。；;])\s*\d[\d\s年月日号时分]*)[，,]")
"""A date that begins a Chinese sentence, with the comma after it: it is that of the clause that
follows."""


def added_to(question: str, sentence: str) -> set[str]:
    """What an answer's `sentence` adds to the `question`: its numbers, or its terms if none."""
    return numbers_in(sentence) - numbers_in(question) or terms_of(sentence) - terms_of(question)


def clauses_with(added: set[str], texts: Iterable[str]) -> list[str]:
    """The clauses of `texts` that have one of the terms `added`, folded and simplified."""
    clauses = (part for text in texts for part in CLAUSE_END.split(_DATED.sub(r"\1 ", text)))
    return [simplify(fold_width(clause)) for clause in clauses if added & terms_of(clause)]
