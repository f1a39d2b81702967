"""An OpenDocument text -> its one page: styles looked up, blocks walked, spans put into words."""

from ingest.loaders.odt.load import load_odt

__all__ = ["load_odt"]
