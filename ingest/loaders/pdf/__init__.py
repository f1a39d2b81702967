"""A PDF file -> its pages: glyphs with their places, pieces, lines, and the marks upon them."""

from ingest.loaders.pdf.headings import find_headings
from ingest.loaders.pdf.load import load_pdf

__all__ = ["find_headings", "load_pdf"]
