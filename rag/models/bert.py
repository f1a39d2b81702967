"""Texts to vectors with a BERT encoder, mean pooling and normalisation, on torch alone.

What e5 and most small embedders are. It computes what sentence-transformers would, but starts
without it and `transformers`, which take four seconds to import, and spends less around the
matrices, which tells on one short question. Other folders are read by sentence-transformers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

_Affine: TypeAlias = tuple[Tensor, Tensor]
"""Weight and bias."""
_MODULES = ("Transformer", "Pooling", "Normalize")


class PlainBert:
    """The model in one folder, on the CPU; `is_plain` says whether the folder fits."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        from safetensors.torch import load_file

        config = _read(folder / "config.json")
        told = _read(folder / "config_sentence_transformers.json")
        limit = _read(folder / "sentence_bert_config.json").get("max_seq_length")
        self.prompts: Mapping[str, str | None] = told.get("prompts") or {}
        self.max_seq_length = min(int(limit or 512), int(config["max_position_embeddings"]))
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self._pad = int(config.get("pad_token_id", 0))
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        state = load_file(folder / "model.safetensors")
        state = {name.removeprefix("bert."): value for name, value in state.items()}
        # Rows of it are read from the file as they are used.
        self._words = state.pop("embeddings.word_embeddings.weight")
        state = {name: value.to(dtype) for name, value in state.items()}
        types = state["embeddings.token_type_embeddings.weight"]
        self._positions = state["embeddings.position_embeddings.weight"] + types[0]
        self._first = _affine(state, "embeddings.LayerNorm")
        layers = range(int(config["num_hidden_layers"]))
        self._layers = [_Layer(state, f"encoder.layer.{i}.") for i in layers]

    def get_embedding_dimension(self) -> int:
        """d of the vectors."""
        return int(self._words.shape[1])

    def encode(self, texts: Sequence[str], prompt: str = "", **_: object) -> Tensor:
        """Vectors of length one, of shape [len(texts), d], in float32; in one batch."""
        return _mean(*self._read([(prompt + text).strip() for text in texts]))

    @torch.inference_mode()
    def _read(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """States of shape [b, t, d], and ones where they are not padding, of shape [b, t]."""
        encoded = [self._cut(one.ids) for one in self.tokenizer.encode_batch(texts)]
        longest = max(map(len, encoded))
        ids = torch.tensor([row + [self._pad] * (longest - len(row)) for row in encoded])
        held = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in encoded])
        return self._states(ids, None if bool(held.all()) else held.bool()), held

    def _cut(self, ids: list[int]) -> list[int]:
        """What is read of a text, with the token that ends one."""
        return (
            ids if len(ids) <= self.max_seq_length else [*ids[: self.max_seq_length - 1], ids[-1]]
        )

    def _states(self, ids: Tensor, held: Tensor | None) -> Tensor:
        """Shape [b, t] to [b, t, d]; `held` marks what is not padding."""
        words = self._words[ids].to(self._positions.dtype)
        states = self._norm(words + self._positions[: ids.shape[1]], self._first)
        mask = None if held is None else held[:, None, None, :]
        for layer in self._layers:
            states = self._norm(states + self._attended(states, mask, layer), layer.attended)
            inner = functional.gelu(functional.linear(states, *layer.widen))
            states = self._norm(states + functional.linear(inner, *layer.narrow), layer.output)
        return states

    def _attended(self, states: Tensor, mask: Tensor | None, layer: _Layer) -> Tensor:
        batch, length, width = states.shape
        shape = (batch, length, 3, self._heads, width // self._heads)
        joined = functional.linear(states, *layer.joined).view(shape).permute(2, 0, 3, 1, 4)
        query, key, value = joined.unbind(0)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return functional.linear(found.transpose(1, 2).reshape(states.shape), *layer.mix)

    def _norm(self, states: Tensor, by: _Affine) -> Tensor:
        return functional.layer_norm(states, states.shape[-1:], *by, self._epsilon)


class _Layer:
    """The weights of one layer; query, key and value in one matrix."""

    def __init__(self, state: Mapping[str, Tensor], prefix: str) -> None:
        parts = [_affine(state, f"{prefix}attention.self.{n}") for n in ("query", "key", "value")]
        self.joined = torch.cat([w for w, _ in parts]), torch.cat([b for _, b in parts])
        self.mix = _affine(state, f"{prefix}attention.output.dense")
        self.attended = _affine(state, f"{prefix}attention.output.LayerNorm")
        self.widen = _affine(state, f"{prefix}intermediate.dense")
        self.narrow = _affine(state, f"{prefix}output.dense")
        self.output = _affine(state, f"{prefix}output.LayerNorm")


def is_plain(folder: Path) -> bool:
    """Whether `PlainBert` computes what the folder asks for."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = tuple(str(module["type"]).rsplit(".", 1)[-1] for module in modules)
        pooling = _read(folder / modules[1]["path"] / "config.json")
        config = _read(folder / "config.json")
        told = _read(folder / "sentence_bert_config.json")
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return False
    modes = {
        name for name, on in pooling.items() if name.startswith("pooling_mode_") and on is True
    }
    return (
        kinds == _MODULES
        and modes == {"pooling_mode_mean_tokens"}
        and pooling.get("include_prompt", True) is True
        and config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not told.get("do_lower_case")
        and (folder / "model.safetensors").is_file()
        and (folder / "tokenizer.json").is_file()
    )


def _mean(states: Tensor, held: Tensor) -> Tensor:
    """Shape [b, t, d] to [b, d]: means over what is held, of length one."""
    weights = held.unsqueeze(-1).float()
    return functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=1)


def _affine(state: Mapping[str, Tensor], name: str) -> _Affine:
    return state[f"{name}.weight"], state[f"{name}.bias"]


def _read(path: Path) -> dict[str, Any]:
    held = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(held, dict):
        raise ValueError(f"{path} holds no settings")
    return held
