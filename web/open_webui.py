"""The cited passages as Open WebUI's `sources`, which its citation panel shows. Pure.

Open WebUI numbers the sources in the order in which they come, by `metadata.source`, and counts
pages from 0. It takes them from the field `sources` of a completion or of a chunk without content,
and from `{"event": {"type": "source", "data": SOURCE}}` in any chunk, which it also keeps.
"""

from __future__ import annotations

from typing import Any

from rag.checking import cited_hits
from rag.types import Answer, Citation, Hit


def sources(answer: Answer) -> list[dict[str, Any]]:
    """One source for each cited passage; the place in the list, from 1, is the citation's number.

    `document` holds the passage, `metadata` the quotes from it and where it stands.
    """
    cited = [c for sentence in answer.sentences for c in sentence.citations]
    return [
        _source(hit, [c for c in cited if c.number == number])
        for number, hit in enumerate(cited_hits(answer), start=1)
    ]


def _source(hit: Hit, citations: list[Citation]) -> dict[str, Any]:
    chunk = hit.chunk
    metadata = {
        "source": chunk.chunk_id,
        "name": hit.document,
        "page": chunk.page - 1,
        "heading": chunk.heading,
        "quotes": list(dict.fromkeys(citation.quote for citation in citations)),
    }
    return {
        "source": {"id": chunk.chunk_id, "name": hit.document},
        "document": [chunk.text],
        "metadata": [metadata],
    }
