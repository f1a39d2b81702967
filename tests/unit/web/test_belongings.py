"""A collection renamed and removed with all that refers to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError, UsageError
from rag.models import embedder as embedder_module
from rag.store import Collection, list_collections
from rag.store.folder import collection_folder, write_lock
from tests.fakes import FakeEmbedder
from tests.web_fakes import answer
from web.access.store import AccessStore
from web.belongings import Belongings, belongings, create, forget_documents, remove, rename
from web.command_collections import app
from web.conversations import REMOVED_COLLECTION, Conversations
from web.exchange import Exchange
from web.feedback import Entry, Feedback

TALK = "a" * 12


@pytest.fixture
def shelf(settings: Settings, embedder: FakeEmbedder) -> Settings:
    """A collection of one upload that a conversation, an opinion and a grant refer to."""
    with Collection.open(settings, "shelf", embedder.info, create=True) as opened:
        (opened.folder / "uploads").mkdir()
        (upload := opened.folder / "uploads" / "key.txt").write_text("The key lies with Mara.")
        ingest([upload.resolve()], opened, embedder, settings)
    home = settings.home_dir
    about = Exchange("Who has it?", answer(), collection="shelf")
    talks = Conversations(home)
    talks.put("ann", TALK, 1, about)
    talks.put("ann", TALK, 2, replace(about, collection="other"))
    talks.close()
    entry = Entry("2026-01-01", 1, "", "", (), about)
    Feedback(home).put("ann", TALK, 1, entry)
    access = AccessStore(home)
    access.users.add("ann", None)
    access.users.grant("ann", "shelf", "reader")
    access.users.grant("ann", "desk", "admin")
    access.close()
    return settings


def test_all_that_refers_to_a_collection_follows_its_name(shelf: Settings) -> None:
    assert belongings(shelf, "shelf") == Belongings(1, 23, 1, 1, 1, 1)
    rename(shelf, "shelf", "desk")
    assert list_collections(shelf) == ["desk"]
    assert belongings(shelf, "desk") == Belongings(1, 23, 1, 1, 1, 1)
    talks = Conversations(shelf.home_dir)
    assert [one.collection for one in talks.exchanges("ann", TALK)] == ["desk", "other"]
    talks.close()
    access = AccessStore(shelf.home_dir)
    identity = access.users.identity("ann")
    assert identity is not None
    assert identity.grants == {"desk": "reader"}  # what was granted for the name before is gone
    access.close()
    with Collection.open(shelf, "desk") as opened:
        (info,) = opened.documents()
        assert Path(info.path).read_text() == "The key lies with Mara."
        opened.remove(info.document_id)
        assert not Path(info.path).exists()


def test_a_collection_goes_with_what_quotes_it(shelf: Settings) -> None:
    remove(shelf, "shelf")
    talks = Conversations(shelf.home_dir)
    first, second = talks.exchanges("ann", TALK)
    assert (first.question, first.answer, first.problem) == (
        "Who has it?",
        None,
        REMOVED_COLLECTION,
    )
    assert second.answer is not None
    talks.close()
    assert not Feedback(shelf.home_dir).listed("ann")
    assert b"14 days" not in (shelf.home_dir / "feedback.db").read_bytes()
    with pytest.raises(CollectionError, match="there is no collection"):
        belongings(shelf, "shelf")


def test_what_quotes_a_removed_document_goes(shelf: Settings) -> None:
    cited = answer().hits[0].chunk.document_id
    feedback = Feedback(shelf.home_dir)
    forget_documents(shelf, "shelf", ["another"])
    assert feedback.count("shelf") == 1
    forget_documents(shelf, "shelf", [cited])
    assert feedback.count("shelf") == 0
    assert belongings(shelf, "shelf").answers == 0


def test_what_cannot_be_renamed_stays(shelf: Settings, embedder: FakeEmbedder) -> None:
    create(shelf, "desk", embedder.info)
    for new, wrong in (("desk", "already"), ("../desk", "cannot name"), ("", "cannot name")):
        with pytest.raises(UsageError, match=wrong):
            rename(shelf, "shelf", new)
    with pytest.raises(UsageError, match="already"):
        create(shelf, "desk", embedder.info)
    with pytest.raises(CollectionError, match="no collection"):
        rename(shelf, "none", "other")
    with write_lock(collection_folder(shelf, "shelf")), pytest.raises(CollectionBusy):
        rename(shelf, "shelf", "other")
    assert list_collections(shelf) == ["desk", "shelf"]


def test_the_commands_say_what_goes(
    shelf: Settings, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder_module, "load_embedder", lambda _: embedder)
    run = CliRunner().invoke
    assert run(app, ["new", "desk"]).stdout == "desk: made\n"
    assert run(app, ["rename", "shelf", "table"]).stdout == "shelf: now table\n"
    asked = run(app, ["remove", "table"], input="n\n")
    assert asked.exit_code == 1
    assert "1 documents (1 of them uploaded" in asked.stdout
    assert run(app, ["remove", "table", "--yes"]).stdout == "table: removed\n"
    assert list_collections(shelf) == ["desk"]
