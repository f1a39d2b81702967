"""A PDF file -> its pages: glyphs with their places, pieces, lines, and the marks upon them."""

from ingest.loaders.pdf.load import find_headings, load_pdf

__all__ = ["find_headings", "load_pdf"]
