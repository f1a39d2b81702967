"""The target of a link as a reader would note it. Pure functions, for every format with links."""

from __future__ import annotations

import re
from urllib.parse import unquote

_ABROAD = re.compile(r"(?:https?:|ftp:|sftp:)?//[^\s]{1,500}$|mailto:|tel:", re.I)
_FILE = re.compile(
    r"(?![a-z][a-z0-9+.-]+:)[^\s?#]{1,200}\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|csv|zip|epub|ics)$",
    re.I,
)
_NAMES = re.compile("[^\\W\\d_]{2}|[\u4e00-\u9fff]")


def noted(target: str, text: str) -> str:
    """What to write behind the link's `text`: an address elsewhere, or a file to fetch; "" where
    the target leads to a place like this one, the text names it already, or is a figure alone,
    such as the mark of a note."""
    target = target.strip()
    if not _NAMES.search(text) or not (_ABROAD.match(target) or _FILE.match(target)):
        return ""
    if target.lower().startswith(("mailto:", "tel:")):
        target = unquote(target.partition(":")[2].partition("?")[0])
    elif target.startswith("//"):
        target = f"https:{target}"
    bare = re.sub(r"^\w+://(?:www\.)?", "", target.lower()).rstrip("/")
    return "" if not bare or bare in "".join(text.lower().split()) else target
