"""Paragraphs that are each other's nearest in the other language are translations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.types import FloatArray, Language
from tests.fakes import FakeEmbedder
from training.across import translations
from training.sources import Paragraph

ANGLES = {"tower": 0.0, "bridge": 1.0, "near the bridge": 1.3, "塔": 0.1, "桥": 1.05}


class OnACircle(FakeEmbedder):
    """Texts at angles: the nearer, the more alike."""

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        return np.array([[np.cos(ANGLES[t]), np.sin(ANGLES[t])] for t in texts], dtype=np.float32)


def paragraph(text: str, source: str) -> Paragraph:
    language: Language = "zh" if source.endswith("zh") else "en"
    return Paragraph(source, f"{source}/t", language, text, ((0, len(text)),), (), False)


ENGLISH = [paragraph(text, "squad2_en") for text in ("tower", "near the bridge", "bridge")]
CHINESE = [paragraph(text, "squad2_zh") for text in ("桥", "塔")]


def test_mutual_neighbours_are_found_both_ways_and_others_not() -> None:
    found = translations([*ENGLISH, *CHINESE], OnACircle())
    assert found == {"tower": "塔", "塔": "tower", "bridge": "桥", "桥": "bridge"}


def test_other_sets_have_no_translations() -> None:
    others = [paragraph("unknown to the embedder", "drcd_dev")]
    assert translations([*ENGLISH, *others], OnACircle()) == {}
    assert translations([*CHINESE, *others], OnACircle()) == {}
    assert translations([], OnACircle()) == {}
