"""A question -> ranked hits: passages of a collection, or those that the caller gave."""

from rag.retrieval.given import Finder, Given, hits_from_texts, narrow
from rag.retrieval.retriever import Retriever

__all__ = ["Finder", "Given", "Retriever", "hits_from_texts", "narrow"]
