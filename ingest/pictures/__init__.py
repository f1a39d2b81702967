"""A page of a document and spans of its text -> its picture as PNG, with the spans marked."""

from ingest.pictures.page import PagePicture, page_picture, stored_page_picture

__all__ = ["PagePicture", "page_picture", "stored_page_picture"]
