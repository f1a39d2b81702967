"""Where the characters of a page's text stand on its picture."""

from ingest.places.align import align
from ingest.places.boxes import UNIT, Box, pack, rectangles, unpack

__all__ = ["UNIT", "Box", "align", "pack", "rectangles", "unpack"]
