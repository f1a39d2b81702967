"""A Word document -> its one page: the archive opened, blocks walked, runs put into words."""

from ingest.loaders.docx.load import load_docx

__all__ = ["load_docx"]
