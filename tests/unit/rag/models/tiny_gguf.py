"""A language model of a few kilobytes in GGUF form, and adapters for it; both are made here.

It has one layer, one token a byte, and weights by chance. An adapter adds to the last matrix what
makes one byte win always.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

gguf = pytest.importorskip("gguf", reason="the gguf package is installed on x86 alone")

WIDTH = 32
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
_TOKENS = ["<unk>", "<s>", "</s>", *_BYTES]


def write_model(path: Path) -> Path:
    """The model, at `path`."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(_TOKENS)
    writer.add_token_scores([0.0] * len(_TOKENS))
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    writer.add_token_types([*kinds, *[gguf.TokenType.BYTE] * len(_BYTES)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    rng = np.random.default_rng(7)
    square = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    embedded = _random(rng, len(_TOKENS), WIDTH)
    embedded[:, 0] = 4.0  # what an adapter may count on: this coordinate is large everywhere
    writer.add_tensor("token_embd.weight", embedded)
    for name in square:
        writer.add_tensor(f"blk.0.{name}.weight", _random(rng, WIDTH, WIDTH) * 0.1)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", _random(rng, len(_TOKENS), WIDTH))
    return _written(writer, path)


def write_adapter(path: Path, says: str, *, arch: str = "llama", width: int = WIDTH) -> Path:
    """An adapter at `path` with which the model writes the letter `says` for ever."""
    writer = gguf.GGUFWriter(str(path), arch)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 1.0)
    reads = np.zeros((1, width), np.float32)
    reads[0, 0] = 1.0
    adds = np.zeros((len(_TOKENS), 1), np.float32)
    adds[_TOKENS.index(f"<0x{ord(says):02X}>"), 0] = 100.0
    writer.add_tensor("output.weight.lora_a", reads)
    writer.add_tensor("output.weight.lora_b", adds)
    return _written(writer, path)


def _random(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    return rng.standard_normal((rows, columns)).astype(np.float32)


def _written(writer: Any, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
