"""Characters of sign fonts (Wingdings, Symbol) -> what they show: ticked boxes, Greek letters.

In such a font the code of a letter shows a sign; read as a letter it would be a falsehood.
"""

from __future__ import annotations

_TICKED = "[x]"
_EMPTY = "[ ]"
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: _EMPTY, 0x71: _EMPTY, 0x72: _EMPTY, 0x78: _TICKED, 0xA1: "( )",
    0xA4: "(x)", 0xA7: "▪", 0xA8: _EMPTY, 0xD8: "➢", 0xE0: "→", 0xE8: "→", 0xFB: "✗", 0xFC: "✓",
    0xFD: _TICKED, 0xFE: _TICKED, 0xDF: "←", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨", 0x28: "☎", 0x2A: "✉",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: _TICKED, 0x52: _TICKED, 0x53: _TICKED, 0x54: _TICKED,
    0xA3: _EMPTY, 0x30: _EMPTY, 0x2A: _EMPTY, 0x97: "●",
}  # fmt: skip
_WEBDINGS = {0x61: "✓", 0x63: _EMPTY, 0x72: "✗", 0x67: "■"}
_GREEK = dict(
    zip(
        map(ord, "ABCDEFGHIKLMNOPQRSTUWXYZabcdefghiklmnopqrstuwxyz"),
        "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηικλμνοπθρστυωξψζ",
        strict=True,
    )
)
_SYMBOL = _GREEK | {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2D: "−", 0x4A: "ϑ", 0x56: "ς", 0x6A: "ϕ", 0x76: "ϖ",
    0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓",
    0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB6: "∂", 0xB7: "•", 0xB8: "÷",
    0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪",
    0xCC: "⊂", 0xCE: "∈", 0xD0: "∠", 0xD1: "∇", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xDE: "⇒",
    0xE5: "∑", 0xF2: "∫",
}  # fmt: skip
_FONTS = {
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "webdings": _WEBDINGS,
    "symbol": _SYMBOL,
}
_PRIVATE = 0xF000
_TEX_SIGNS = {
    0: "−", 1: "·", 2: "×", 3: "∗", 4: "÷", 6: "±", 7: "∓", 8: "⊕", 10: "⊗", 14: "◦", 15: "•",
    17: "≡", 18: "⊆", 19: "⊇", 20: "≤", 21: "≥", 24: "∼", 25: "≈", 26: "⊂", 27: "⊃", 28: "≪",
    29: "≫", 32: "←", 33: "→", 34: "↑", 35: "↓", 36: "↔", 40: "⇐", 41: "⇒", 44: "⇔", 48: "′",
    49: "∞", 50: "∈", 51: "∋", 54: "̸", 56: "∀", 57: "∃", 58: "¬", 59: "∅", 91: "∪", 92: "∩",
    94: "∧", 95: "∨", 98: "⌊", 99: "⌋", 100: "⌈", 101: "⌉", 102: "{", 103: "}", 104: "⟨", 105: "⟩",
    106: "|", 107: "‖", 110: "\\", 112: "√", 114: "∇", 115: "∫",
}  # fmt: skip
_TEX_LARGE = {
    **dict.fromkeys((0, 16, 18, 32, 48), "("), **dict.fromkeys((1, 17, 19, 33, 49), ")"),
    **dict.fromkeys((2, 20, 34, 104), "["), **dict.fromkeys((3, 21, 35, 105), "]"),
    **dict.fromkeys((8, 26, 40, 110), "{"), **dict.fromkeys((9, 27, 41, 111), "}"),
    **dict.fromkeys((12, 13), "|"), **dict.fromkeys((80, 88), "∑"), **dict.fromkeys((81, 89), "∏"),
    **dict.fromkeys((82, 90), "∫"), **dict.fromkeys((83, 91), "∪"), **dict.fromkeys((84, 92), "∩"),
    **dict.fromkeys(range(112, 117), "√"),
}  # fmt: skip


def shown(text: str, font: str | None) -> str:
    """What `text` shows in `font`; itself where the font has letters."""
    signs = _FONTS.get((font or "").strip().lower())
    if signs is None:
        return text
    return "".join(_sign(ord(char), signs, font or "") for char in text)


def _sign(code: int, signs: dict[int, str], font: str) -> str:
    private = _PRIVATE <= code <= _PRIVATE + 0xFF
    own = code - _PRIVATE if private else code
    if own > 0xFF:
        return chr(code)
    letters = font.strip().lower() == "symbol" and own < 0x7F
    return signs.get(own, chr(own) if letters or own == 0x20 else "•" if own > 0x20 else "")


def tex_sign(code: int, font: str) -> str:
    """The character at `code` of a font of TeX's signs, which name their glyphs in their own way;
    "" if it is none."""
    if font.startswith("CMSY"):
        return _TEX_SIGNS.get(code, "")
    return _TEX_LARGE.get(code, "") if font.startswith("CMEX") else ""
