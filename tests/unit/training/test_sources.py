"""The training sets read into one shape, from small files like them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.sources import HELD_OUT_TITLES, Paragraph, read_claims, read_sources, read_squad


def entry(context: str, *asked: tuple[str, str | None], shift: int = 0) -> dict[str, Any]:
    """A paragraph of a SQuAD file; an answer of None is impossible. `shift` moves the stated
    places."""
    questions = []
    for question, answer in asked:
        if answer is None:
            questions.append({"question": question, "answers": [], "is_impossible": True})
        else:
            at = context.index(answer) + shift
            questions.append({"question": question, "answers": [{"text": answer,
                                                                 "answer_start": at}]})  # fmt: skip
    return {"context": context, "qas": questions}


def squad(folder: Path, name: str, **articles: list[dict[str, Any]]) -> Path:
    data = [{"title": title, "paragraphs": entries} for title, entries in articles.items()]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"data": data}, ensure_ascii=False), encoding="utf-8")
    return path


LIGHTHOUSE = "The lighthouse at Reed Point was built in 1871. Anna Moll kept it."


def only(path: Path) -> Paragraph:
    (paragraph,) = read_squad(path)
    return paragraph


def test_a_paragraph_has_its_sentences_and_questions_with_the_answers_places(
    tmp_path: Path,
) -> None:
    asked = entry(LIGHTHOUSE, (" When was it built? ", "1871"), ("Who painted it?", None))
    paragraph = only(squad(tmp_path, "squad2_en", Light=[asked]))
    assert (paragraph.source, paragraph.article) == ("squad2_en", "squad2_en/Light")
    assert paragraph.language == "en"
    assert [LIGHTHOUSE[start:end] for start, end in paragraph.sentences] == [
        "The lighthouse at Reed Point was built in 1871.",
        "Anna Moll kept it.",
    ]
    when, who = paragraph.questions
    assert when.text == "When was it built?"
    assert when.answer is not None
    assert LIGHTHOUSE[slice(*when.answer)] == "1871"
    assert who.answer is None


def test_text_is_folded_and_the_answer_is_found_again(tmp_path: Path) -> None:
    """NFKC writes the ligature and the ellipsis with more characters, so all places shift."""
    context = "ﬁve … ﬁve 臺灣的５號。 It is five."
    paragraph = only(squad(tmp_path, "drcd_dev", t=[entry(context, ("哪裡？", "臺灣"))]))
    assert paragraph.text.startswith("five ... five 台湾的5号。")
    (question,) = paragraph.questions
    assert question.text == "哪里?"
    assert question.answer is not None
    assert paragraph.text[slice(*question.answer)] == "台湾"


def test_of_several_places_the_one_nearest_to_the_stated_is_meant(tmp_path: Path) -> None:
    context = "Five ships left. After a long storm five ships came back."
    asked = entry(context, ("How many came back?", "five ships came"))
    asked["qas"][0]["answers"][0]["text"] = "ships"
    paragraph = only(squad(tmp_path, "squad2_en", t=[asked]))
    assert paragraph.questions[0].answer == (context.rindex("ships"), context.rindex("ships") + 5)


def test_an_answer_that_does_not_stand_there_is_no_question(tmp_path: Path) -> None:
    asked = entry(LIGHTHOUSE, ("When?", "1871"))
    asked["qas"][0]["answers"][0]["text"] = "1999"
    assert only(squad(tmp_path, "squad2_en", t=[asked])).questions == ()


def test_an_empty_paragraph_is_left_out(tmp_path: Path) -> None:
    assert list(read_squad(squad(tmp_path, "squad2_en", t=[entry(" \n")]))) == []


@pytest.mark.parametrize("title", ["Warsaw", "华沙"])
def test_the_named_articles_are_held_out_in_both_languages(title: str, tmp_path: Path) -> None:
    assert title in HELD_OUT_TITLES
    path = squad(tmp_path, "squad2_en", **{title: [entry(LIGHTHOUSE)], "Other": [entry("A. B.")]})
    assert [paragraph.held_out for paragraph in read_squad(path)] == [True, False]


def test_of_the_other_sets_whole_articles_are_held_out_by_hash(tmp_path: Path) -> None:
    articles = {f"article {n}": [entry("A."), entry("B.")] for n in range(300)}
    read = list(read_squad(squad(tmp_path, "drcd_dev", **articles)))
    held = {p.article for p in read if p.held_out}
    assert 10 < len(held) < 40
    assert not held & {p.article for p in read if not p.held_out}


def claim(text: str, marks: list[bool], chosen: list[list[int]]) -> dict[str, Any]:
    return {
        "claim": text,
        "claim_tokens": text.split(" "),
        "non_supported_spans": marks,
        "evidence": ["It was built in 1871.", "Unrelated.", "Anna kept it."],
        "supporting_sentences": chosen,
    }


def test_claims_carry_what_their_evidence_does_not_support(tmp_path: Path) -> None:
    path = tmp_path / "wice.jsonl"
    rows = [
        claim("It was built in 1872 .", [False] * 4 + [True, False], [[0], [2, 0]]),
        claim("Anna kept it .", [False] * 4, [[2]]),
        claim("Nothing .", [True, False], []),
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    wrong, right = read_claims(path)
    assert wrong.evidence == ("It was built in 1871.", "Anna kept it.")
    assert [wrong.text[slice(*span)] for span in wrong.spans] == ["1872"]
    assert right.spans == ()


def test_what_is_there_is_read_and_split_in_two(tmp_path: Path) -> None:
    nothing = read_sources(tmp_path)
    assert (nothing.paragraphs, nothing.claims) == ((), ())
    squad(tmp_path, "squad2_en", Warsaw=[entry(LIGHTHOUSE)], Other=[entry("A. B.")])
    squad(tmp_path, "policyqa_dev", p=[entry("Your data stay here.")])
    (tmp_path / "wice_non_supported_tokens_train.jsonl").write_text(
        json.dumps(claim("Anna kept it .", [False] * 4, [[2]]))
    )
    sources = read_sources(tmp_path)
    assert [p.source for p in sources.paragraphs] == ["squad2_en", "squad2_en", "policyqa_dev"]
    kept, held = sources.split(held_out=False), sources.split(held_out=True)
    assert {*kept.paragraphs, *held.paragraphs} == set(sources.paragraphs)
    assert not {*kept.paragraphs} & {*held.paragraphs}
    assert len(kept.claims) + len(held.claims) == 1
    assert all(p.held_out for p in held.paragraphs)
