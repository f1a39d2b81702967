"""What is refused before and while a Ray cluster is used; no cluster is needed to see that."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from ingest.cluster import bridge, connect, node, spread
from ingest.cluster.messages import EmbedJob, Plan, ReadJob
from ingest.cluster.node import NodeEmbedder, Reply
from ingest.workers import Read
from rag.config import Settings
from rag.errors import ClusterError, ModelError, UsageError
from rag.types import EmbedderInfo
from tests.remote_servers import free_port
from tests.unit.test_cli_collections import plumb

INFO = EmbedderInfo("any", "ab" * 32, 8)


def refused(address: str, settings: Settings) -> None:
    with connect(address, INFO, settings):
        pytest.fail("it cannot be connected to")


@pytest.mark.parametrize("address", ["head", "head:", ":6379", "ray://head:10001", "head:99999"])
def test_what_is_no_address(address: str, settings: Settings) -> None:
    pytest.importorskip("ray")
    with pytest.raises(UsageError, match="give HOST:PORT"):
        refused(address, settings)


def test_ray_is_not_installed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cluster.workers.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'plumbline\[ray\]'"):
        refused("head:6379", settings)


def test_nobody_listens(settings: Settings) -> None:
    pytest.importorskip("ray")
    with pytest.raises(ClusterError, match=r"no Ray head answers at .*ray start --head"):
        refused(f"127.0.0.1:{free_port()}", settings)


def test_the_process_that_talks_to_ray_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("ingest.cluster.workers.serve", sys.exit)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ClusterError, match=r"the connection to Ray at .* broke"):
            refused(f"127.0.0.1:{port}", settings)


def test_a_head_that_listens_and_says_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("ingest.cluster.workers._CONNECT_S", 0.1)
    monkeypatch.setattr("ingest.cluster.workers._ENDING_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ClusterError, match="did not answer as a Ray head"):
            refused(f"127.0.0.1:{port}", settings)


def test_the_command_line_refuses_it(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    code, _ = plumb("ingest", str(tmp_path), "--ray", f"127.0.0.1:{free_port()}")
    assert code == 1
    assert not (home / "collections").exists()
    assert plumb("ingest", "--ray", "head:6379")[0] == 2
    assert plumb("ingest", str(tmp_path), "--watch", "--ray", "head:6379")[0] == 2


def test_a_head_is_gone_once_it_refuses_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 1.0, 5.0, 100.0))
    monkeypatch.setattr("ingest.cluster.bridge.time.monotonic", lambda: next(clock))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        head = bridge._Head(f"127.0.0.1:{listening.getsockname()[1]}")
        assert head.answers()
    assert not head.answers()
    with pytest.raises(ClusterError, match=r"the Ray head at 127\.0\.0\.1:\d+ is gone"):
        head.answers()


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (
            RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 2.59.0"),
            "Ray: 2.59.0 Install the same Ray and the same Python on every node",
        ),
        (ConnectionError("no raylet here"), r"ray start --address=head:6379 --num-cpus=0"),
    ],
)
def test_why_a_cluster_cannot_be_joined(
    raised: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray")

    def refuse(**_: object) -> None:
        raise raised

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(ClusterError, match=told):
        bridge._join("head:6379")


@pytest.mark.parametrize(
    ("cores", "gpus", "embedders", "threads", "readers"),
    [(1, 0, 1, 1, 1), (2, 0, 1, 2, 1), (8, 0, 1, 8, 4), (32, 0, 4, 8, 16), (16, 4, 4, 4, 8)],
)
def test_how_a_node_is_shared(
    cores: int, gpus: int, embedders: int, threads: int, readers: int
) -> None:
    share = spread._Share.of(cores, gpus)
    assert (share.embedders, share.threads, share.readers) == (embedders, threads, readers)
    assert share.embedders * share.reserved + share.readers <= max(cores, 1)


@pytest.fixture
def spreading(settings: Settings) -> spread.Spread:
    pytest.importorskip("ray")
    plan = Plan("head:6379", settings.ingest, settings.embedder, INFO, node.code_digest())
    return spread.Spread(plan)


def test_a_node_with_other_code_or_another_embedder_is_named(spreading: spread.Spread) -> None:
    with pytest.raises(ClusterError, match="node n7 runs another Plumbline"):
        spreading._checked(Reply("0" * 64, "n7", None))
    embedder = spread._Embedder(None, "id", "n7")
    with pytest.raises(ClusterError, match="node n7: pull it there"):
        spreading._is_loaded(embedder, ModelError("pull it"), "n7")
    other = EmbedderInfo("any", "cd" * 32, 8)
    with pytest.raises(ClusterError, match=r"node n7 has another embedder: .* digest cdcdcdcdcdcd"):
        spreading._is_loaded(embedder, other, "n7")
    assert not embedder.is_ready
    spreading._is_loaded(embedder, INFO, "n7")
    assert embedder.is_ready


def test_what_is_lost_again_and_again_is_given_up(spreading: spread.Spread) -> None:
    file = spread._Try(ReadJob(3, b"x", Path("trap.pdf")), begun=1)
    assert spreading._again(file) is None
    file.begun = spread._TRIES
    done = spreading._again(file)
    assert isinstance(done, Read)
    assert "trap.pdf cannot be read: the process that reads it" in str(done.outcome)
    with pytest.raises(ClusterError, match="ended 5 times over the same 0 chunks"):
        spreading._again(spread._Try(EmbedJob(4, ()), begun=spread._TRIES))


def test_a_node_reads_as_this_machine_does(settings: Settings) -> None:
    reply = node.read_file(b"The valve.", Path("a.txt"), settings.ingest)
    assert reply.code == node.code_digest()
    assert reply.value.document.pages[0].text == "The valve."


def test_a_node_tells_that_it_lacks_the_model(home: Path, settings: Settings) -> None:
    reply = NodeEmbedder().load(settings.embedder, 1)
    assert isinstance(reply.value, ModelError)
    assert "plumb models pull" in str(reply.value)
