"""The ZIP archive that a DOCX file is: refused when it is a trap, mended when Word would open it.

python-docx takes the transitional form alone, with every relation in place. Word also opens the
strict form, files with macros, templates, relations that lead nowhere, and archives that were
packed by other programs; they are put into the form that python-docx takes, in memory.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any

import docx
from lxml import etree

from ingest.loaders.archive import open_archive
from ingest.loaders.losses import Losses
from ingest.loaders.strict import transitional
from rag.config import IngestSettings
from rag.errors import DocumentError

_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MAIN_PART = re.compile(r"word/document\d*\.xml$", re.I)
_TYPES = "[Content_Types].xml"
_RELATION = "/officeDocument"


def open_docx(data: bytes, name: str, limits: IngestSettings, losses: Losses) -> Any:
    """The python-docx document in `data`.

    Raises DocumentError when the archive is broken, or unpacks to more than the limits allow.
    """
    open_archive(data, name, "DOCX", limits)
    try:
        document = docx.Document(io.BytesIO(data))
        if document.element.body is not None:
            return document
    except Exception:  # python-docx lets KeyError, ValueError, lxml's and its own out
        pass
    try:
        document = docx.Document(io.BytesIO(_mended(data, losses)))
        if document.element.body is None:
            raise ValueError("no body")
    except Exception as err:
        raise DocumentError(
            f"{name} is damaged and cannot be opened as DOCX ({type(err).__name__}): "
            "open it in Word and save it again"
        ) from None
    return document


def _mended(data: bytes, losses: Losses) -> bytes:
    """The archive in the form that python-docx takes."""
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                name = member.filename.replace("\\", "/").lstrip("/")
                parts[name] = transitional(archive.read(member))
    main = _main_part(parts)
    for name in [n for n in parts if n.endswith(".xml") and n not in (main, _TYPES)]:
        if not _is_xml(parts[name]):
            del parts[name]
            losses.add(f"a part of the file is damaged: {posixpath.basename(name)}")
    for name in [name for name in parts if name.endswith(".rels")]:
        parts[name] = _with_whole_relations(name, parts, main)
    parts[_TYPES] = _content_types(parts, main)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def _main_part(parts: dict[str, bytes]) -> str:
    """The part that the package names as its document, or the one that looks like it."""
    relations = parts.get("_rels/.rels")
    if relations is not None and _is_xml(relations):
        for relation in etree.fromstring(relations):
            target = str(relation.get("Target", "")).lstrip("/")
            if relation.get("Type", "").endswith(_RELATION) and target in parts:
                return target
    return next(name for name in sorted(parts) if _MAIN_PART.match(name))


def _is_xml(content: bytes) -> bool:
    try:
        etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError:
        return False
    return True


def _with_whole_relations(name: str, parts: dict[str, bytes], main: str) -> bytes:
    """The relations of one part, those left out that lead to no part of the archive."""
    if not _is_xml(parts[name]):
        return (
            b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
        )
    folder = posixpath.dirname(posixpath.dirname(name))
    root = etree.fromstring(parts[name])
    by_lower = {part.lower(): part for part in parts}
    for relation in list(root):
        if relation.get("TargetMode") == "External":
            continue
        target = relation.get("Target", "")
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if name == "_rels/.rels" and relation.get("Type", "").endswith(_RELATION):
            path = main
        if path.lower() in by_lower:
            relation.set("Target", f"/{by_lower[path.lower()]}")
        elif target.startswith("#"):
            relation.set("TargetMode", "External")
        else:
            root.remove(relation)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _content_types(parts: dict[str, bytes], main: str) -> bytes:
    """The list of the parts' types, with one for every part; a document's for the main one."""
    namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
    given = parts.get(_TYPES, b"")
    root = etree.fromstring(given) if _is_xml(given) else etree.Element(f"{{{namespace}}}Types")
    known = {e.get("Extension", "").lower() for e in root if e.get("Extension")}
    for element in list(root):
        path = element.get("PartName", "").lstrip("/")
        if path == main or (path and path not in parts):
            root.remove(element)
    etree.SubElement(root, f"{{{namespace}}}Override", PartName=f"/{main}", ContentType=_MAIN_TYPE)
    extensions = {posixpath.splitext(name)[1].lstrip(".").lower() for name in parts}
    for extension in sorted(extensions - known - {""}):
        kind = "application/xml" if extension == "xml" else "application/octet-stream"
        etree.SubElement(root, f"{{{namespace}}}Default", Extension=extension, ContentType=kind)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
