"""Formulas -> one line of text: MathML of web pages and OMML of Word alike.

Both are trees of the same notions under other names: a fraction, a power, an index, a root. Pure
functions over lxml elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ingest.loaders.scripts import fraction

_LEFT_OUT = frozenset([
    "annotation", "annotation-xml", "mphantom", "rPr", "ctrlPr", "fPr", "sSupPr", "sSubPr",
    "sSubSupPr", "radPr", "dPr", "naryPr", "funcPr", "limLowPr", "limUppPr", "accPr", "barPr",
    "boxPr", "borderBoxPr", "groupChrPr", "mPr", "eqArrPr", "mathPr", "oMathParaPr", "sPrePr",
    "phantPr",
])  # fmt: skip
_INVISIBLE_SIGNS = str.maketrans("", "", "\u2061\u2062\u2063\u2064")


def formula(element: Any) -> str:
    """A `math`, `oMath` or part of one as text: "(a + b)/2", "x^2", "sqrt(3)"."""
    return " ".join(_linear(element).translate(_INVISIBLE_SIGNS).split())


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _linear(element: Any) -> str:
    name = _name(element)
    if not name or name in _LEFT_OUT:
        return ""
    children = [child for child in element if _name(child) and _name(child) not in _LEFT_OUT]
    if name in _WRITERS:
        return _WRITERS[name](element, [_linear(child) for child in children])
    if not children:
        return str(element.text or "").strip() if name not in ("t", "mtext") else element.text or ""
    return _row(children)


def _row(children: Sequence[Any]) -> str:
    """Neighbours glued, but for a fraction after a number and the terms around a sign."""
    text = ""
    for child in children:
        part = _linear(child)
        number_before = text[-1:].isdigit()
        if _name(child) in ("mfrac", "f") and number_before:
            text += " "
        elif _name(child) == "mo" and part in ("=", "+", "-", "−", "<", ">", "≤", "≥", "≈", "±"):
            part = f" {part} " if text.strip() else part
        text += part
    return text


def _grouped(term: str) -> str:
    term = term.strip()
    return term if len(term) <= 1 or term.replace(".", "").isalnum() else f"({term})"


def _power(base: str, exponent: str) -> str:
    exponent = exponent.strip()
    plain = exponent.lstrip("-+−").replace(".", "").isalnum()
    return f"{base}^{exponent if plain or len(exponent) == 1 else f'({exponent})'}"


def _index(base: str, index: str) -> str:
    return f"{base}_{_grouped(index)}" if index.strip() else base


def _fraction(_: Any, parts: Sequence[str]) -> str:
    return fraction("", *parts) if len(parts) == 2 else " ".join(parts)


def _sup(_: Any, parts: Sequence[str]) -> str:
    return _power(*parts) if len(parts) == 2 else "".join(parts)


def _sub(_: Any, parts: Sequence[str]) -> str:
    return _index(*parts) if len(parts) == 2 else "".join(parts)


def _sub_sup(_: Any, parts: Sequence[str]) -> str:
    if len(parts) != 3:
        return "".join(parts)
    return _power(_index(parts[0], parts[1]), parts[2])


def _root(element: Any, parts: Sequence[str]) -> str:
    """A square root, or one with its degree: MathML puts the degree last, Word first."""
    if _name(element) == "rad":
        *degree, base = parts or [""]
        return _named_root(base, degree[0] if degree else "")
    if _name(element) == "mroot" and len(parts) == 2:
        return _named_root(parts[0], parts[1])
    return _named_root("".join(parts), "")


def _named_root(base: str, degree: str) -> str:
    return f"root{degree.strip()}({base})" if degree.strip() else f"sqrt({base})"


def _fenced(element: Any, parts: Sequence[str]) -> str:
    opening, closing, between = "(", ")", ", "
    for child in element.iter():
        value = next((v for k, v in child.attrib.items() if k.endswith("val")), "")
        if _name(child) == "begChr":
            opening = value
        elif _name(child) == "endChr":
            closing = value
    opening, closing = element.get("open", opening), element.get("close", closing)
    return f"{opening}{between.join(parts)}{closing}"


def _nary(element: Any, parts: Sequence[str]) -> str:
    sign = "∫"
    for child in element.iter():
        if _name(child) == "chr":
            sign = next((v for k, v in child.attrib.items() if k.endswith("val")), sign)
    if len(parts) != 3:
        return sign + "".join(parts)
    low, high, term = parts
    return (
        _power(_index(sign, low), high) + f" {term}"
        if high.strip()
        else (f"{_index(sign, low)} {term}")
    )


def _rows(_: Any, parts: Sequence[str]) -> str:
    return "; ".join(parts)


def _cells(_: Any, parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _function(_: Any, parts: Sequence[str]) -> str:
    return f"{parts[0]}({parts[1]})" if len(parts) == 2 else "".join(parts)


_WRITERS: dict[str, Callable[[Any, Sequence[str]], str]] = {
    **dict.fromkeys(("mfrac", "f"), _fraction),
    **dict.fromkeys(("msup", "mover", "sSup", "limUpp"), _sup),
    **dict.fromkeys(("msub", "munder", "sSub", "limLow"), _sub),
    **dict.fromkeys(("msubsup", "munderover", "sSubSup"), _sub_sup),
    **dict.fromkeys(("msqrt", "mroot", "rad"), _root),
    **dict.fromkeys(("mfenced", "d"), _fenced),
    **dict.fromkeys(("mtable", "m", "eqArr"), _rows),
    **dict.fromkeys(("mtr", "mr"), _cells),
    "nary": _nary,
    "func": _function,
}
