"""reStructuredText -> one page of the text that a reader sees, with its headings.

docutils renders it to HTML, from where it is read like any page. Directives and roles that only
Sphinx knows show their content; nothing is included from other files.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en

from ingest.loaders.decode import decode
from ingest.loaders.html import html_page
from ingest.loaders.losses import Losses
from rag.types import Page

_DIRECTIVE = re.compile(r"^\s*\.\.\s+(?:\|[^|\n]+\|\s+)?([\w.:+-]+?)\s?::(?:\s|$)", re.M)
_TITLE = re.compile(r"<title>.*?</title>", re.S)
_ROLE = re.compile(r":([\w.:+-]+):`")
_TARGET = re.compile(r"^(.*?)\s*<[^<>]*>$", re.S)
_UNSEEN = frozenset(["toctree", "index", "currentmodule", "highlight", "tabularcolumns", "default"])
"""Directives of Sphinx that show nothing."""
_FROM_ELSEWHERE = frozenset([
    "include", "literalinclude", "automodule", "autoclass", "autofunction", "automethod",
    "autoexception", "autodata",
])  # fmt: skip
"""Directives whose text is in another file."""
_CODE = frozenset(["code", "code-block", "sourcecode"])
_SAID = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 3,
    "halt_level": 5,
    "math_output": "MathML",
    "doctitle_xform": True,
    "smart_quotes": False,
    "syntax_highlight": "none",
    "warning_stream": False,
}


def load_rst(data: bytes, name: str, losses: Losses | None = None) -> tuple[Page, ...]:
    """The single page of a reStructuredText file."""
    losses = losses if losses is not None else Losses()
    source = decode(data, name)
    _know(source, losses)
    tree = publish_doctree(source, source_path=name, settings_overrides=dict(_SETTINGS))
    _name_notes(tree)
    _keep_what_failed(tree)
    settings = {**_SETTINGS, "output_encoding": "unicode", "embed_stylesheet": False}
    markup = publish_from_doctree(tree, writer="html5", settings_overrides=settings)
    return (html_page(_TITLE.sub("", str(markup)), name, losses),)


def _name_notes(tree: nodes.document) -> None:
    """Write "[note 1]" for a footnote's mark, in the text and before the note itself."""
    for mark in list(tree.findall(nodes.footnote_reference)):
        mark.replace_self(nodes.inline("", f"[note {mark.astext()}]"))
    for note in [*tree.findall(nodes.footnote), *tree.findall(nodes.citation)]:
        label = note.next_node(nodes.label)
        if label is None:
            continue
        word = "note " if isinstance(note, nodes.footnote) else ""
        note.remove(label)
        first = note.next_node(nodes.paragraph)
        named = nodes.Text(f"[{word}{label.astext()}] ")
        if first is not None:
            first.insert(0, named)
        note.replace_self(nodes.container("", *note.children))


def _keep_what_failed(tree: nodes.document) -> None:
    """Put the source of what the parser refused in the place of its complaint."""
    tree.transform_messages = []
    for section in list(tree.findall(nodes.section)):
        if "system-messages" in section["classes"]:
            section.parent.remove(section)
    for message in list(tree.findall(nodes.system_message)):
        source = message.next_node(nodes.literal_block)
        if message.parent is not None:
            if source is None:
                message.parent.remove(message)
            else:
                message.replace_self(nodes.literal_block(source.astext(), source.astext()))


def _know(source: str, losses: Losses) -> None:
    """Make the parser know the directives and roles of `source` that docutils does not."""
    for found in set(_DIRECTIVE.findall(source)):
        kind = found.rpartition(":")[2].lower()
        if kind in _FROM_ELSEWHERE:
            times = len(re.findall(rf"^\s*\.\.\s+{re.escape(found)}::", source, re.M))
            losses.count("text of another file not read", "texts of other files not read", times)
        if kind in _CODE:
            directives.register_directive(found.lower(), _Code)
        elif not {found.lower()} & (directives._directive_registry.keys() | en.directives.keys()):
            directives.register_directive(found.lower(), _Shown)
    for found in set(_ROLE.findall(source)):
        if not {found.lower()} & (
            roles._roles.keys() | roles._role_registry.keys() | en.roles.keys()
        ):
            roles.register_local_role(found.lower(), _shown_role)


class _AnyOption(dict[str, Any]):
    """The options that a directive takes: any."""

    def __bool__(self) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return directives.unchanged


class _Code(Directive):  # type: ignore[misc]
    """Code, with whatever options Sphinx gives it."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        caption = self.options.get("caption", "")
        shown: list[nodes.Node] = [nodes.paragraph(caption, caption)] if caption else []
        return [*shown, nodes.literal_block(code, code)]


class _Shown(Directive):  # type: ignore[misc]
    """A directive that docutils does not know: its arguments and its content are shown."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        kind = self.name.rpartition(":")[2].lower()
        if kind in _UNSEEN or kind in _FROM_ELSEWHERE:
            return []
        argument = " ".join(self.arguments)
        said = " ".join(filter(None, (_SAID.get(kind, ""), argument)))
        shown: list[nodes.Node] = []
        if said:
            inline, messages = self.state.inline_text(said, self.lineno)
            shown += [nodes.paragraph(said, "", *inline), *messages]
        content = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, content)
        return [*shown, content]


def _shown_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any, **__: Any
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """A role that docutils does not know: its text, or the title before its target."""
    words = text.lstrip("!~")
    titled = _TARGET.match(words)
    return [nodes.inline(rawtext, titled.group(1) if titled else words)], []
