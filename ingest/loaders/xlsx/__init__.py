"""An Excel workbook -> a page for each sheet: its tables row by row, figures as they are shown."""

from ingest.loaders.xlsx.load import load_xlsx

__all__ = ["load_xlsx"]
