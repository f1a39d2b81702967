"""The cross-encoder on a tiny random base: folding in the adapter, batching."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from rag.errors import ModelError
from rag.models.crossencoder import LowRankLinear, PairScorer, build, load_pair_scorer
from rag.models.crossinput import Pair

WORDS = ["<s>", "<pad>", "</s>", "<unk>", "the", "cat", "sat", "dog", "ran", "who", "?", "."]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A BERT of two layers with random weights, in the layout of the real one."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(tmp_path)
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    from safetensors.torch import save_file

    torch.manual_seed(1)
    model = build(base, torch.float32)
    for module in model.modules():
        if isinstance(module, LowRankLinear):
            torch.nn.init.normal_(module.up, std=0.1)
    path = tmp_path / "adapter.safetensors"
    save_file({n: t.half().contiguous() for n, t in model.trained_state().items()}, path)
    return path


PAIRS = [
    Pair("who ran ?", "", "the dog ran ."),
    Pair("", "the cat sat .", "the cat sat . the dog ran . the dog ran ."),
    Pair("who sat ?", "the dog", "the cat sat ."),
]


def test_folding_the_adapter_in_changes_nothing(base: Path, adapter: Path) -> None:
    from safetensors.torch import load_file

    scorer = load_pair_scorer(base, adapter, torch.float32)
    model = build(base, torch.float32)
    model.load_state_dict({n: t.float() for n, t in load_file(adapter).items()}, strict=False)
    apart = PairScorer(model, scorer._tokenizer).score(PAIRS)
    merged = scorer.score(PAIRS)
    np.testing.assert_allclose(merged.support, apart.support, atol=1e-4)
    np.testing.assert_allclose(merged.span, apart.span, atol=1e-4)


def test_the_adapter_matters(base: Path, adapter: Path) -> None:
    plain = PairScorer(
        build(base, torch.float32), load_pair_scorer(base, adapter, torch.float32)._tokenizer
    )
    tuned = load_pair_scorer(base, adapter, torch.float32)
    assert np.abs(plain.score(PAIRS).support - tuned.score(PAIRS).support).max() > 1e-3


def test_batching_and_padding_do_not_change_scores(base: Path, adapter: Path) -> None:
    scorer = load_pair_scorer(base, adapter, torch.float32)
    together = scorer.score(PAIRS)
    for i, pair in enumerate(PAIRS):
        alone = scorer.score([pair])
        assert alone.support[0] == pytest.approx(together.support[i], abs=1e-4)
        assert alone.worst[0] == pytest.approx(together.worst[i], abs=1e-4)
    assert scorer.score([]).support.shape == (0,)


def test_a_missing_or_foreign_adapter_is_a_clear_error(base: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    with pytest.raises(ModelError, match="missing"):
        load_pair_scorer(base, tmp_path / "none.safetensors", torch.float32)
    save_file({"other": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="does not fit"):
        load_pair_scorer(base, tmp_path / "other.safetensors", torch.float32)


def test_a_folder_without_weights_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="base weights"):
        build(tmp_path / "nowhere", torch.float32)
