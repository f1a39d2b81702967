"""Text -> language, sentences, terms, numbers, tables: pure functions, no files and no models."""

from rag.text.language import CJK, detect_language, fold_width, simplify
from rag.text.sentences import sentence_spans
from rag.text.terms import keyword_terms

__all__ = [
    "CJK",
    "detect_language",
    "fold_width",
    "keyword_terms",
    "sentence_spans",
    "simplify",
]
