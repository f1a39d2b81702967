"""The trained cross-encoder: the e5-small encoder with a low-rank adapter and two small heads.

It reads (question and claim, evidence) and says how far the evidence supports the claim, or
(question, evidence) and says how far the evidence holds the answer. The base weights are those of
the installed `multilingual-e5-small`; the adapter (LoRA, Hu et al. 2021) and the heads ship in
`rag/weights` and are made by `training/train.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rag.errors import ModelError
from rag.models.cpu import Wanted, choose_dtype
from rag.models.crossinput import KINDS, EncodedPair, Pair, Scores, encode_pair, pad_ids

RANK = 32
SCALE = 2.0
"""The adapter adds SCALE x B A x to each linear layer's output."""
_HIDDEN = 128


class LowRankLinear(nn.Module):
    """A frozen linear layer plus a trainable low-rank term."""

    def __init__(self, base: nn.Linear, rank: int = RANK) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Shape [..., in] to [..., out]."""
        low = nn.functional.linear(x, self.down.to(x.dtype))
        adapted: Tensor = self.base(x) + SCALE * nn.functional.linear(low, self.up.to(x.dtype))
        return adapted

    def merged(self) -> nn.Linear:
        """The same function as one plain linear layer."""
        weight = self.base.weight.float() + SCALE * (self.up @ self.down)
        self.base.weight = nn.Parameter(weight.to(self.base.weight.dtype), requires_grad=False)
        return self.base


@dataclass(frozen=True, slots=True)
class Logits:
    """Raw outputs for a batch of b pairs of t tokens: `support` and `answerable` have shape [b],
    `tokens` [b, t, 2]: column 0 "this claim token is unsupported", 1 "this is the answer"."""

    support: Tensor
    answerable: Tensor
    tokens: Tensor


class CrossEncoder(nn.Module):
    """Encoder, token kinds and heads. Call `merge` once before use for speed."""

    def __init__(self, bert: nn.Module, width: int) -> None:
        super().__init__()
        self.bert = bert
        self.kinds = nn.Embedding(KINDS, width)
        self.hidden = nn.Linear(3 * width, _HIDDEN)
        self.pair_head = nn.Linear(_HIDDEN, 2)
        self.token_head = nn.Linear(width, 2)
        nn.init.normal_(self.kinds.weight, std=0.02)

    def forward(self, ids: Tensor, kinds: Tensor) -> Logits:
        """`ids` and `kinds`: shape [b, t], padded with the tokenizer's pad id (1)."""
        mask = ids != 1
        states = self._encode(ids, kinds, mask)
        asked = (kinds >= 2) & (kinds < 6)
        held = kinds >= 6
        pooled = torch.cat([states[:, 0], _mean(states, asked), _mean(states, held)], dim=-1)
        pair = self.pair_head(nn.functional.gelu(self.hidden(pooled)))
        return Logits(pair[:, 0], pair[:, 1], self.token_head(states))

    def _encode(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        words: nn.Embedding = self.bert.embeddings.word_embeddings  # type: ignore[union-attr, assignment]
        dtype = self.bert.embeddings.position_embeddings.weight.dtype  # type: ignore[union-attr]
        inputs = words(ids).to(dtype) + self.kinds(kinds).to(dtype)
        positions = torch.arange(ids.shape[1]).expand_as(ids)
        out = self.bert(
            inputs_embeds=inputs,
            attention_mask=mask.long(),
            position_ids=positions,
            token_type_ids=torch.zeros_like(ids),
        )
        states: Tensor = out.last_hidden_state
        return states.float()

    def add_adapter(self) -> None:
        """Give every linear layer of the encoder its low-rank term."""
        for parent in list(self.bert.encoder.modules()):  # type: ignore[union-attr]
            for name, child in list(parent.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(parent, name, LowRankLinear(child))

    def merge(self) -> None:
        """Fold the low-rank terms into the layers they belong to."""
        for parent in list(self.bert.encoder.modules()):  # type: ignore[union-attr]
            for name, child in list(parent.named_children()):
                if isinstance(child, LowRankLinear):
                    setattr(parent, name, child.merged())

    def trained_state(self) -> dict[str, Tensor]:
        """What the adapter file holds: everything that training changes."""
        return {name: p.detach() for name, p in self.named_parameters() if p.requires_grad}


def build(folder: Path, dtype: torch.dtype) -> CrossEncoder:
    """The untrained cross-encoder over the base weights in `folder`, adapter added.

    Word embeddings stay in the file and are paged in as they are used. Raises ModelError if the
    folder does not hold a BERT encoder.
    """
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    try:
        values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config = BertConfig(
            **values | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        )
        state = load_file(folder / "model.safetensors")
    except (OSError, ValueError) as err:
        raise ModelError(f"{folder} does not hold the e5 base weights: {err}") from None
    with torch.device("meta"):
        bert = BertModel(config, add_pooling_layer=False)
    words = state.pop("embeddings.word_embeddings.weight")
    weights = {name: value.to(dtype) for name, value in state.items()}
    bert.load_state_dict(
        weights | {"embeddings.word_embeddings.weight": words}, strict=False, assign=True
    )
    model = CrossEncoder(bert, int(config.hidden_size))
    bert.requires_grad_(False)
    model.add_adapter()
    return model.eval()


def load_tokenizer(folder: Path) -> Any:
    """The base's tokenizer (`tokenizers.Tokenizer`), without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class PairScorer:
    """Pairs to scores, in batches of similar length."""

    def __init__(self, model: CrossEncoder, tokenizer: Any, batch_tokens: int = 2048) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens

    def score(self, pairs: Sequence[Pair]) -> Scores:
        """One entry a pair, in the order given."""
        encoded = [encode_pair(self._tokenizer, pair) for pair in pairs]
        out = np.zeros((4, len(pairs)), dtype=np.float64)
        for batch in _batches(encoded, self._batch_tokens):
            ids, kinds = pad_ids([encoded[i] for i in batch])
            out[:, batch] = self._run(torch.tensor(ids), torch.tensor(kinds))
        return Scores(*out)

    def _run(self, ids: Tensor, kinds: Tensor) -> NDArray[np.float64]:
        with torch.inference_mode():
            logits = self._model(ids, kinds)
            worst = _masked_max(logits.tokens[..., 0], (kinds == 4) | (kinds == 5))
            span = _masked_max(logits.tokens[..., 1], kinds >= 6)
            return torch.stack([logits.support, logits.answerable, worst, span]).double().numpy()


def load_pair_scorer(folder: Path, adapter: Path, dtype: torch.dtype) -> PairScorer:
    """The trained cross-encoder, ready to use. Raises ModelError if base or adapter is missing."""
    from safetensors.torch import load_file

    if not adapter.is_file():
        raise ModelError(f"{adapter} is missing; reinstall the program")
    model = build(folder, dtype)
    state = {name: value.float() for name, value in load_file(adapter).items()}
    unknown = set(state) ^ set(model.trained_state())
    if unknown:
        raise ModelError(f"{adapter} does not fit the encoder: {sorted(unknown)[:3]}")
    model.load_state_dict(state, strict=False)
    model.merge()
    return PairScorer(model, load_tokenizer(folder))


@cache
def load_once(folder: Path, adapter: Path, dtype: Wanted) -> PairScorer:
    """`load_pair_scorer`, shared by all who ask; `dtype` as in the embedder's settings."""
    return load_pair_scorer(folder, adapter, getattr(torch, choose_dtype(dtype)))


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    weights = mask.unsqueeze(-1).float()
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def _masked_max(values: Tensor, mask: Tensor) -> Tensor:
    highest = values.masked_fill(~mask, float("-inf")).amax(dim=1)
    return torch.where(mask.any(dim=1), highest, torch.zeros_like(highest))


def _batches(pairs: Sequence[EncodedPair], tokens: int) -> list[list[int]]:
    """Indices in batches of similar length, each at most `tokens` tokens after padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids)):
        if batches and len(pairs[i].ids) * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches
