"""A question and its passages -> the language model's draft, streamed."""

from rag.generation.declining import declines, is_refusal
from rag.generation.write import Draft, pieces, read_ahead, write

__all__ = ["Draft", "declines", "is_refusal", "pieces", "read_ahead", "write"]
