"""Word features of claims, and the numbers beneath them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.facts import Evidence, compare, is_negated, names, piece
from rag.text.quantities import agree, missing, quantities


def values(text: str) -> list[tuple[float, str]]:
    return [(q.value, q.unit) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("营收1,200万元", (12_000_000, "cny")),
        ("一千二百名员工", (1200, "people")),
        ("１２００人", (1200, "people")),
        ("二〇一九年", (2019, "year")),
        ("$3.5 million", (3_500_000, "usd")),
        ("twenty-five days", (25, "days")),
        ("约三十五亿", (3_500_000_000, "")),
        ("12.5％", (12.5, "%")),
        ("3050", (3050, "")),
        ("三千零五十", (3050, "")),
        ("十五天", (15, "days")),
        ("an increase of 7 percent", (7, "%")),
    ],
)
def test_numbers_are_read_however_written(text: str, expected: tuple[float, str]) -> None:
    assert values(text) == [expected]


def test_dates_are_read_alike_in_both_languages() -> None:
    english = quantities("24 October 1996")
    chinese = quantities("1996年10月24日")
    assert {q.value for q in english} == {q.value for q in chinese} == {24, 10, 1996}
    assert not missing(english, chinese)
    assert not missing(chinese, english)


def test_an_article_is_no_number() -> None:
    assert values("一只猫和一个人走了") == [] or all(v != 1 for v, _ in values("一只猫"))
    assert values("one of them") == []


def test_units_that_contradict_do_not_agree() -> None:
    (days,), (percent,) = quantities("30 days"), quantities("30%")
    (bare,) = quantities("30")
    assert not agree(days, percent)
    assert agree(days, bare)
    assert missing([days], [percent]) == [days]


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 999_999))
def test_separators_do_not_matter(number: int) -> None:
    assert quantities(f"{number:,} apples")[0].value == quantities(f"{number} apples")[0].value


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_can_be_compared(text: str) -> None:
    features = compare(text, Evidence([text]))
    assert 0.0 <= features.coverage <= 1.0
    assert features.numbers == 0.0


def test_a_claim_from_the_evidence_is_covered_and_a_foreign_one_is_not() -> None:
    evidence = Evidence(["The museum opened in 1998. It has 40 rooms."])
    own = compare("The museum opened in 1998.", evidence)
    other = compare("Penguins swim in cold water.", evidence)
    assert own.coverage == pytest.approx(1.0)
    assert own.lacking == 0.0
    assert other.coverage == 0.0


def test_a_wrong_year_a_wrong_name_and_a_negation_show() -> None:
    evidence = Evidence(["公司成立于2010年，创始人是陈思远。总部不在上海。"])
    assert compare("公司成立于2011年。", evidence).numbers == 1.0
    assert compare("公司成立于2010年。", evidence).numbers == 0.0
    english = Evidence(["The prize went to Anna Keller in Berlin."])
    assert compare("The prize went to Peter Novak.", english).names == 1.0
    assert compare("The prize went to Anna Keller.", english).names == 0.0
    negated = Evidence(["The warranty does not cover batteries."])
    assert compare("The warranty covers batteries.", negated).negation > 0.5
    assert compare("Batteries are not covered by the warranty.", negated).negation == 0.0


def test_a_number_in_another_scale_than_the_tables_is_lacking() -> None:
    table = Evidence(["| 百万元 | 2025 |\n| --- | --- |\n| 营业收入 | 903.7 |"])
    assert compare("营业收入为 9.037 亿元。", table).numbers == 0.0
    assert compare("营业收入为 903.7 亿元。", table).numbers == 1.0


def test_traditional_and_simplified_are_one() -> None:
    assert compare(
        "威廉發現了印歐語系", Evidence(["威廉发现了印欧语系。"])
    ).coverage == pytest.approx(1)


def test_other_language_is_noticed() -> None:
    assert (
        compare("The company was founded in 1998.", Evidence(["公司成立于1998年。"])).foreign == 1.0
    )


def test_gathered_sentences_come_from_several_passages_in_order() -> None:
    evidence = Evidence(
        ["Rain fell. Tea is grown in Assam.", "Snow fell. Coffee is grown in Brazil."]
    )
    texts = [
        piece.text for piece in evidence.gathered("Tea is grown in Assam and coffee in Brazil.")
    ]
    assert texts == ["Tea is grown in Assam.", "Coffee is grown in Brazil."]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("It does not work.", True),
        ("It doesn't work without power.", False),
        ("他没有来。", True),
        ("他不仅来了，还唱了歌。", False),
        ("这非常好。", False),
        ("無法使用", True),
        ("中国队不敌美国队，夺得亚军。", False),
        ("三人不幸遇难。", False),
    ],
)
def test_negation(text: str, negated: bool) -> None:
    assert is_negated(text) is negated


def test_names_skip_sentence_starts() -> None:
    assert names("Yesterday Anna met the team. Later Bob came.") == ["anna", "bob"]
    assert names("《红楼梦》的作者") == ["红楼梦"]


@pytest.mark.parametrize(
    ("claim", "lacks"),
    [
        ("2022年新当选总统是德劳帕迪·穆尔穆。", False),
        ("德劳帕迪·穆尔穆在议会宣誓。", False),
        ("新当选总统是德劳帕迪・穆尔穆。", False),
        ("新当选总统是约翰·穆尔穆。", True),
        ("新当选总统是德劳帕迪·史密斯。", True),
    ],
)
def test_a_dotted_name_is_found_whatever_stands_around_it(claim: str, lacks: bool) -> None:
    held = Evidence(["总统德劳帕迪•穆尔穆25日在2022年的议会宣誓就职。"])
    assert (compare(claim, held).names > 0) is lacks


def test_a_year_right_after_a_name_is_a_word_of_its_own() -> None:
    glued, apart = (piece(f"CBA{gap}2021-2022赛季总冠军") for gap in ("", " "))
    assert glued.terms == apart.terms
    assert "cba" in glued.terms
    assert "kv202123" in piece("KV202123").terms


def test_a_negation_in_another_clause_is_not_the_claims() -> None:
    evidence = Evidence(["Claims are filed within 30 days, those after 60 days are not accepted."])
    assert compare("Claims are filed within 30 days.", evidence).negation == 0.0
    assert compare("Claims are not filed within 30 days.", evidence).negation > 0.0
    whole = "Claims are filed within 30 days, those after 60 days are accepted."
    assert compare(whole, evidence).negation > 0.0


def test_across_languages_the_words_that_a_dictionary_knows_are_counted() -> None:
    held = Evidence(["仓库在合肥，由顾文博负责。"])
    assert compare("The warehouse is in Hefei.", held).translated == pytest.approx(1.0)
    assert compare("The kettle is in Madrid.", held).translated == 0.0
    assert compare("仓库在合肥。", held).translated == 0.0


EXCLUDED = (
    "terms-2026: Terms > 5. What is not covered: - damage by water from outside;\n"
    "- damage by a supply voltage beyond the limits;\n- wear of seals.\n"
    "The customer pays for the journey."
)


@pytest.mark.parametrize(
    ("claim", "denied"),
    [
        ("Damage by a supply voltage beyond the limits is not covered.", False),
        ("Damage by a supply voltage beyond the limits is covered.", True),
        ("Wear of seals is not covered.", False),
        ("Damage by water from outside is not covered.", False),
        ("The customer pays for the journey.", False),
        ("The customer does not pay for the journey.", True),
    ],
)
def test_items_of_a_list_are_denied_with_what_introduces_them(claim: str, denied: bool) -> None:
    assert (compare(claim, Evidence([EXCLUDED])).negation > 0) is denied
    chinese = Evidence(["条款: 不予保修的情形： - 运输造成的损坏；\n- 电压超限造成的损坏。"])
    assert compare("电压超限造成的损坏不予保修。", chinese).negation == 0
    assert compare("电压超限造成的损坏可以保修。", chinese).negation > 0


def test_a_currency_is_no_name() -> None:
    assert names("The limit in Nairobi is USD 140, not EUR 165.") == ["nairobi"]
