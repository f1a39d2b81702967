"""Text in every encoding that people still have on their shelves, short and long."""

from __future__ import annotations

import pytest

from ingest.loaders.decode import decode
from rag.errors import DocumentError

SIMPLIFIED_SHORT = "价格表"
SIMPLIFIED = (
    "本办法适用于公司全体员工，包括试用期员工。出差前须经部门负责人批准，费用在三十天内报销。"
)
TRADITIONAL_SHORT = "價格表"
TRADITIONAL = (
    "本辦法適用於公司全體員工，包括試用期員工。出差前須經部門負責人批准，費用在三十天內報銷。"
)
JAPANESE = "この規則は会社のすべての従業員に適用されます。出張の前に上司の承認を得てください。"
KOREAN = "이 규정은 회사의 모든 직원에게 적용됩니다. 출장 전에 부서장의 승인을 받아야 합니다."
FRENCH = "Le café est fermé à Noël ; les élèves déçus préfèrent le thé glacé à la crème brûlée."
RUSSIAN = "Настоящее положение распространяется на всех сотрудников компании без исключения."
GERMAN = "Der Käufer trägt die Kosten für Öl, Bücher und größere Schäden während der Prüfung."


POLISH = "Biblioteka jest otwarta od poniedziałku do piątku; klucz ma pani Wiśniewska."
TURKISH = "Kütüphane pazartesiden cumaya açıktır, İstanbul şehri."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED_SHORT, "gb18030"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED * 200, "gb2312"),
        ("Price 价格: 25 EUR per unit, see the list.", "gb18030"),
        (TRADITIONAL_SHORT, "big5"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL * 200, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE * 50, "euc_jp"),
        (KOREAN * 5, "euc_kr"),
        (FRENCH, "cp1252"),
        (FRENCH * 100, "latin-1"),
        ("Caf\u00e9", "latin-1"),
        (GERMAN * 20, "cp1252"),
        (RUSSIAN * 5, "cp1251"),
        (POLISH, "iso-8859-2"),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        ("Kl\u00edč má paní Nováková.", "cp1250"),
        ("A kulcs Szűcs néninél van, hétfőtől.", "cp1250"),
        ("50 °C", "cp1252"),
        (GERMAN, "mac_roman"),
        ("Часы работы", "cp1251"),
        (SIMPLIFIED, "utf-16-le"),
        (TRADITIONAL, "utf-16-be"),
        (JAPANESE, "utf-16-le"),
        (KOREAN, "utf-16-be"),
        (SIMPLIFIED + FRENCH + "😀", "utf-8"),
        (SIMPLIFIED + FRENCH, "utf-8-sig"),
        (SIMPLIFIED + FRENCH, "utf-16"),
        (SIMPLIFIED + FRENCH, "utf-32"),
        ("Hello there, plain words.\n" + SIMPLIFIED_SHORT, "utf-16-le"),
        ("Hello there, plain words.\n" + SIMPLIFIED_SHORT, "utf-16-be"),
    ],
)
def test_text_survives(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "file.txt").lstrip("\ufeff") == text


def test_a_declared_encoding_is_believed_where_the_bytes_allow_it() -> None:
    assert decode("Ł".encode("iso-8859-2"), "page.html", "iso-8859-2") == "Ł"
    assert decode("价".encode("gb18030"), "page.html", "gb2312") == "价"


def test_a_wrong_declaration_does_not_win_over_utf8() -> None:
    assert decode(SIMPLIFIED.encode(), "page.html", "gb2312") == SIMPLIFIED
    assert decode(SIMPLIFIED.encode("gb18030"), "page.html", "no-such-code") == SIMPLIFIED


def test_one_broken_byte_does_not_cost_the_rest() -> None:
    data = (SIMPLIFIED * 100).encode() + b"\xff" + "完".encode()
    assert decode(data, "file.txt") == SIMPLIFIED * 100 + "\ufffd完"


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"text\0text\0\0", b"\x01\x02\x03" * 50])
def test_binary_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"file\.txt holds binary data, not text"):
        decode(data, "file.txt")


def test_a_few_foreign_bytes_do_not_change_the_encoding() -> None:
    mixed = ("Das Café öffnet. " * 5).encode() + b"Na\xefve."
    assert decode(mixed, "a.txt") == "Das Café öffnet. " * 5 + "Na\ufffdve."
