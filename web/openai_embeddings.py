"""The shapes of /v1/embeddings: the request read, the vectors written. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.types import FloatArray
from web.openai_format import MODEL, ApiError
from web.openai_input import Text, refuse
from web.work import TextKind

MOST_TEXTS = 2048
"""In one request, as at OpenAI."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[
    list[Text | int | list[int]],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(min_length=1, max_length=MOST_TEXTS),
]


class EmbeddingsRequest(BaseModel):
    """A request to /v1/embeddings. `input_type` "query" embeds questions, which some embedders read
    otherwise than passages."""

    model_config = ConfigDict(extra="allow")
    model: Text | None = None
    input: Texts
    input_type: Literal["passage", "document", "query"] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None

    @property
    def kind(self) -> TextKind:
        """What the texts are."""
        return "query" if self.input_type == "query" else "passage"


def texts_of(request: EmbeddingsRequest) -> list[str]:
    """The texts. Raises ApiError for numbers of tokens, which are another model's, and for texts
    that hold nothing."""
    texts = []
    for place, text in enumerate(request.input):
        if not isinstance(text, str):
            raise refuse(
                "input",
                "the numbers of tokens are another model's: send text "
                "(LangChain's OpenAIEmbeddings: check_embedding_ctx_length=False)",
            )
        if not text.strip():
            message = f"input[{place}] holds no text"
            raise ApiError(400, message, code="invalid_value", param="input")
        texts.append(text)
    return texts


def check_dimensions(request: EmbeddingsRequest, dimension: int) -> None:
    """Raises ApiError if vectors of another length are wanted."""
    if request.dimensions not in (None, dimension):
        raise refuse("dimensions", f"the embedder's vectors have {dimension}; leave it out")


def embeddings(
    request: EmbeddingsRequest, vectors: Sequence[FloatArray], tokens: int
) -> dict[str, Any]:
    """The vectors, as lists of numbers, or as base64 of little-endian float32."""
    pack = _base64 if request.encoding_format == "base64" else _floats
    data = [
        {"object": "embedding", "index": index, "embedding": pack(vector)}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": request.model or MODEL, "usage": usage}


def _floats(vector: FloatArray) -> list[float]:
    numbers: list[float] = vector.tolist()
    return numbers


def _base64(vector: FloatArray) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
