"""A model server without a model, to load Plumbline before it: OpenAI's protocol, canned words.

    python -m benchmarks.stand_in --port 9100 --first 0.5 --rate 20 --places 8

Writes the first passage of the prompt word by word, `--rate` words a second after `--first`
seconds, in at most `--places` answers at once; says yes to whatever is asked to be checked. `GET
/running` tells how many answers are being written or wait for a place. It shows what many askers do
to Plumbline's line, threads and memory, and nothing about answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

MODEL = "stand-in"
_PASSAGE = re.compile(r"\[1\] (?:\(.*?\) )?(.+)")
_YES = [{"token": "Yes", "logprob": -0.01}, {"token": "No", "logprob": -5.0}]
_USAGE = {"prompt_tokens": 800, "completion_tokens": 40, "total_tokens": 840}


def written(messages: list[dict[str, Any]]) -> str:
    """The first passage of the last message, at most 40 words of it; a word if there is none."""
    found = _PASSAGE.search(str(messages[-1]["content"]))
    return " ".join(found[1].split()[:40]) if found else "Yes"


@dataclass
class StandIn:
    """The server's state: seconds before the first word, words a second, answers at once, and how
    many are under way."""

    first_s: float
    rate: float
    places: int
    running: int = 0
    _place: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._place = asyncio.Semaphore(self.places)

    async def chat(self, request: Request) -> Response:
        """A completion, always streamed, as Plumbline asks for it."""
        body = await request.json()
        one_word = body.get("max_tokens") == 1
        words = ["Yes"] if one_word else written(body["messages"]).split()
        lines = self._stream(words, checks=one_word)
        return StreamingResponse(lines, media_type="text/event-stream")

    async def told(self, request: Request) -> Response:
        """How many answers are under way."""
        return JSONResponse({"running": self.running})

    async def models(self, request: Request) -> Response:
        """The one model."""
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def _words(self, words: list[str]) -> AsyncGenerator[str, None]:
        self.running += 1
        try:
            async with self._place:
                await asyncio.sleep(self.first_s)
                for word in words:
                    yield f"{word} "
                    await asyncio.sleep(1 / self.rate)
        finally:
            self.running -= 1

    async def _stream(self, words: list[str], *, checks: bool) -> AsyncGenerator[str, None]:
        told = {"content": [{"token": "Yes", "logprob": -0.01, "top_logprobs": _YES}]}
        async for word in self._words(words):
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            yield _event([{**choice, "logprobs": told if checks else None}])
        yield _event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        yield _event([], usage=_USAGE)
        yield "data: [DONE]\n\n"


def _event(choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {"id": MODEL, "object": "chat.completion.chunk", "created": 0, "model": MODEL}
    return f"data: {json.dumps({**chunk, 'choices': choices, **more})}\n\n"


def app(server: StandIn) -> Starlette:
    """The routes."""
    return Starlette(
        routes=[
            Route("/v1/chat/completions", server.chat, methods=["POST"]),
            Route("/v1/models", server.models),
            Route("/running", server.told),
        ]
    )


def main() -> None:
    """Read the arguments and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--first", type=float, default=0.5, help="seconds before the first word")
    parser.add_argument("--rate", type=float, default=20.0, help="words a second")
    parser.add_argument("--places", type=int, default=8, help="answers at once")
    options = parser.parse_args()
    server = StandIn(options.first, options.rate, options.places)
    uvicorn.run(app(server), host="127.0.0.1", port=options.port, access_log=False)


if __name__ == "__main__":
    main()
