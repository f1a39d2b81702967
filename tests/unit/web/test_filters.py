"""Which documents a question is asked of."""

from __future__ import annotations

from dataclasses import replace

from rag.store.where import fields_of
from tests.markup import EVIL, Tree
from tests.web_fakes import document
from web.filters import Only, choices, only
from web.render_filters import asked_of, fields, filter_button
from web.texts_filters import EN, ZH

TAGGED = replace(document("a.md"), metadata={"tags": ["law", EVIL], "date": "2026-02-03T10:00"})


def holds(chosen: Only) -> bool:
    where = chosen.where()
    assert where is not None
    return where.holds(fields_of("a.md", "/a.md", "text/markdown", TAGGED.metadata))


def test_a_choice_becomes_a_filter() -> None:
    assert Only().where() is None
    assert holds(Only(document="a.md", tag="LAW", since="2026-02-03", until="2026-02-03"))
    assert holds(Only(tag=EVIL))
    assert not holds(Only(document="b.md"))
    assert not holds(Only(since="2026-02-04"))
    assert not holds(Only(until="2026-02-02"))


def test_what_the_browser_says_is_read_with_care() -> None:
    assert only('{"tag": "law"}') == Only(tag="law")
    for wrong in ("", "{", "[]", '{"tag": 3}', '{"tag": "' + "x" * 5000):
        assert only(wrong) == Only()


def test_there_are_fields_for_what_documents_have() -> None:
    found = choices([TAGGED, document("b.md")])
    tree = Tree(fields(found, ZH))
    assert [one["name"] for one in tree.all("select")] == ["document", "tag"]
    assert [one["name"] for one in tree.all("input")] == ["since", "until"]
    assert EVIL in [one["value"] for one in tree.all("option")]
    assert not tree.all("script")
    assert not Tree(fields(choices([document()]), EN)).all("input")
    assert Tree(filter_button(EVIL, EN)).all("div", "pl-filters")[0]["data-collection"] == EVIL
    assert asked_of(Only(), EN) == ""
    assert "Tag: law" in asked_of(Only(tag="law"), EN)
