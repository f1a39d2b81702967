"""The conversion on a packed model made here, small enough to compute by hand."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from rag.errors import ModelError
from rag.models.convert_e5 import convert
from rag.models.packed_e5 import PackedE5
from rag.models.safetensors_file import write_float32

HIDDEN, WIDE, VOCABULARY, POSITIONS = 32, 64, 12, 8
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁ab", "a", "b", "中", "!", "~", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -2.0, -1.5, -3.0, -3.0, -4.0, -4.0, -5.0, 0.0]
REPLACEMENTS = {"\n": " ", "\x07": "", "！": "!", "Ａ": "a"}


def q4_block(scale: float, levels: list[int]) -> bytes:
    low, high = levels[:16], levels[16:]
    nibbles = bytes((a + 8) | ((b + 8) << 4) for a, b in zip(low, high, strict=True))
    return struct.pack("<e", scale) + nibbles


def tensors(rng: np.random.Generator) -> dict[str, tuple[int, int, bytes]]:
    """Name -> (type, elements, bytes) with the names of the format."""

    def plain(count: int) -> tuple[int, int, bytes]:
        return 0, count, rng.normal(size=count).astype("<f4").tobytes()

    def packed(count: int) -> tuple[int, int, bytes]:
        blocks = [
            q4_block(0.25 * (i + 1), rng.integers(-8, 8, 32).tolist()) for i in range(count // 32)
        ]
        return 1, count, b"".join(blocks)

    made = {
        "emb.word": packed(VOCABULARY * HIDDEN),
        "emb.pos": plain(POSITIONS * HIDDEN),
        "emb.type": plain(2 * HIDDEN),
        "emb.ln.w": plain(HIDDEN),
        "emb.ln.b": plain(HIDDEN),
    }
    for part in ("q", "k", "v", "ao"):
        made |= {f"l0.{part}.w": packed(HIDDEN * HIDDEN), f"l0.{part}.b": plain(HIDDEN)}
    made |= {"l0.fi.w": packed(WIDE * HIDDEN), "l0.fi.b": plain(WIDE)}
    made |= {"l0.fo.w": packed(WIDE * HIDDEN), "l0.fo.b": plain(HIDDEN)}
    for part in ("aln", "oln"):
        made |= {f"l0.{part}.w": plain(HIDDEN), f"l0.{part}.b": plain(HIDDEN)}
    return made


def pack(made: dict[str, tuple[int, int, bytes]]) -> bytes:
    sizes = (HIDDEN, 1, 4, WIDE, VOCABULARY, POSITIONS, 2)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    text = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, text)]).tolist()
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, offsets[-1])
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(SCORES)}f", *SCORES)
    head += b"".join(text)
    entries = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(char), len(to), *map(ord, to))
        for char, to in sorted(REPLACEMENTS.items())
    )
    head += struct.pack("<iI", len(REPLACEMENTS), len(entries)) + entries
    directory_bytes = 4 + sum(2 + len(name) + 21 for name in made)
    place = len(head) + directory_bytes
    directory, data = struct.pack("<i", len(made)), b""
    for name, (kind, count, raw) in made.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, place + len(data), len(raw))
        data += raw
    assert len(directory) == directory_bytes
    return head + directory + data


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "e5.bin"
    path.write_bytes(pack(tensors(np.random.default_rng(7))))
    return path


def test_the_blocks_are_unpacked_as_the_layout_says(tmp_path: Path) -> None:
    levels = [(3 * i) % 16 - 8 for i in range(32)]
    made = tensors(np.random.default_rng(7))
    made["l0.q.w"] = (1, HIDDEN * HIDDEN, q4_block(0.5, levels) * HIDDEN)
    path = tmp_path / "e5.bin"
    path.write_bytes(pack(made))
    weight = PackedE5(path).tensor("l0.q.w", (HIDDEN, HIDDEN))
    for row in weight:
        assert row.tolist() == [0.5 * level for level in levels]


def test_the_folder_is_what_the_libraries_read(packed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    convert(packed, folder)
    found = load_file(folder / "model.safetensors")
    source = PackedE5(packed)
    names = {
        "embeddings.word_embeddings.weight": ("emb.word", (VOCABULARY, HIDDEN)),
        "encoder.layer.0.attention.self.key.weight": ("l0.k.w", (HIDDEN, HIDDEN)),
        "encoder.layer.0.intermediate.dense.weight": ("l0.fi.w", (WIDE, HIDDEN)),
        "encoder.layer.0.output.dense.weight": ("l0.fo.w", (HIDDEN, WIDE)),
        "encoder.layer.0.output.LayerNorm.bias": ("l0.oln.b", (HIDDEN,)),
    }
    assert len(found) == 21
    for name, (packed_name, shape) in names.items():
        np.testing.assert_array_equal(found[name], source.tensor(packed_name, shape))
    config = json.loads((folder / "config.json").read_text())
    assert config["layer_norm_eps"] == 1e-12
    assert config["vocab_size"] == VOCABULARY


def test_the_tokenizer_uses_the_files_own_map(packed: Path, tmp_path: Path) -> None:
    convert(packed, tmp_path / "model")
    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    encoding = tokenizer.encode("ab\n\x07Ａ！ 中～")
    assert encoding.tokens == ["<s>", "▁ab", "▁", "a", "!", "▁", "中", "～", "</s>"]
    assert encoding.ids[-2] == 3
    assert encoding.offsets[4] == (5, 6)


def test_each_unknown_character_is_a_token(packed: Path, tmp_path: Path) -> None:
    convert(packed, tmp_path / "model")
    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    assert tokenizer.encode("a🦾🦿b", add_special_tokens=False).ids == [4, 6, 3, 3, 7]


def test_the_same_input_gives_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        convert(packed, tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert Path("1_Pooling/config.json") in files
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"GGUF" + bytes(40), "not a packed e5"), (b"E5S1", "ends too early"), (b"x", "ends")],
)
def test_another_file_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "e5.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        PackedE5(path)


def test_a_cut_file_is_refused(packed: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.bin"
    cut.write_bytes(packed.read_bytes()[:400])
    with pytest.raises(ModelError, match="ends too early"):
        PackedE5(cut)


def test_a_tensor_of_another_size_is_refused(packed: Path) -> None:
    with pytest.raises(ModelError, match="no tensor"):
        PackedE5(packed).tensor("l0.q.w", (HIDDEN, 2 * HIDDEN))


def test_the_writer_refuses_a_shape_it_did_not_announce(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="announced"):
        write_float32(tmp_path / "x", {"a": (2,)}, [np.zeros(3, np.float32)])
