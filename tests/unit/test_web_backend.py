from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from langchain_core.outputs import ChatGenerationChunk

import rag.models.generator
import rag.tools
from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import CollectionError, ModelError, QuestionError, UsageError
from rag.models.crossinput import Pair, Scores
from rag.models.generator import Generator
from rag.store import Collection, parse_where, remove_collection
from rag.types import Done
from tests.fakes import FakeChat, FakeEmbedder
from web.backend import LocalBackend
from web.work import Reading, Step, Upload

TEXT = "The spare key of the workshop lies with the porter. Lathes are oiled once a fortnight."


class Agreeable:
    """Supports everything."""

    name = "agreeable"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        return [1.0] * len(claims)


class Sure:
    """An encoder that is sure that every text answers."""

    def score(self, pairs: Sequence[Pair]) -> Scores:
        sure = np.full(len(pairs), 8.0)
        return Scores(sure, sure, -sure, sure)


@pytest.fixture
def closed() -> list[str]:
    return []


@pytest.fixture
def backend(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, closed: list[str]
) -> Iterator[LocalBackend]:
    chat = FakeChat(replies=["The spare key lies with the porter."])
    generator = Generator("fake-1b", None, chat, lambda: closed.append("generator"))
    monkeypatch.setattr(rag.tools, "load_embedder", lambda _: FakeEmbedder())
    monkeypatch.setattr(rag.models.generator, "open_generator", lambda _: generator)
    monkeypatch.setattr(rag.tools, "load_scorer", lambda *_: Agreeable())
    monkeypatch.setattr(rag.tools, "open_pairs", lambda _: Sure())
    steps: list[Step] = []
    backend = LocalBackend(settings)
    backend.load(steps.append)
    assert steps == ["embedder", "scorer", "generator"]
    yield backend
    backend.close()
    backend.close()
    assert closed == ["generator"]


def upload(folder: Path, name: str, text: str) -> Upload:
    path = folder / f"{name}.tmp"
    path.write_text(text, encoding="utf-8")
    return Upload(name, path)


def take(backend: LocalBackend, *uploads: Upload) -> list[str]:
    seen: list[Reading] = []
    outcomes = backend.ingest("default", uploads, seen.append)
    assert seen
    assert [outcome.name for outcome in outcomes] == [upload.name for upload in uploads]
    return [outcome.change for outcome in outcomes]


def ask(backend: LocalBackend, collection: str = "default") -> Done:
    *_, last = backend.stream(collection, "Where is the spare key of the workshop?", ())
    assert isinstance(last, Done)
    return last


def test_from_an_upload_to_a_cited_answer(backend: LocalBackend, tmp_path: Path) -> None:
    assert take(backend, upload(tmp_path, "key.txt", TEXT)) == ["added"]
    answer = ask(backend).answer
    assert answer.answer == "The spare key lies with the porter."
    (sentence,) = answer.sentences
    assert [citation.document for citation in sentence.citations] == ["key.txt"]
    assert answer.models["generator"] == "fake-1b"


def test_an_upload_of_the_same_name_replaces(
    backend: LocalBackend, settings: Settings, tmp_path: Path
) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    assert take(backend, upload(tmp_path, "key.txt", TEXT + " More.")) == ["replaced"]
    assert take(backend, upload(tmp_path, "key.txt", TEXT + " More.")) == ["unchanged"]
    (info,) = backend.documents("default")
    assert Path(info.path).read_text(encoding="utf-8") == TEXT + " More."
    held, file = backend.file("default", info.document_id)
    with file:
        assert (held, file.read().decode()) == (info, TEXT + " More.")
    Path(info.path).unlink()
    with pytest.raises(CollectionError, match="removed"):
        backend.file("default", info.document_id)


def test_a_bad_upload_leaves_what_was_there(backend: LocalBackend, tmp_path: Path) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    (before,) = backend.documents("default")
    assert take(backend, upload(tmp_path, "key.txt", ""))[0] in ("failed", "skipped")
    assert backend.documents("default") == [before]
    assert Path(before.path).read_text(encoding="utf-8") == TEXT


def test_removal_takes_the_upload_off_the_disk_but_no_other_file(
    backend: LocalBackend, settings: Settings, tmp_path: Path
) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    (info,) = backend.documents("default")
    assert backend.remove("default", info.document_id) == info
    assert not Path(info.path).exists()
    assert backend.documents("default") == []
    with pytest.raises(CollectionError):
        backend.remove("default", info.document_id)

    from ingest.pipeline import ingest

    (own := tmp_path / "own.txt").write_text(TEXT)
    with Collection.open(settings, "default") as collection:
        ingest([own], collection, FakeEmbedder(), settings)
    (info,) = backend.documents("default")
    backend.remove("default", info.document_id)
    assert own.exists()


def test_passages_are_searched_and_pages_read(backend: LocalBackend, tmp_path: Path) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    (hit, *_) = backend.search("default", "spare key", 3)
    assert hit.chunk.text in TEXT
    named, other = parse_where(["name = key.txt"]), parse_where(["name = lock.txt"])
    assert backend.search("default", "spare key", 3, named)[0] == hit
    with pytest.raises(CollectionError, match="name = lock"):
        backend.search("default", "spare key", 3, other)
    with pytest.raises(CollectionError, match="name = lock"):
        backend.explain("default", "Where is the spare key?", "key", other)
    (page,) = backend.pages("default", hit.chunk.document_id, [1])
    assert page.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
    with pytest.raises(CollectionError, match="no page 2"):
        backend.pages("default", hit.chunk.document_id, [1, 2])
    with pytest.raises(QuestionError):
        backend.search("default", " ", 3)
    with pytest.raises(CollectionError, match="no documents yet"):
        backend.search("law", "spare key", 3)


def test_a_collection_still_to_be_made_is_empty_and_says_so(backend: LocalBackend) -> None:
    assert backend.collections() == ["default"]
    assert backend.documents("default") == []
    with pytest.raises(CollectionError, match="no documents yet"):
        ask(backend)


def test_a_collection_made_anew_is_opened_anew(
    backend: LocalBackend, settings: Settings, tmp_path: Path
) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    ask(backend)
    remove_collection(settings, "default")
    take(backend, upload(tmp_path, "other.txt", TEXT))
    assert {hit.document for hit in ask(backend).answer.hits} == {"other.txt"}


def test_explaining_finds_the_text(backend: LocalBackend, tmp_path: Path) -> None:
    take(backend, upload(tmp_path, "key.txt", TEXT))
    report = backend.explain("default", "Where is the spare key?", "lies with the porter")
    assert report["verdict"]
    assert report["places"]


def test_closing_before_loading_is_harmless(settings: Settings) -> None:
    LocalBackend(settings).close()


def test_what_is_said_of_an_upload_is_kept_through_a_new_version_and_goes_with_it(
    backend: LocalBackend, settings: Settings, tmp_path: Path
) -> None:
    take(backend, upload(tmp_path, "keys.txt", TEXT), upload(tmp_path, "other.txt", "Oil."))
    where = parse_where(["tags = workshop"])
    with pytest.raises(CollectionError, match="no document"):
        backend.search("default", "Where is the key?", 5, where)
    (info,) = [one for one in backend.documents("default") if one.name == "keys.txt"]
    said = {"tags": ["workshop", 'a "b"'], "date": "2026-01-31", "pages of": 3}
    assert backend.describe("default", info.document_id, said).metadata == said
    found = backend.search("default", "Where is the key?", 5, where)
    assert {hit.document for hit in found} == {"keys.txt"}
    assert take(backend, upload(tmp_path, "keys.txt", f"{TEXT} New.")) == ["replaced"]
    (info,) = [one for one in backend.documents("default") if one.name == "keys.txt"]
    assert info.metadata == said
    backend.remove("default", info.document_id)
    uploads = settings.collections_dir / "default" / "uploads"
    assert [path.name for path in uploads.iterdir()] == ["other.txt"]
    with pytest.raises(CollectionError, match="holds no document"):
        backend.describe("default", info.document_id, said)


def test_what_lies_elsewhere_is_described_there(
    backend: LocalBackend, settings: Settings, tmp_path: Path
) -> None:
    (note := tmp_path / "note.txt").write_text(TEXT)
    embedder = FakeEmbedder()
    with Collection.open(settings, "default", embedder.info, create=True) as opened:
        ingest([note], opened, embedder, settings)
        (info,) = opened.documents()
    with pytest.raises(UsageError, match=r"note.txt\.meta\.toml"):
        backend.describe("default", info.document_id, {"tags": ["x"]})


def test_a_language_model_that_died_is_started_again_and_that_is_told(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: list[str]
) -> None:
    take(backend, upload(tmp_path, "keys.txt", TEXT))
    alive = True

    class Dying(FakeChat):
        def _stream(self, *given: object, **more: object) -> Iterator[ChatGenerationChunk]:
            raise ModelError("the model does not answer")

    dead = Generator("fake", None, Dying(), lambda: closed.append("dead"), lambda: alive)
    models = backend._loaded()
    monkeypatch.setattr(backend, "_models", replace(models, generator=dead))
    with pytest.raises(ModelError, match="does not answer"):
        ask(backend)
    alive = False
    anew = Generator("fake", None, FakeChat(replies=["The spare key lies with the porter."]))
    monkeypatch.setattr(rag.models.generator, "open_generator", lambda _: anew)
    with pytest.raises(ModelError, match="started again"):
        ask(backend)
    assert closed == ["dead"]
    assert "porter" in ask(backend).answer.answer
    closed.clear()
