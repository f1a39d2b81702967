"""Pages go by the name that their kind of document gives them, in both languages."""

from __future__ import annotations

import pytest

from ingest.loaders.detect import MEDIA_TYPES
from rag.text.units import placed, unit_of
from rag.types import Language, Unit


@pytest.mark.parametrize(
    ("unit", "label", "language", "count", "words"),
    [
        ("page", "", "en", None, "page 3"),
        ("page", "iv", "en", 12, "page 3 of 12 (iv)"),
        ("sheet", "Lockers", "en", None, "sheet 3 (Lockers)"),
        ("slide", "", "zh", 12, "第 3 张幻灯片，共 12 张"),
        ("part", "手册.pdf, 1/2", "zh", None, "第 3 部分（手册.pdf, 1/2）"),
    ],
)
def test_names(unit: Unit, label: str, language: Language, count: int | None, words: str) -> None:
    assert placed(unit, 3, label, language, count) == words


def test_the_kinds_of_files_have_their_units() -> None:
    units = {kind: unit_of(media) for kind, media in MEDIA_TYPES.items()}
    assert {k: u for k, u in units.items() if u != "page"} == {
        "pptx": "slide",
        "xlsx": "sheet",
        "epub": "section",
        "zip": "part",
        "mail": "part",
    }
