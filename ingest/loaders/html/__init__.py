"""A web page -> its one page of text: parsed, looks put into words, walked in reading order."""

from ingest.loaders.html.load import html_page, load_html

__all__ = ["html_page", "load_html"]
