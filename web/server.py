"""The page and the API put together into one ASGI application.

Importing this imports Gradio; entry points do it when they serve.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from rag.config import Settings
from web.access.audit import Audit
from web.access.desk import Desk, OwnTalks, ReadingRoom, page_asker
from web.access.door import Door
from web.access.identity import current
from web.access.page_sessions import OwnSessions
from web.access.store import AccessStore
from web.api import build_api
from web.engine import Engine
from web.feedback import Feedback
from web.feedback_routes import FeedbackRoutes
from web.guard import API_PREFIX, Guard, Rules, is_loopback
from web.login import ACCOUNT_PATH, LOGOUT_PATH
from web.mcp_server import http_route, http_sessions
from web.metrics import Metrics
from web.outside import Outside
from web.page import build_page, page_assets
from web.page_routes import PageRoutes
from web.probes import Probes
from web.reports import Reports
from web.retention import Retention
from web.running import Runs
from web.said_routes import SaidRoutes
from web.state import kept_in
from web.talk_routes import TalkRoutes
from web.trust_routes import TrustRoutes
from web.watch_routes import WatchRoutes


def build_app(engine: Engine, settings: Settings, metrics: Metrics | None = None) -> ASGIApp:
    """The whole application behind its guard: the API at /v1, MCP at /mcp, evaluation reports
    at /reports, what the page's script asks for at /page, the page everywhere else. All of them
    have the engine only through a desk."""
    server = settings.server
    audit = Audit(kept_in(settings), settings.audit)
    sessions = http_sessions(Desk(engine, audit, current, "mcp"), settings)
    kept = settings.server.keep_conversations
    door = _door(settings)
    conversations = OwnTalks(kept_in(settings) if kept else None, door.of_holder)
    feedback = Feedback(kept_in(settings))
    retention = Retention(settings.retention, conversations, feedback, audit)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            async with sessions.run(), retention.running():
                yield
        finally:
            for kept in (conversations, feedback, audit, door):
                kept.close()

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    guard = _guarded(app, settings, door, audit)
    app.router.routes.append(http_route(sessions))
    app.add_route("/healthz", _alive)
    app.add_route(ACCOUNT_PATH, guard.sign_in.account)
    app.add_route(LOGOUT_PATH, guard.sign_in.sign_out, methods=["POST"])
    app.mount(API_PREFIX, build_api(Desk(engine, audit, current, "api"), settings))
    app.router.routes.extend(Probes(engine, metrics or Metrics(), Outside(settings)).routes())
    app.router.routes.extend(Reports(settings.home_dir, current).routes())
    desk = Desk(engine, audit, current, "page")
    app.router.routes.extend(PageRoutes(ReadingRoom(settings, audit, current), desk).routes())
    runs = Runs()
    days = settings.retention.conversations_days if kept else None
    app.router.routes.extend(TalkRoutes(conversations, days, runs).routes())
    app.router.routes.extend(TrustRoutes(settings, desk, conversations).routes())
    app.router.routes.extend(SaidRoutes(desk).routes())
    app.router.routes.extend(WatchRoutes(settings, desk).routes())
    app.router.routes.extend(FeedbackRoutes(feedback, conversations).routes())
    library = ReadingRoom(settings, audit, page_asker)
    gr.mount_gradio_app(
        app,
        build_page(Desk(engine, audit, page_asker, "page"), settings, conversations, library, runs),
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
    return guard


def _key(settings: Settings) -> str | None:
    key = settings.server.api_key
    return key.get_secret_value() if key else None


def _door(settings: Settings) -> Door:
    return Door(
        AccessStore(kept_in(settings)),
        _key(settings),
        loopback=is_loopback(settings.server.host),
        provider=settings.oidc.issuer is not None,
    )


def _guarded(app: FastAPI, settings: Settings, door: Door, audit: Audit) -> Guard:
    server = settings.server
    upload = server.max_upload_mb * 2**20
    rules = Rules(
        server.host,
        _key(settings),
        upload,
        settings.access,
        settings.oidc,
        patience_s=server.patience_s,
    )
    return Guard(OwnSessions(app), rules, door, audit)


async def _alive(_: Request) -> PlainTextResponse:
    """Says that the process answers, whatever its models do."""
    return PlainTextResponse("ok")
