"""The plain encoder against `transformers` and sentence-transformers, on random weights."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rag.models.bert import PlainBert, is_plain
from tests.tiny_bert import save_tiny_bert

ROOT = Path(__file__).parents[4]
WORDS = ["<s>", "<pad>", "</s>", "<unk>", *(f"w{i}" for i in range(40)), "query:"]
TEXTS = ["w1 w2 w3", "w4", "w5 w6 w7 w8 w9 w10 w11 w12", " w3 w2 ", "w1 " * 30]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT of random weights as sentence-transformers saves one."""
    made = tmp_path_factory.mktemp("bert")
    save_tiny_bert(made, WORDS, positions=16)
    return made


def test_the_vectors_are_those_of_sentence_transformers(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    wanted = theirs.encode(TEXTS, prompt="query: ", convert_to_tensor=True)
    assert is_plain(folder)
    ours = PlainBert(folder, torch.float32)
    assert torch.allclose(ours.encode(TEXTS, prompt="query: "), wanted, atol=1e-5)
    assert (ours.prompts, ours.max_seq_length) == ({"query": "query: "}, 16)
    assert ours.get_embedding_dimension() == 32


def test_it_loads_without_the_libraries_it_stands_in_for(folder: Path) -> None:
    told = (
        "import sys; from rag.config import load_settings; "
        "from rag.models.embedder import load_embedder; "
        f"load_embedder(load_settings({{}}, {{'embedder': {{'model': {str(folder)!r}}}}}))"
        ".embed_queries(['w1']); "
        "assert not {'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True)


def test_a_batch_gives_what_single_texts_give(folder: Path) -> None:
    model = PlainBert(folder, torch.float32)
    single = torch.cat([model.encode([text]) for text in TEXTS])
    assert torch.allclose(model.encode(TEXTS), single, atol=1e-5)


@pytest.mark.parametrize(
    ("file", "held"),
    [
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("config.json", {"model_type": "xlm-roberta", "hidden_act": "gelu"}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("modules.json", [{"type": "sentence_transformers.models.Transformer", "path": ""}]),
        ("modules.json", "damaged"),
    ],
)
def test_another_kind_of_model_is_left_to_the_library(
    folder: Path, file: str, held: object
) -> None:
    before = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(json.dumps(held), encoding="utf-8")
    try:
        assert not is_plain(folder)
    finally:
        (folder / file).write_text(before, encoding="utf-8")
