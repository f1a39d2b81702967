from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from langchain_core.documents import Document

from ingest.langchain_loader import FileLoader
from rag.errors import DocumentError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("# Leave\n\nThirty days.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("午餐十二点。", encoding="utf-8")
    (tmp_path / "song.mp3").write_bytes(b"ID3\x03\x00")
    return tmp_path


def test_a_folder_becomes_a_document_a_page(folder: Path) -> None:
    leave, lunch = FileLoader([folder]).load()
    assert leave.page_content == "Leave\n\nThirty days."
    assert leave.metadata["source"] == str(folder / "a.md")
    assert (leave.metadata["page"], leave.metadata["pages"]) == (1, 1)
    assert lunch.page_content == "午餐十二点。"
    assert lunch.metadata["media_type"] == "text/plain"


def test_pages_of_a_pdf_come_one_by_one() -> None:
    pdf = ROOT / "examples/documents/annual-report-2025.pdf"
    pages = FileLoader([str(pdf)]).lazy_load()
    first = next(pages)
    assert first.metadata["page"] == 1
    assert "Revenue" in first.page_content
    assert [page.metadata["page"] for page in pages] == list(range(2, first.metadata["pages"] + 1))


def test_it_loads_asynchronously(folder: Path) -> None:
    async def load() -> list[Document]:
        return [document async for document in FileLoader([folder]).alazy_load()]

    assert asyncio.run(load()) == FileLoader([folder]).load()


def test_a_file_that_cannot_be_read_is_an_error_or_left_out(folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(DocumentError, match=r"broken\.pdf"):
        FileLoader([folder]).load()
    loader = FileLoader([folder, folder / "gone.md"], skip_unreadable=True)
    assert len(loader.load()) == 2
    assert {Path(path).name for path in loader.unreadable} == {"broken.pdf", "gone.md", "song.mp3"}
    with pytest.raises(DocumentError, match="MP3"):
        FileLoader([folder / "song.mp3"]).load()
