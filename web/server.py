"""The page and the API put together into one ASGI application.

Importing this imports Gradio; entry points do it when they serve.
"""

from __future__ import annotations

import gradio as gr
from fastapi import FastAPI
from starlette.types import ASGIApp

from rag.config import Settings
from web.api import build_api
from web.conversations import FILE, Conversations
from web.engine import Engine
from web.guard import API_PREFIX, Guard, Rules
from web.library import Library
from web.mcp_server import http_route, http_sessions
from web.page import build_page, page_assets
from web.page_routes import PageRoutes
from web.reports import Reports
from web.talk_routes import TalkRoutes


def build_app(engine: Engine, settings: Settings) -> ASGIApp:
    """The whole application behind its guard: the API at /v1, MCP at /mcp, evaluation reports
    at /reports, what the page's script asks for at /page, the page everywhere else."""
    server = settings.server
    sessions = http_sessions(engine, settings)
    app = FastAPI(openapi_url=None, lifespan=lambda _: sessions.run())
    app.router.routes.append(http_route(sessions))
    app.mount(API_PREFIX, build_api(engine, settings))
    app.router.routes.append(Reports(settings.home_dir).route())
    kept = settings.server.keep_conversations
    conversations = Conversations(settings.home_dir / FILE if kept else None)
    app.router.routes.extend(PageRoutes(Library(settings)).routes())
    app.router.routes.extend(TalkRoutes(conversations, kept=kept).routes())
    gr.mount_gradio_app(
        app,
        build_page(engine, settings, conversations),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=server.max_upload_mb * 2**20,
        **page_assets(),
    )
    key = server.api_key.get_secret_value() if server.api_key else None
    return Guard(app, Rules(server.host, key, server.max_upload_mb * 2**20))
