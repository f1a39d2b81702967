"""PDFium's lock: the library works on one page of one document at a time, in one thread."""

from __future__ import annotations

import threading

PDFIUM = threading.RLock()
