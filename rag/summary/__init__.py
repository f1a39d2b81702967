"""Whole documents -> parts, the sentences of each that say most, and the model's words on them."""

from rag.summary.outline import Part, Source, choose_section, outline
from rag.summary.prompt import about_part, about_whole
from rag.summary.salient import salient

__all__ = [
    "Part",
    "Source",
    "about_part",
    "about_whole",
    "choose_section",
    "outline",
    "salient",
]
