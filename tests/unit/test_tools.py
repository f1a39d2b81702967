"""The models beside the language model: which of them is loaded for what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import rag.tools
from rag.config import Settings
from rag.models.crossinput import Pair, Scores
from rag.models.reader import AnswerReader
from rag.models.remember import RememberingEmbedder
from rag.tools import Tools, load_search, load_tools
from tests.builders import OverlapScorer, Reader, switched
from tests.fakes import FakeEmbedder

EMBEDDER = FakeEmbedder()
NAMED = Reader()


class Pairs:
    """An encoder that knows nothing."""

    def score(self, pairs: Sequence[Pair]) -> Scores:
        nothing = np.zeros(len(pairs))
        return Scores(nothing, nothing, nothing, nothing)


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> Pairs:
    """The models as if they were installed; a reranker is loaded where one is named."""
    installed = Pairs()
    monkeypatch.setattr(rag.tools, "load_embedder", lambda _: EMBEDDER)
    monkeypatch.setattr(rag.tools, "open_pairs", lambda _: installed)
    named = {None: None, "folder": NAMED}
    monkeypatch.setattr(rag.tools, "load_reranker", lambda s: named[s.retrieval.reranker])
    return installed


def test_the_trained_encoder_reads_hits_and_sentences(settings: Settings, pairs: Pairs) -> None:
    search = load_search(settings)
    assert search.plain is EMBEDDER
    assert isinstance(search.embedder, RememberingEmbedder)
    assert isinstance(search.reader, AnswerReader)
    assert search.reader.pairs is pairs
    assert search.reranker is search.reader


def test_hits_are_not_read_where_that_is_switched_off(settings: Settings, pairs: Pairs) -> None:
    search = load_search(switched(settings, retrieval={"read": 0}))
    assert search.reranker is None
    assert search.reader is not None


def test_a_reranker_that_is_named_reads_the_hits_alone(settings: Settings, pairs: Pairs) -> None:
    search = load_search(switched(settings, retrieval={"reranker": "folder"}))
    assert search.reranker is NAMED
    assert isinstance(search.reader, AnswerReader)


def test_without_the_base_nothing_is_read(
    settings: Settings, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.tools, "open_pairs", lambda _: None)
    search = load_search(settings)
    assert (search.reader, search.reranker) == (None, None)


@pytest.mark.usefixtures("pairs")
def test_what_is_loaded_is_not_loaded_again(settings: Settings) -> None:
    search = load_search(settings)
    assert load_tools(settings, search).search is search
    assert load_tools(settings).search.plain is EMBEDDER


@pytest.mark.usefixtures("pairs")
def test_answers_record_every_models_name(settings: Settings) -> None:
    tools = Tools(load_search(settings), OverlapScorer())
    assert tools.names("m") == {"generator": "m", "embedder": "fake", "scorer": "overlap"}
