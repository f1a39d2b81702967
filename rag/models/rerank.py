"""A cross-encoder by name: reads question and passage together, slower and sharper than vectors.

Optional: there is none on the package index, so that a folder or a model that a hub client has
fetched before is named in the settings. Never asks the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.config import Settings
from rag.errors import ModelError
from rag.seams import Reranker
from rag.types import FloatArray

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder behind the `Reranker` seam."""

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        """Relevance of each passage, higher is better; shape [len(passages)]."""
        if not passages:
            return np.zeros(0, dtype=np.float32)
        pairs = [(question, passage) for passage in passages]
        found: FloatArray = np.asarray(
            self._model.predict(pairs, show_progress_bar=False), dtype=np.float32
        ).reshape(len(passages))
        return found


def load_reranker(settings: Settings) -> Reranker | None:
    """The cross-encoder that `retrieval.reranker` names, None if it names none.

    Raises ModelError if it is not on this machine or not a cross-encoder with one score.
    """
    name = settings.retrieval.reranker
    if not name:
        return None
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, local_files_only=True)
    except (OSError, ValueError) as err:
        raise ModelError(
            f"retrieval.reranker = {name!r} cannot be loaded: {err}; give the folder of a "
            "cross-encoder, fetch it with your hub's own client first, or unset it"
        ) from err
    if model.num_labels != 1:
        raise ModelError(
            f"retrieval.reranker = {name!r} gives {model.num_labels} scores for a passage; "
            "name a cross-encoder that gives one"
        )
    return CrossEncoderReranker(model)
