"""Which elements of a web page a reader sees: what is hidden, folded in, navigation, or a command.

A folded panel that a click opens is part of the page; what no click shows is not.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.html.tree import names, tag_of, text_of

_INVISIBLE = names("script style template head canvas map datalist optgroup option param source")
EMBEDDED = names("iframe object embed audio video")
"""What is seen or heard but holds no text that can be read here."""
_NAVIGATION = names(
    "nav navbar navheader navfooter navigation breadcrumb breadcrumbs menu toc table-of-contents "
    "tableofcontents skip-link skiplink sidebar pagination cookie-banner cookie-consent headerlink"
)
_FOLDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_VANISHING_STYLE = re.compile(
    r"(?:font-size|opacity)\s*:\s*0(?:\.0+)?(?:px|pt|r?em|%)?\s*(?:!|;|$)", re.I
)
_PANELS = re.compile(
    r"(?:^|[\s_-])(?:panel|accordion|collaps(?:e|ed|ible)|tab-?pane|tab-?panel|tab-?content|faq|"
    r"answer|expand(?:able)?|fold|toggle-?content|drawer|spoiler|details)(?:$|[\s_-])",
    re.I,
)
_TOGGLES = ("aria-controls", "data-target", "data-bs-target", "popovertarget", "commandfor")
_NEEDS_SCRIPT = re.compile(r"java\s?script|cookies|脚本", re.I)


class Visibility:
    """Tells what of one page is left out. It looks at the page once for the panels that its
    buttons open."""

    def __init__(self, root: Any, *, keep_navigation: bool) -> None:
        self._keep_navigation = keep_navigation
        self._opened = {
            target.lstrip("#")
            for attribute in _TOGGLES
            for value in root.xpath(f"//@{attribute}")
            for target in str(value).split()
        }

    def left_out(self, element: Any, tag: str) -> bool:
        """Whether a reader does not see the element `element`, named `tag`."""
        if not tag or tag in _INVISIBLE or tag in EMBEDDED:
            return True
        if tag == "noscript" and _NEEDS_SCRIPT.search(text_of(element)):
            return True
        attributes = element.attrib
        if tag == "dialog" and "open" not in attributes:
            return not self._opens(element)
        if not attributes and tag != "nav":
            return False
        style = attributes.get("style", "")
        if _VANISHING_STYLE.search(style):
            return True
        folded = "hidden" in attributes or _FOLDING_STYLE.search(style)
        if (folded or attributes.get("aria-hidden", "").lower() == "true") and not self._opens(
            element
        ):
            return True
        return not self._keep_navigation and _is_navigation(attributes, tag)

    def _opens(self, element: Any) -> bool:
        """Whether a click opens this folded element."""
        attributes = element.attrib
        if attributes.get("hidden") == "until-found" or attributes.get("role") == "tabpanel":
            return True
        if attributes.get("id") in self._opened or _PANELS.search(attributes.get("class", "")):
            return True
        before = element.getprevious()
        return before is not None and _is_toggle(before)


def _is_toggle(element: Any) -> bool:
    """Whether the element is, or holds at its top, something to click that opens what follows."""
    for candidate in [element, *element[:3]]:
        if tag_of(candidate) in ("button", "summary") or "aria-expanded" in candidate.attrib:
            return True
    return False


def _is_navigation(attributes: Any, tag: str) -> bool:
    if tag == "nav" or attributes.get("role", "") in ("navigation", "search"):
        return True
    words = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower().split()
    return tag not in ("body", "html", "main") and not _NAVIGATION.isdisjoint(words)


_COMMANDS = re.compile(
    r"(?:copy|copied!?|close|cancel|ok|submit|send|search|menu|go|reset|apply|save|print|share|"
    r"edit|next|previous|prev|back|continue|show|hide|show (?:more|less|all)|read more|more|less|"
    r"expand(?: all)?|collapse(?: all)?|open menu|close menu|toggle \w+|log ?(?:in|out)|"
    r"sign (?:in|up|out)|subscribe|accept(?: all)?(?: cookies)?|reject(?: all)?|got it|play|pause|"
    r"top|back to top|dark|light|theme|[×x✕☰<>«»‹›▾▼▲+-]|"
    r"复制|关闭|取消|确定|提交|搜索|菜单|打印|分享|"
    r"登录|注册|更多|展开|收起|返回顶部)$",
    re.I,
)


def is_command(text: str) -> bool:
    """Whether the text of a button only says what it does to the page, such as "Copy"."""
    return not text or _COMMANDS.match(text) is not None
