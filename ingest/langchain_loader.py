"""Our loaders in anyone's LangChain chain: files and folders -> LangChain documents, one a page.

for document in FileLoader([Path("~/papers")]).lazy_load(): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from ingest.documents import read_document
from ingest.files import Found, find_files, read_stable
from ingest.loaders.limits import check_file_size
from rag.config import IngestSettings
from rag.errors import DocumentError, NothingToRead
from rag.types import Document as Read
from rag.types import Page


class FileLoader(BaseLoader):
    """Reads PDF, DOCX, HTML, Markdown and text as `plumb ingest` does.

    A file that cannot be read raises DocumentError; with `skip_unreadable` it is left out and named
    in `unreadable` with the reason. So are, always, files of other types that lie in a folder.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        limits: IngestSettings | None = None,
        *,
        skip_unreadable: bool = False,
    ) -> None:
        self._paths = [Path(path).expanduser() for path in paths]
        self._limits = limits or IngestSettings()
        self._skip = skip_unreadable
        self.unreadable: dict[str, str] = {}
        """Path to reason, as far as the files have been read."""

    def lazy_load(self) -> Iterator[Document]:
        """Page after page; pages without text are left out. `metadata` has `source` (the path),
        `document`, `document_id`, `media_type`, `page` (from 1), `pages`, and `missing`: what a
        reader of the file sees and the text does not hold."""
        self.unreadable = {}
        for found in find_files(self._paths):
            if not isinstance(found, Found):
                if found.change == "failed":
                    self._miss(found.path, found.reason)
                continue
            path = found.path
            try:
                check_file_size(path.name, found.size, self._limits)
                reading = read_document(read_stable(path), path, self._limits)
            except DocumentError as err:
                passed_over = isinstance(err, NothingToRead) and path not in self._paths
                self._miss(str(path), str(err), known=passed_over)
                continue
            read, missing = reading.document, list(reading.missing)
            yield from (_of_page(read, page, missing) for page in read.pages if page.text.strip())

    def _miss(self, path: str, reason: str, *, known: bool = False) -> None:
        """`known`: that it is not read is no surprise."""
        if not self._skip and not known:
            raise DocumentError(f"{path}: {reason}")
        self.unreadable[path] = reason


def _of_page(read: Read, page: Page, missing: list[str]) -> Document:
    return Document(
        page_content=page.text,
        metadata={
            "source": read.path,
            "document": read.name,
            "document_id": read.document_id,
            "media_type": read.media_type,
            "page": page.number,
            "pages": len(read.pages),
            "missing": missing,
        },
    )
