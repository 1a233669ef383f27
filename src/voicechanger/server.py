"""The API process: the API and the dashboard as one application, under uvicorn."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from voicechanger import dashboard
from voicechanger.api import app as api
from voicechanger.dashboard import entry, own_routes, pages
from voicechanger.kit.errors import CommandError
from voicechanger.kit.http_protocol import ConnectionLimits, limited_protocol
from voicechanger.kit.logs import configure_logs
from voicechanger.settings import Settings

GRACE_SECONDS = 20
"""How long requests in progress may take once the process is asked to stop."""

_STATIC = Path(dashboard.__file__).parent / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the whole application; it connects when it starts, not when it is built."""
    app = api.create_app(settings)
    for router in (own_routes.router, entry.router, pages.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=_STATIC, check_dir=False), name="static")
    return app


def limits_of(settings: Settings) -> ConnectionLimits:
    """Return the limits on connections; a body may take a little longer than the routes wait for uploads."""
    return ConnectionLimits(
        connections=settings.max_connections,
        connections_per_network=settings.max_connections_per_network,
        exempt=settings.trusted_proxies,
        body_seconds=settings.upload_seconds + 10.0,
    )


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raise CommandError when a required setting is missing."""
    try:
        settings.require_database()
        settings.secret()
    except ValueError as error:
        raise CommandError(str(error)) from error
    configure_logs(settings.log_format)
    uvicorn.run(
        "voicechanger.server:create_app",
        factory=True,
        http=limited_protocol(limits_of(settings)),
        ws="none",
        host=settings.host,
        port=settings.port,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
