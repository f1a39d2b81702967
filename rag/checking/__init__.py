"""A draft and its passages -> checked sentences, one decision, and the answer."""

from rag.checking.compose import ABSTENTION, Part, cited_hits, compose
from rag.checking.decide import Decision, Signals, confidence, decide
from rag.checking.own_word import own_word_of
from rag.checking.review import Checked, Claim, Reviewer
from rag.checking.support import SUPPORTED_FROM, load_scorer

__all__ = [
    "ABSTENTION",
    "SUPPORTED_FROM",
    "Checked",
    "Claim",
    "Decision",
    "Part",
    "Reviewer",
    "Signals",
    "cited_hits",
    "compose",
    "confidence",
    "decide",
    "load_scorer",
    "own_word_of",
]
