from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from rag.checking.reasons import tell
from rag.errors import CollectionBusy
from rag.types import Answer, Reason, Sentence, Status
from tests.markup import EVIL, Tree
from tests.web_fakes import answer, citing, document, hit
from web import render, render_documents
from web.engine import Readiness
from web.exchange import Exchange
from web.texts import EN, ZH, Texts, counted, texts
from web.texts_source import source_texts
from web.texts_talk import talk_texts
from web.work import FileOutcome, Reading


def test_the_parser_sees_what_it_must() -> None:
    tree = Tree("<p><script>x</script><b class='a c'>y</b></p>")
    assert len(tree.all("script")) == 1
    assert len(tree.all("b", "c")) == 1


def shown(given: Answer, t: Texts = EN) -> Tree:
    return Tree(render.finished(Exchange(given.question, given), 3, t))


def test_every_citation_button_knows_its_place_and_its_words() -> None:
    given = replace(Exchange("q", answer()), collection="law")
    tree = Tree(render.finished(given, 3, EN))
    assert [card["id"] for card in tree.all("section", "pl-card")] == ["pl-x3-s1", "pl-x3-s2"]
    (button,) = tree.all("button", "pl-cite")
    assert button["aria-label"] == "Source 1: travel.md, page 2"
    assert button["data-quote"] == "paid back within 14 days"
    start = 100 + hit().chunk.text.index("paid back")
    assert json.loads(button["data-place"] or "") == {
        "collection": "law",
        "document": "id-travel.md",
        "page": 2,
        "spans": [[start, start + 24]],
        "quotes": ["paid back within 14 days"],
        "number": "1",
    }


def test_a_passage_that_is_not_cited_opens_too() -> None:
    cited, other = shown(answer()).all("button", "pl-open-source")
    assert json.loads(cited["data-place"] or "")["quotes"] == ["paid back within 14 days"]
    place = json.loads(other["data-place"] or "")
    assert (place["document"], place["spans"]) == ("id-other.md", [[0, len("Nothing of use.")]])
    assert place["number"] == ""


def test_the_cited_words_are_marked_for_their_sentence() -> None:
    markup = render.finished(Exchange("q", answer()), 1, EN)
    assert '<mark data-sentences="1">paid back within 14 days</mark>' in markup


def test_several_quotes_of_one_passage_share_a_button() -> None:
    found = hit()
    text = "Two things."
    both = (citing(found, "140 euros"), citing(found, "14 days"))
    given = replace(
        answer(),
        answer=text,
        sentences=(Sentence(text, 0, len(text), "supported", 0.9, both),),
        hits=(found,),
    )
    tree = shown(given)
    assert len(tree.all("button", "pl-cite")) == 1
    assert [mark["data-sentences"] for mark in tree.all("mark")] == ["1", "1"]


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_each_sentence_shows_its_verdict_by_form_and_word(t: Texts) -> None:
    tree = shown(answer(), t)
    told = source_texts(t.language)
    assert [s["title"] for s in tree.all("span", "pl-sentence")] == [t.supported, t.unsupported]
    assert f"✓ {told.supported}" in tree.text
    assert f"✗ {told.missing}" in tree.text
    assert told.count.format(count=1, verdict=told.missing) in tree.text


def test_a_sentence_that_is_partly_supported_says_so() -> None:
    weak = Sentence("One.", 0, 4, "partly", 0.3, (), Reason("weak"))
    tree = shown(replace(answer(), answer="One.", sentences=(weak,)))
    assert "◐ partly supported" in tree.text
    assert len(tree.all("span", "pl-is-partly")) == 2


def test_tables_are_shown_as_tables_in_answers_and_passages() -> None:
    text = "Limits:\n| Place | Limit |\n| --- | --- |\n| Paris | 140 |\n"
    found = hit(text)
    quote = citing(found, "| Paris | 140 |")
    said = (
        Sentence("Limits:", 0, 7, "no_claim", 0.0, ()),
        Sentence("| Paris | 140 |", len(text) - 16, len(text) - 1, "supported", 0.9, (quote,)),
    )
    tree = shown(replace(answer(), answer=text, sentences=said, hits=(found,)))
    assert len(tree.all("table")) == 2
    assert len(tree.all("th")) == 4
    assert len(tree.all("button", "pl-cite")) == 1
    assert len(tree.all("mark")) == 2
    assert "|" not in tree.text


def test_the_answer_is_shown_whole_with_what_is_between_sentences() -> None:
    text = "- One.\n- Two."
    given = replace(
        answer(),
        answer=text,
        sentences=(
            Sentence("One.", 2, 6, "no_claim", 0.0, ()),
            Sentence("Two.", 9, 13, "no_claim", 0.0, ()),
        ),
        hits=(),
    )
    assert text in shown(given).text


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("status", ["grounded", "partly_grounded", "abstained"])
def test_the_badge_says_the_status(status: Status, t: Texts) -> None:
    tree = shown(replace(answer(), status=status), t)
    assert len(tree.all("span", f"pl-{status}")) == 1
    assert getattr(t, status) in tree.text


def test_an_abstention_shows_the_nearest_passages_openly() -> None:
    text = "The documents do not say."
    given = replace(
        answer(),
        answer=text,
        status="abstained",
        sentences=(Sentence(text, 0, len(text), "no_claim", 0.0, ()),),
    )
    tree = shown(given)
    assert EN.nearest in tree.text
    assert EN.abstained_help in tree.text
    assert len(tree.all("section", "pl-card")) == 2
    assert not tree.all("details", "pl-others")


def test_passages_that_are_not_cited_are_folded_away() -> None:
    assert EN.other_passages.format(count=1) in shown(answer()).text


def test_the_stand_alone_question_is_shown_only_where_it_differs() -> None:
    assert EN.searched_for not in shown(answer("What is it?")).text
    follow_up = shown(answer("And in 2024?", searched="What was it in 2024?"))
    assert "What was it in 2024?" in follow_up.text


def test_dropped_sentences_are_listed() -> None:
    left_out = (Sentence("Mars is red.", 0, 12, "unsupported", 0.0, ()),)
    tree = shown(replace(answer(), dropped=left_out))
    assert "Mars is red." in tree.text
    assert EN.dropped.format(count=1) in tree.text


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_the_reason_for_no_answer_and_for_what_was_left_out_is_told(t: Texts) -> None:
    left_out = Sentence(EVIL, 0, len(EVIL), "unsupported", 0.1, (), Reason("name", EVIL))
    unsure = Reason("unsure", "30% < 50%")
    tree = shown(replace(answer(), status="abstained", reason=unsure, dropped=(left_out,)), t)
    assert tell(unsure, t.language) in tree.text
    assert all(one in tree.text for one in source_texts(t.language).tries["unsure"])
    assert tell(Reason("name", EVIL), t.language) in tree.text
    assert not tree.all("script")


def test_a_sentence_says_why_it_is_not_supported_or_that_it_is_not_checked() -> None:
    text = "One. Two."
    reason = Reason("number", "36")
    told = (
        Sentence("One.", 0, 4, "unsupported", 0.1, (), reason),
        Sentence("Two.", 5, 9, "unchecked", 0.0, ()),
    )
    tree = shown(replace(answer(), answer=text, sentences=told))
    titles = [s["title"] for s in tree.all("span", "pl-sentence")]
    assert titles == [f"{EN.unsupported}. {tell(reason, 'en')}", EN.unchecked]


def test_the_copy_holds_the_answer_and_its_numbered_sources() -> None:
    (button,) = shown(answer()).all("button", "pl-copy")
    copied = button["data-copy"] or ""
    assert copied.startswith("They are paid back within 14 days. [1] The sun is a star.")
    assert copied.endswith("[1] travel.md, page 2: “paid back within 14 days”")


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_no_text_becomes_markup(t: Texts) -> None:
    found = hit(EVIL, document=EVIL)
    quote = citing(found, EVIL[:30])
    given = Answer(
        question=EVIL,
        standalone_question=EVIL + "?",
        answer=EVIL,
        status="grounded",
        sentences=(Sentence(EVIL, 0, len(EVIL), "supported", 1.0, (quote,)),),
        hits=(found, hit(EVIL, "b", 1, 0)),
        dropped=(Sentence(EVIL, 0, len(EVIL), "unsupported", 0.0, ()),),
        models={"generator": EVIL},
    )
    for markup in (
        render.finished(Exchange(EVIL, given), 1, t),
        render.finished(Exchange(EVIL, problem=EVIL), 1, t),
        render.pending(EVIL, 1, EVIL, EVIL, t),
        render_documents.document_list([document(EVIL)], t, EVIL),
        render_documents.receipt([FileOutcome(EVIL, "failed", EVIL, 0, 0, 0)], t),
        render_documents.in_progress(Reading(EVIL, 0, 1, 0.5), t),
        render_documents.readiness(Readiness("failed", "embedder", EVIL), t),
        render_documents.notice(EVIL),
        render_documents.problem(EVIL),
    ):
        tree = Tree(markup)
        assert not tree.all("script")
        assert not tree.all("img")
        assert not [a for _, a in tree.elements if any(name.startswith("on") for name in a)]


def test_a_very_long_question_is_shown_shortened() -> None:
    markup = render.finished(Exchange("x" * 100_000, problem="too long"), 1, EN)
    assert len(markup) < 5_000


def test_a_document_asks_before_it_goes() -> None:
    tree = Tree(render_documents.document_list([document()], EN, "law"))
    assert EN.remove_confirm in tree.text
    (yes,) = tree.all("button", "pl-yes")
    assert yes["data-document"] == "id-travel.md"


def test_a_document_is_previewed_and_replaced_where_it_was_uploaded() -> None:
    tree = Tree(render_documents.document_list([document()], EN, "law"))
    (preview,) = tree.all("button", "pl-preview")
    place = {"collection": "law", "document": "id-travel.md", "page": 1, "preview": True}
    assert json.loads(preview["data-place"] or "") == place
    assert not tree.all("button", "pl-replace")
    uploaded = replace(document(), path="/home/collections/law/uploads/travel.md")
    tree = Tree(render_documents.document_list([uploaded], EN, "law"))
    assert [button["data-name"] for button in tree.all("button", "pl-replace")] == ["travel.md"]


@pytest.mark.parametrize(("count", "told"), [(999, "999 B"), (1500, "2 kB"), (2_340_000, "2.3 MB")])
def test_sizes_are_told_as_people_read_them(count: int, told: str) -> None:
    assert render_documents.size(count) == told


def test_an_upload_says_at_which_step_it_is() -> None:
    for reading, step in (
        (None, 0),
        (Reading("a", 0, 1, 0.5), 1),
        (Reading("a", 0, 1, 1.0, "embed"), 2),
    ):
        items = Tree(render_documents.in_progress(reading, EN)).all("li")
        assert [number for number, item in enumerate(items) if "aria-current" in item] == [step]


def test_the_receipt_tells_what_is_missing() -> None:
    outcome = FileOutcome("a.pdf", "added", "", 3, 7, 0, ("page 2: a drawing",))
    assert "page 2: a drawing" in Tree(render_documents.receipt([outcome], EN)).text


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "1 question"),
        ("en", 0, "0 questions"),
        ("en", 2, "2 questions"),
        ("zh", 1, "1 个"),
    ],
)
def test_what_is_counted_is_told_in_its_number(language: str, count: int, told: str) -> None:
    assert counted(talk_texts(language).questions, count).startswith(told)
    assert counted(texts(language).empty_body, count).count("{") == 0


def test_pages_without_text_are_pointed_out() -> None:
    scanned = replace(document(), pages_without_text=2)
    assert "2 pages without text" in Tree(render_documents.document_list([scanned], EN, "law")).text


def test_the_receipt_says_why_a_file_failed_and_shows_no_counts_for_it() -> None:
    tree = Tree(
        render_documents.receipt([FileOutcome("a.pdf", "failed", "it is encrypted", 0, 0, 0)], EN)
    )
    assert "it is encrypted" in tree.text
    assert "–" in tree.text


def test_both_languages_say_everything_and_fill_in_the_same() -> None:
    import string

    def slots(value: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(value)} - {None}

    for field in fields(Texts):
        english, chinese = getattr(EN, field.name), getattr(ZH, field.name)
        if isinstance(english, str):
            assert english.strip()
            assert chinese.strip()
            assert slots(english) == slots(chinese), field.name
        elif field.name != "problems":  # errors speak English by themselves
            assert english.keys() == chinese.keys()


@pytest.mark.parametrize(("code", "wanted"), [("zh-CN", ZH), ("zh", ZH), ("en", EN), ("fr", EN)])
def test_the_language_follows_the_code(code: str, wanted: Texts) -> None:
    assert texts(code) is wanted


def test_an_error_is_told_in_the_pages_language_with_its_own_words() -> None:
    err = CollectionBusy("another program writes to 'papers'")
    assert texts("en").problem(err) == str(err)
    told = texts("zh").problem(err)
    assert told.startswith("这个文档集暂时不能用")
    assert str(err) in told
    assert texts("zh").problem(ValueError("x")) == "x"
