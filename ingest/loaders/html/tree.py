"""Small tools for lxml trees of web pages: names, texts, and putting text in an element's place."""

from __future__ import annotations

from typing import Any


def names(words: str) -> frozenset[str]:
    """The words of a string as a set."""
    return frozenset(words.split())


def tag_of(element: Any) -> str:
    """The element's name in lower case, without its name space; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def text_of(element: Any) -> str:
    """All text within, white space collapsed."""
    return " ".join("".join(element.itertext()).split())


BLOCKS = names(
    "p div section article main header footer aside address blockquote figure figcaption pre table "
    "ul ol dl form fieldset details summary hr body center h1 h2 h3 h4 h5 h6 caption li dt dd tr "
    "td th br"
)
"""What begins and ends a line of text."""
_LINE_CHARS = 60


def replace(element: Any, text: str) -> None:
    """Put `text` in the place of `element`."""
    parent, previous = element.getparent(), element.getprevious()
    text += element.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(element)


def before(element: Any) -> str:
    """The end of the text that stands before `element` in its block; "" at the block's start."""
    text = ""
    while len(text) < _LINE_CHARS and tag_of(element) not in BLOCKS:
        previous, parent = element.getprevious(), element.getparent()
        if previous is not None:
            if tag_of(previous) in BLOCKS:
                return (previous.tail or "") + text
            text = "".join(previous.itertext()) + (previous.tail or "") + text
            element = previous
        elif parent is not None:
            text = (parent.text or "") + text
            element = parent
        else:
            break
    return text.lstrip() if len(text) < _LINE_CHARS else text


def within(element: Any, tags: frozenset[str]) -> bool:
    """Whether one of `tags` is around the element."""
    return any(tag_of(parent) in tags for parent in element.iterancestors())
