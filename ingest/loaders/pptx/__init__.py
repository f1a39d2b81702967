"""A PowerPoint file -> a page for each slide that is shown."""

from ingest.loaders.pptx.load import load_pptx

__all__ = ["load_pptx"]
