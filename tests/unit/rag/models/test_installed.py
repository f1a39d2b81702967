from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE
from rag.models.digest import file_sha256, remembered_sha256
from rag.models.installed import (
    FileRecord,
    Manifest,
    embedder_folder,
    list_models,
    model_folder,
    model_path,
    wanted_models,
    write_manifest,
)


def install(settings: Settings, name: str, weights: str, data: bytes) -> Path:
    folder = model_folder(settings, name)
    folder.mkdir(parents=True)
    (folder / weights).write_bytes(data)
    record = FileRecord(len(data), hashlib.sha256(data).hexdigest())
    kind = CATALOGUE[name].kind if name in CATALOGUE else "embedder"
    write_manifest(folder, Manifest(name, kind, "test", weights, {weights: record}))
    return folder


def test_the_parts_of_the_catalogue_add_up() -> None:
    for spec in CATALOGUE.values():
        if spec.packed_sha256 is None:
            assert spec.joined_bytes == spec.bytes
            assert spec.joined_sha256 == spec.sha256
        for digest in (spec.sha256, spec.joined_sha256, *(part.sha256 for part in spec.parts)):
            assert len(bytes.fromhex(digest)) == 32
        assert all(part.bytes > 0 for part in spec.parts)
        assert len({part.sha256 for part in spec.parts}) == len(spec.parts)


def test_one_name_is_one_digest_whichever_source_serves() -> None:
    """A converted model is other bytes than the hub's, so it must not have both sources."""
    for spec in CATALOGUE.values():
        assert spec.hub is None or spec.packed_sha256 is None


def test_a_generator_is_its_file_and_an_embedder_its_folder(settings: Settings) -> None:
    folder = install(settings, "qwen2.5-coder-0.5b-instruct", "x.gguf", b"GGUF")
    assert model_path(settings, "qwen2.5-coder-0.5b-instruct") == folder / "x.gguf"
    folder = install(settings, "multilingual-e5-small", "model.safetensors", b"w")
    assert model_path(settings, "multilingual-e5-small") == folder


def test_a_folder_without_manifest_is_no_model(settings: Settings) -> None:
    model_folder(settings, "multilingual-e5-small").mkdir(parents=True)
    with pytest.raises(ModelError, match="plumb models pull multilingual-e5-small"):
        model_path(settings, "multilingual-e5-small")


def test_the_list_shows_what_is_here_and_what_was_pulled_from_the_hub(settings: Settings) -> None:
    folder = install(settings, "owner/model", "model.safetensors", b"weights")
    rows = {row.name: row for row in list_models(settings)}
    assert list(rows) == [*CATALOGUE, "owner/model"]
    assert rows["owner/model"].to_json()["path"] == str(folder)
    assert rows["multilingual-e5-small"].path is None
    assert "not here" in str(rows["multilingual-e5-small"])


def test_an_embedder_may_be_a_folder(settings: Settings, tmp_path: Path) -> None:
    assert embedder_folder(settings, str(tmp_path)) == tmp_path


def test_an_embedder_may_be_a_hub_name_that_was_pulled(settings: Settings) -> None:
    folder = install(settings, "owner/model", "model.safetensors", b"weights")
    assert embedder_folder(settings, "owner/model") == folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("multilingual-e5-small", "plumb models pull multilingual-e5-small"),
        ("plumb-tests/is-nowhere", "plumb models pull plumb-tests/is-nowhere"),
        ("./no/such/folder", "neither a folder nor a catalogue name"),
        ("qwen2.5-coder-0.5b-instruct", "is a generator, not an embedder"),
    ],
)
def test_an_embedder_that_is_not_here_names_the_mend(
    settings: Settings, name: str, said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        embedder_folder(settings, name)


def test_wanted_are_the_names_and_not_the_paths(settings: Settings, tmp_path: Path) -> None:
    assert wanted_models(settings) == ["multilingual-e5-small", "qwen2.5-coder-1.5b-instruct"]
    values = {
        "home": settings.home,
        "embedder": {"model": str(tmp_path)},
        "generator": {"model": "llama3", "base_url": "http://127.0.0.1:11434/v1"},
        "retrieval": {"reranker": "owner/reranker"},
    }
    assert wanted_models(Settings.model_validate(values)) == ["owner/reranker"]
    values["generator"] = {"model": "models/mine.gguf"}
    assert wanted_models(Settings.model_validate(values)) == ["owner/reranker"]


def test_the_digest_of_a_file_is_sha256(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc" * 500_000)
    read: list[int] = []
    assert file_sha256(file, read.append) == hashlib.sha256(b"abc" * 500_000).hexdigest()
    assert read[-1] == 1_500_000


def test_a_file_is_read_again_only_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, memory = tmp_path / "file", tmp_path / "cache" / "digests.json"
    file.write_bytes(b"one")
    first = remembered_sha256(file, memory)
    with monkeypatch.context() as patch:
        patch.setattr("rag.models.digest.file_sha256", lambda _: pytest.fail("read again"))
        assert remembered_sha256(file, memory) == first
    file.write_bytes(b"other")
    assert remembered_sha256(file, memory) == hashlib.sha256(b"other").hexdigest()


@pytest.mark.parametrize("broken", ["", "[]", "{", '{"x": 1}'])
def test_a_broken_memory_is_done_without(tmp_path: Path, broken: str) -> None:
    file, memory = tmp_path / "file", tmp_path / "digests.json"
    file.write_bytes(b"one")
    memory.write_text(broken)
    assert remembered_sha256(file, memory) == hashlib.sha256(b"one").hexdigest()
