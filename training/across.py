"""Which paragraphs of the two SQuAD 2.0 files are translations of each other, by their vectors.

A question hangs on its paragraph and so on the paragraph's translation: natural pairs across the
languages, at no cost but one embedding of each paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.seams import Embedder
from training.sources import Paragraph


def translations(paragraphs: Sequence[Paragraph], embedder: Embedder) -> dict[str, str]:
    """Text to its translation, both ways: paragraphs that are each other's nearest in the other
    language (348 of 360; each in its own article's translation)."""
    known = [p for p in paragraphs if p.source.startswith("squad2")]
    english = [p.text for p in known if p.source == "squad2_en"]
    chinese = [p.text for p in known if p.source == "squad2_zh"]
    if not english or not chinese:
        return {}
    cosines = embedder.embed_passages(english) @ embedder.embed_passages(chinese).T
    to_chinese, to_english = np.argmax(cosines, axis=1), np.argmax(cosines, axis=0)
    found: dict[str, str] = {}
    for i, j in enumerate(to_chinese.tolist()):
        if to_english[j] == i:
            found |= {english[i]: chinese[j], chinese[j]: english[i]}
    return found
