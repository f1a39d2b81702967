"""Headers of GGUF files, against the gguf package's own reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models.gguf_header import read_header
from tests.unit.rag.models.tiny_gguf import gguf, write_model


def test_it_reads_what_the_package_reads(tmp_path: Path) -> None:
    path = write_model(tmp_path / "tiny.gguf")
    header, reader = read_header(path), gguf.GGUFReader(path)
    told = reader.get_field("general.architecture")
    assert told is not None
    assert header.texts["general.architecture"] == told.contents()
    assert header.tensors == {t.name: tuple(map(int, t.shape)) for t in reader.tensors}


@pytest.mark.parametrize("kept", [4, 20, 60, 3000])
def test_a_file_cut_short_is_told(tmp_path: Path, kept: int) -> None:
    path = write_model(tmp_path / "tiny.gguf")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match="damaged"):
        read_header(path)


def test_what_is_no_gguf_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="not a GGUF"):
        read_header(path)
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(tmp_path / "none.gguf")
