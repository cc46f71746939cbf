"""The gateway's application: REST, health, pages and all HTTP transports of MCP on one port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from temporalio.client import Client

from gateway.access import guards
from gateway.access.board_sessions import BoardSessions
from gateway.access.codec_callers import CodecAccess
from gateway.access.page_links import PageLinks
from gateway.mcp import http
from gateway.mcp.server import caller_over_http, create_server
from gateway.mcp.streamable import StreamableHttp
from gateway.pages import board, home, quotation, static_files
from gateway.rest import api, codec, health, metrics
from gateway.service.quotations import QuotationService
from gateway.service.temporal.codec import HistoryCodec
from gateway.settings import GatewaySettings
from gateway.web import (
    bodies,
    middleware,
    path_prefix,
    problems,
    rejections,
    repeated_headers,
    request_ids,
    request_metrics,
    request_spans,
)
from runtime import VERSION


def create_app(settings: GatewaySettings, client: Client) -> FastAPI:
    """Create an application. It can be served only once, because the MCP session manager runs only once."""
    service = QuotationService(client, settings)
    server = create_server(service, caller_over_http, with_tasks=settings.gateway_mcp_tasks)
    streamable = StreamableHttp(server)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with streamable.run():
            yield

    # its documentation page loads nothing from other hosts
    app = FastAPIOffline(
        title="Durable quotations",
        version=VERSION,
        description="Starts quotations in Odoo and reports their status.",
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
        telemetry=request_spans.TELEMETRY,
    )
    app.state.stop_waiting = service.stop_waiting
    problems.install(app)
    for router in (api.create_router(service), metrics.create_router(service.unwritten_logs)):
        app.include_router(
            router,
            dependencies=guards.documented(settings),
            responses=problems.documented(401, 403, 415, 421, 429),
        )
    app.include_router(health.create_router(service.readiness))
    # routes rather than apps: two apps mounted at one path hide each other
    app.router.routes.extend(http.create_routes(server, streamable))
    links = PageLinks.from_settings(settings)
    app.include_router(home.create_router(knows_callers=settings.knows_callers))
    app.include_router(quotation.create_router(service, links))
    sessions = BoardSessions.from_settings(settings)
    app.include_router(board.create_router(service, sessions))
    app.include_router(static_files.create_router())
    if CodecAccess.from_settings(settings) is not None:
        app.include_router(codec.create_router(HistoryCodec(client.namespace, settings.payload_keys)))
    # a request passes the last one first
    app.add_middleware(path_prefix.RootPath)
    app.add_middleware(bodies.ReadableBodies)
    app.add_middleware(middleware.BodyLimit, is_unread=guards.is_open(settings))
    guards.guard(app, settings, links, sessions)
    app.add_middleware(repeated_headers.RepeatedHeaders)
    app.add_middleware(middleware.TrailingSlashes)
    app.add_middleware(middleware.UnexpectedErrors)
    app.add_middleware(request_metrics.CountRequests)
    app.add_middleware(rejections.ErrorsInBody)
    app.add_middleware(request_ids.RequestIds)
    app.add_middleware(middleware.HeadAsGet)
    app.add_middleware(
        path_prefix.PathPrefix, configured=settings.gateway_root_path, trusted=settings.forwarded_allow_ips
    )
    return app
