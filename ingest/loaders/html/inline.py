"""What print shows by its look, put into words within the tree: raised and lowered characters,
formulas, struck-out text, the targets of links, the state of form fields, captions of pictures.

Runs once over a parsed page before its text is written; elements are replaced by their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.loaders.formulas import formula
from ingest.loaders.html import controls
from ingest.loaders.html.tree import BLOCKS, before, names, replace, tag_of, text_of, within
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.links import noted
from ingest.loaders.losses import Losses
from ingest.loaders.scripts import fraction, is_mark, lowered, note, raised

_STRUCK = names("del s strike")
_RULE = re.compile(r"([a-z]*)(?:([.#])([\w-]+))?\s*$", re.I)
_RULES = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MOVED = (
    r"(?=.*position\s*:\s*relative)"
    r"(?=.*font-size\s*:\s*(?:0?\.\d|[1-9]\d(?:\.\d+)?\s*%|small|x-small))"
)
"""A style of small print that is set off its line, as programs write what is raised."""
_LOOKS = {
    "s": re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I),
    "sup": re.compile(
        r"vertical-align\s*:\s*(?:super|text-top)"
        rf"|{_MOVED}.*\b(?:top\s*:\s*-|bottom\s*:\s*)0?\.\d+\s*em", re.I | re.S
    ),
    "sub": re.compile(
        r"vertical-align\s*:\s*sub\b"
        rf"|{_MOVED}.*\b(?:bottom\s*:\s*-|top\s*:\s*)0?\.\d+\s*em", re.I | re.S
    ),
}  # fmt: skip
_FRACTION_BAR = re.compile(r"\s*[/\u2044\u2215]\s*$")
_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.I)


def put_into_words(root: Any, losses: Losses, pictures: InnerPictures) -> None:
    """Rewrite the tree in place; what is left out of it is added to `losses`."""
    _name_looks(root)
    struck = [e for e in root.iter() if tag_of(e) in _STRUCK]
    times = sum(bool(text_of(element)) for element in struck if not within(element, _STRUCK))
    for element in struck:
        if element.getparent() is not None and not within(element, _STRUCK):
            replace(element, "")
    losses.count("struck-out passage left out", "struck-out passages left out", times)
    _write_scripts(root)
    for element in [e for e in root.iter() if tag_of(e) == "math"]:
        if not within(element, names("math")):
            text = formula(element)
            gap = " " if "/" in text and before(element)[-1:].isdigit() else ""
            replace(element, gap + text)
    controls.put_into_words(root, pictures)
    _bracket_readings(root)
    _write_links(root)


def _name_looks(root: Any) -> None:
    """Give elements that are struck, raised or lowered by style alone the names that say so."""
    rules = list(_style_rules(root))
    for element in root.iter():
        if not element.attrib:
            continue
        tag, style = tag_of(element), element.get("style", "")
        looks = [look for look, pattern in _LOOKS.items() if style and pattern.search(style)]
        if rules and not looks:
            marks = {(".", name) for name in element.get("class", "").split()}
            marks |= {("#", element.get("id", "")), ("", "")}
            looks = [
                look
                for look, of_tag, kind, name in rules
                if of_tag in ("", tag) and (kind, name) in marks
            ]
        if looks and (looks[0] == "s" or tag not in BLOCKS) and tag not in ("html", "body"):
            element.tag = looks[0]


def _style_rules(root: Any) -> Iterator[tuple[str, str, str, str]]:
    """(look, element, "." or "#" or "", name) of the page's own simple style rules."""
    for sheet in root.iter("style", "{*}style"):
        for selectors, style in _RULES.findall(sheet.text or ""):
            looks = [look for look, pattern in _LOOKS.items() if pattern.search(style)]
            for selector in selectors.split(",") if looks else ():
                match = _RULE.match(selector.strip())
                if match and (match.group(1) or match.group(3)):
                    tag, kind, name = match.groups(default="")
                    yield looks[0], tag.lower(), kind, name


def _write_scripts(root: Any) -> None:
    """Replace `sup` and `sub`, the inner ones first, by text that reads right."""
    found = [element for element in root.iter() if tag_of(element) in ("sup", "sub")]
    notes = {_mark(e) for e in found if tag_of(e) == "sup" and (_is_linked(e) or not before(e))}
    notes = {mark for mark in notes if is_mark(mark)}
    outer = [element for element in found if not within(element, names("sup sub"))]
    inner = [element for element in found if within(element, names("sup sub"))]
    for element in [*reversed(inner), *outer]:
        if element.getparent() is not None:
            _write_script(element, notes)
    for link in [e for e in root.iter() if tag_of(e) == "a" and _is_note_link(e)]:
        if is_mark(text_of(link)) and "[note" not in text_of(link):
            replace(link, note(text_of(link)))


def _write_script(element: Any, notes: set[str]) -> None:
    earlier, text = before(element), text_of(element)
    following = element.getnext()
    if tag_of(element) == "sub":
        replace(element, lowered(earlier, text))
    elif (
        following is not None
        and tag_of(following) == "sub"
        and _FRACTION_BAR.match(element.tail or "")
        and text.isdigit()
    ):
        bottom = text_of(following)
        element.tail = ""
        replace(following, "")
        replace(element, fraction(earlier, text, bottom))
    elif _is_linked(element) and is_mark(text):
        replace(element, note(text) if earlier else f"{note(text)} ")
    else:
        written = raised(earlier, text, notes)
        goes_on = written[-1:].isdigit() and (element.tail or "")[:1].isdigit()
        replace(element, f"{written} " if goes_on else written)


def _bracket_readings(root: Any) -> None:
    """Set how characters are read, which stands above them, in brackets behind them."""
    for reading in [e for e in root.iter() if tag_of(e) == "rt" and text_of(e)]:
        around = [tag_of(e) for e in (reading.getprevious(), reading.getnext()) if e is not None]
        if "rp" not in around:
            replace(reading, f"({text_of(reading)})")


def _mark(element: Any) -> str:
    return text_of(element).strip("[]() ")


def _is_linked(element: Any) -> bool:
    """Whether a superscript is, holds, or lies in a link to a place on the page."""
    links = [e for e in [*element.iter(), element.getparent()] if tag_of(e) == "a"]
    return any(e.get("href", "").startswith("#") or _is_note_link(e) for e in links)


def _is_note_link(element: Any) -> bool:
    kinds = {value for key, value in element.attrib.items() if key.rpartition("}")[2] == "type"}
    kinds |= {element.get("role", ""), element.get("epub:type", "")}
    classes = element.get("class", "").split()
    return bool(kinds & {"doc-noteref", "noteref"}) or bool(
        {"footnote-ref", "footnote-reference", "noteref"} & set(classes)
    )


def _write_links(root: Any) -> None:
    """Set the target of each link to elsewhere behind its text, once for the same text; behind
    the heading where it lies in one."""
    base = next((e.get("href", "") for e in root.iter("base", "{*}base")), "")
    written: set[tuple[str, str]] = set()
    for link in [e for e in root.iter() if tag_of(e) == "a" and e.get("href")]:
        text = text_of(link)
        target = noted(_based(link.get("href").strip(), base), text)
        if not target or (text, target) in written:
            continue
        written.add((text, target))
        heading = next((e for e in link.iterancestors() if tag_of(e) in _HEADINGS), None)
        holder = link if heading is None else heading
        holder.tail = f" ({target}){holder.tail or ''}"


_HEADINGS = names("h1 h2 h3 h4 h5 h6")


def _based(href: str, base: str) -> str:
    """An address within the page's site in full, where the page names its site."""
    if base.startswith(("http:", "https:")) and not _WHOLE.match(href):
        return f"{base.rpartition('/')[0]}/{href.lstrip('/')}"
    return href
