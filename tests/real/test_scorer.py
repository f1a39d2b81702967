"""The shipped scorer over the installed base: it tells right from wrong in both languages."""

from __future__ import annotations

import pytest

from rag.config import Settings, load_settings
from rag.models.embedder import load_embedder
from rag.models.reader import AnswerReader, open_pairs
from rag.seams import Embedder

MANUAL_EN = (
    "The warranty for the K7 pump lasts 24 months from the day of delivery. It covers parts and "
    "labour but not filters. Claims go to the service desk in Leeds."
)
MANUAL_ZH = (
    "K7水泵的保修期为自交货之日起24个月。保修范围包括零件和人工，但不包括滤芯。"
    "索赔请联系利兹的服务台。"
)


@pytest.fixture(scope="module")
def real() -> tuple[Settings, Embedder]:
    settings = load_settings()
    return settings, load_embedder(settings)


@pytest.mark.parametrize(
    ("evidence", "right", "wrong"),
    [
        (MANUAL_EN, "The warranty of the K7 pump is 24 months.", "The warranty is 36 months."),
        (MANUAL_EN, "Filters are not covered by the warranty.", "The warranty covers filters."),
        (MANUAL_ZH, "保修期为24个月。", "保修期为36个月。"),
        (MANUAL_ZH, "保修不包括滤芯。", "保修范围包括滤芯。"),
    ],
)
def test_a_right_sentence_scores_above_a_wrong_one(
    real: tuple[Settings, Embedder], evidence: str, right: str, wrong: str
) -> None:
    from rag.checking.support import load_scorer

    scorer = load_scorer(*real)
    assert "words" not in scorer.name
    true, false = scorer.score("", [right, wrong], [evidence])
    assert true > 0.5
    assert true > false


@pytest.mark.parametrize(
    ("question", "right", "others"),
    [
        (
            "2021年北风物流的营业收入是多少？",
            "2021年，北风物流的营业收入为350万元。",
            ["2021年，朝阳食品的营业收入为350万元。", "北风物流总部设在宁波。"],
        ),
        (
            "Where do warranty claims for the K7 pump go?",
            "Claims for the K7 pump go to the service desk in Leeds.",
            ["The K7 pump weighs 12 kg.", "The canteen in Leeds opens at noon."],
        ),
    ],
)
def test_the_passage_that_answers_is_read_as_the_best(
    real: tuple[Settings, Embedder], question: str, right: str, others: list[str]
) -> None:
    pairs = open_pairs(real[0])
    assert pairs is not None
    scores = AnswerReader(pairs).scores(question, [*others, right])
    assert scores.argmax() == len(others)


def test_the_encoder_is_shared_and_deterministic(real: tuple[Settings, Embedder]) -> None:
    from rag.checking.support import load_scorer

    settings, embedder = real
    assert open_pairs(settings) is open_pairs(settings)
    scorer = load_scorer(settings, embedder)
    once = scorer.score("", ["Claims go to Leeds."], [MANUAL_EN])
    assert once == scorer.score("", ["Claims go to Leeds."], [MANUAL_EN])
