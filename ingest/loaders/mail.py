"""A mail (EML) -> its head and text as the first page, then the pages of its attachments.

The text is the one with marks where the mail has both, as that one is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from urllib.parse import unquote

from ingest.loaders.contained import Contained
from ingest.loaders.decode import decode
from ingest.loaders.html import html_page
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.losses import Losses
from ingest.loaders.nesting import Nesting
from ingest.loaders.normalise import clean_text
from ingest.loaders.writer import PageWriter
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Heading, Page

_HEAD = ("From", "To", "Cc", "Date")
_LONGEST_LINE = 20_000


def load_mail(
    data: bytes, name: str, limits: IngestSettings, losses: Losses, nesting: Nesting
) -> tuple[Page, ...]:
    """The mail as page 1, its attachments behind it, each labelled with its name.

    Raises DocumentError if the file is no mail.
    """
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not any(message.get(key) for key in _HEAD):
        raise DocumentError(f"{name} is no mail: it has no sender, receiver or date")
    contained = Contained(name, "attachment", limits, losses, nesting)
    shown = _Shown(message)
    pictures = InnerPictures(losses, ocr=limits.ocr, find=shown.find)
    contained.pages.append(_first_page(message, name, losses, pictures))
    contained.read(_attachments(message, shown.names))
    return tuple(contained.pages)


class _Shown:
    """The pictures that the text of a mail shows: parts of the mail, named by their ids; `names`
    are the ids that were asked for."""

    def __init__(self, message: EmailMessage) -> None:
        self.names: set[str] = set()
        self._message = message

    def find(self, source: str) -> bytes | None:
        """The bytes of the part that `source` ("cid:...") names; None if there is none."""
        name = unquote(source.strip().removeprefix("cid:"))
        for part in _leaves(self._message):
            if name and name in (_identity(part), part.get("Content-Location", "")):
                self.names.add(_identity(part))
                payload = part.get_payload(decode=True)
                return payload if isinstance(payload, bytes) else None
        return None


def _identity(part: EmailMessage) -> str:
    return str(part.get("Content-ID", "")).strip().strip("<>")


def _first_page(message: EmailMessage, name: str, losses: Losses, pictures: InnerPictures) -> Page:
    writer = PageWriter()
    writer.open_heading(1)
    writer.inline(_header(message, "Subject"))
    writer.close_heading()
    for key in _HEAD:
        if value := _header(message, key):
            writer.inline(f"{key}: {value}")
            writer.line_break()
    head = writer.page()
    body = _body(message, name, losses, pictures)
    gap = "\n\n" if head.text and body.text else ""
    start = len(head.text) + len(gap)
    below = tuple(Heading(h.level + 1, h.text, h.start + start) for h in body.headings)
    return Page(1, head.text + gap + body.text, (*head.headings, *below))


def _header(message: EmailMessage, key: str) -> str:
    """A line of the head; a broken or endless one as it stands."""
    try:
        if sum(len(value) for name, value in message.raw_items() if name == key) > _LONGEST_LINE:
            raise ValueError("the time to parse it grows with the square of its length")
        return " ".join(str(message.get(key, "")).split())
    except Exception:  # the parser of headers raises whatever it meets on broken ones
        return " ".join(str(dict(message.raw_items()).get(key, "")).split())


def _body(message: EmailMessage, name: str, losses: Losses, pictures: InnerPictures) -> Page:
    """The mail's text: the one with marks, else the plain one."""
    html, plain = message.get_body(("html",)), message.get_body(("plain",))
    if html is not None:
        page = html_page(_text(html, name), name, losses, pictures)  # type: ignore[arg-type]
        if page.text.strip():
            return page
    return Page(1, clean_text(_text(plain, name))) if plain is not None else Page(1, "")  # type: ignore[arg-type]


def _text(part: EmailMessage, name: str) -> str:
    """The text of a part, in the encoding that it declares or is found to be in."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return decode(data, name, part.get_content_charset()) if data.strip() else ""


def _attachments(
    message: EmailMessage, shown: Collection[str]
) -> Iterator[tuple[str, int, Callable[[], bytes | None]]]:
    """All parts but the mail's own text and the pictures that are `shown` in it."""
    bodies = {id(message.get_body((kind,))) for kind in ("html", "plain")}
    for number, part in enumerate(_leaves(message), start=1):
        if id(part) in bodies:
            continue
        name = " ".join((part.get_filename() or "").replace("\\", "/").split("/")[-1].split())
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            content = inner.as_bytes()  # type: ignore[union-attr]
            yield name or f"mail {number}.eml", len(content), partial(_same, content)
            continue
        if _identity(part) in shown and _identity(part):
            continue
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        if data.strip():
            named = name or f"part {number}{_suffix(part)}"
            yield named, len(data), partial(_same, data)


def _same(content: bytes) -> bytes:
    return content


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold content; a mail within the mail is one."""
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.iter_parts():
            yield from _leaves(part)  # type: ignore[arg-type]
    else:
        yield message


_SUFFIXES = {
    "text/html": ".html",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/gif": ".gif",
}


def _suffix(part: EmailMessage) -> str:
    return _SUFFIXES.get(part.get_content_type(), "")
