"""Ingesting over a Ray cluster: nodes are processes of this machine, and some are killed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from ingest.cluster import connect
from ingest.pipeline import Progress, ingest
from ingest.receipt import Receipt
from rag.config import Settings
from rag.errors import ClusterError
from rag.models.embedder import load_embedder
from rag.store import Collection
from rag.store.whole import Whole
from rag.types import EmbedderInfo
from tests.documents import encrypted_pdf, pdf
from tests.ray_nodes import RayNodes
from tests.real.test_offline import beyond_loopback
from tests.tiny_bert import save_tiny_bert

pytest.importorskip("ray", reason="Ray is not installed: make setup")

WORDS = ("valve", "heron", "ledger", "pump", "clause", "rent", "notice", "quorum", "harbour", "fee")
DOCUMENTS = 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny_bert(folder, ["<s>", "<pad>", "</s>", "<unk>", *WORDS, "."], positions=128)
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PLUMB_")}
    home = tmp_path_factory.mktemp("node-home")
    started = RayNodes((1, 1), {**environ, "PLUMB_HOME": str(home)})
    yield started
    started.close()


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")


@pytest.fixture
def tiny(settings: Settings, model: Path) -> Settings:
    return Settings.model_validate({**settings.model_dump(), "embedder": {"model": str(model)}})


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of some chunks each, one twice, and two that cannot be read."""
    folder = tmp_path_factory.mktemp("shelf")
    dice = random.Random(7)
    for number in range(DOCUMENTS):
        sentences = (" ".join(dice.choices(WORDS, k=9)) for _ in range(60))
        (folder / f"{number:02}.txt").write_text(" . ".join(sentences))
    (folder / "same.txt").write_bytes((folder / "00.txt").read_bytes())
    (folder / "paper.pdf").write_bytes(pdf(["The valve of the pump.", "The rent of the harbour."]))
    (folder / "locked.pdf").write_bytes(encrypted_pdf("heron", "secret"))
    (folder / "blank.txt").write_bytes(b" \n")
    return folder


def held(collection: Collection) -> dict[str, Whole]:
    """All of each document by its id."""
    ids = [info.document_id for info in collection.documents()]
    found = {key: collection.whole(key) for key in ids}
    return {key: whole for key, whole in found.items() if whole is not None}


def assert_same(one: Mapping[str, Whole], other: Mapping[str, Whole]) -> None:
    """Vectors may differ in the last digit that is kept: sums depend on what is in a batch."""
    assert one.keys() == other.keys()
    for key, whole in one.items():
        assert without_vectors(whole) == without_vectors(other[key])
        np.testing.assert_allclose(vectors(whole), vectors(other[key]), atol=2e-3)


def without_vectors(whole: Whole) -> tuple[object, ...]:
    places = [(place.path, place.name) for place in whole.places]
    chunks = [(one.chunk, one.language) for one in whole.chunks]
    return whole.media_type, whole.pages, places, chunks


def vectors(whole: Whole) -> NDArray[np.float16]:
    kept = b"".join(one.vector for one in whole.chunks)
    return np.frombuffer(kept, "<f2")


def told(receipt: Receipt) -> Receipt:
    """A receipt without what differs from run to run."""
    return replace(receipt, seconds=0.0)


def test_a_node_killed_in_the_middle_loses_nothing(
    cluster: RayNodes, shelf: Path, tiny: Settings
) -> None:
    embedder = load_embedder(tiny)
    with Collection.open(tiny, "here", embedder.info, create=True) as collection:
        receipt = ingest([shelf], collection, embedder, tiny)
        alone, documents = told(receipt), held(collection)
    killed_at: list[int] = []
    elsewhere: set[str] = set()

    def kill(progress: Progress) -> None:
        if progress.stage == "embed" and not killed_at:
            elsewhere.update(beyond_loopback(psutil.Process(cluster.pid)))
            killed_at.append(progress.files_done)
            cluster.kill_node()

    with (
        Collection.open(tiny, "there", embedder.info, create=True) as collection,
        connect(cluster.address, embedder.info, tiny) as workers,
    ):
        receipt = ingest([shelf], collection, embedder, tiny, kill, workers=workers)
        assert killed_at
        assert killed_at[0] < DOCUMENTS
        assert told(receipt) == alone
        assert not elsewhere
        assert_same(documents, held(collection))


def test_a_node_without_the_embedder_is_named(cluster: RayNodes, tiny: Settings) -> None:
    absent = tiny.model_copy(update={"embedder": Settings().embedder})
    info = EmbedderInfo("any", "0" * 64, 32)
    with pytest.raises(ClusterError, match=r"is not here: fetch it with `plumb models pull"):
        take_for_ever(cluster.address, info, absent)


def take_for_ever(address: str, info: EmbedderInfo, settings: Settings) -> None:
    with connect(address, info, settings) as workers:
        while True:
            workers.take(wait=True)


def test_a_head_that_vanishes_leaves_whole_documents(
    cluster: RayNodes, shelf: Path, tiny: Settings
) -> None:
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.files_done >= 3 and progress.stage == "embed" and not killed:
            cluster.kill_head()
            killed.append(progress.files_done)

    embedder = load_embedder(tiny)
    with Collection.open(tiny, "cut", embedder.info, create=True) as collection:
        with (
            pytest.raises(ClusterError, match="run the same command again") as caught,
            connect(cluster.address, embedder.info, tiny) as workers,
        ):
            ingest([shelf], collection, embedder, tiny, kill, workers=workers)
        assert killed
        stored = len(collection.documents())
        assert 0 < stored < DOCUMENTS
        assert f"{stored} document" in str(caught.value)
        receipt = ingest([shelf], collection, embedder, tiny)
        assert receipt.counts["added"] == DOCUMENTS + 1 - stored
    with (
        pytest.raises(ClusterError, match="no Ray head answers"),
        connect(cluster.address, embedder.info, tiny),
    ):
        pass
