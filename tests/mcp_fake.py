"""An MCP server over stdio with the back-end without models: `python -m tests.mcp_fake`."""

from __future__ import annotations

from rag.config import Settings
from tests.web_fakes import FakeBackend
from web.engine import Engine
from web.mcp_server import serve_stdio

if __name__ == "__main__":
    print("a library that prints while it is imported must not reach the wire", flush=False)
    engine = Engine(FakeBackend())
    serve_stdio(engine, Settings())
    engine.close()
