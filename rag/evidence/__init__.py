"""Hits -> the sentences worth a small model's time, as passages within a token budget."""

from rag.evidence.choose import Passage, choose, passages_of, take, whole
from rag.evidence.sentences import Unit, is_idle, read_units, split_units

__all__ = [
    "Passage",
    "Unit",
    "choose",
    "is_idle",
    "passages_of",
    "read_units",
    "split_units",
    "take",
    "whole",
]
