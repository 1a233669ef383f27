"""The API as a FastAPI application: routers, middleware, errors as problem documents.  Loads no model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from voicechanger import __version__
from voicechanger.api import files as storage_routes
from voicechanger.api import health, metrics, reference
from voicechanger.api.error_catalogue import ALWAYS, CATALOGUE
from voicechanger.api.openai import routes as compat_routes
from voicechanger.api.v1 import account as account_routes
from voicechanger.api.v1 import credits as credit_routes
from voicechanger.api.v1 import jobs as job_routes
from voicechanger.api.v1 import pronunciations as pronunciation_routes
from voicechanger.api.v1 import speech as speech_routes
from voicechanger.api.v1 import voices as voice_routes
from voicechanger.api.v1 import webhooks as webhook_routes
from voicechanger.domains.clips.upload import log_protection
from voicechanger.infra.container import open_services
from voicechanger.kit.answer_headers import AnswerHeadersMiddleware
from voicechanger.kit.body_limit import BodyLimitMiddleware
from voicechanger.kit.hosts import HostMiddleware
from voicechanger.kit.openapi import install_openapi
from voicechanger.kit.problems import install_problem_handlers
from voicechanger.kit.request_id import RequestIdMiddleware
from voicechanger.settings import Settings, get_settings

ROUTERS = (
    speech_routes.router,
    job_routes.router,
    voice_routes.router,
    account_routes.router,
    pronunciation_routes.router,
    credit_routes.router,
    webhook_routes.router,
    compat_routes.router,
    storage_routes.router,
    health.router,
    metrics.router,
    reference.router,
)

DESCRIPTION = """Send a text and a short recording of a voice; get that voice saying the text.

Every call takes your API key in `X-API-Key`. Long work is a **job**: it is accepted in one transaction with the
credits that it may cost, survives the loss of any process, and ends as `completed`, `failed` or `canceled`; only
completed work is charged. Recordings come behind presigned links that need no key and expire.

Errors are problem documents (RFC 9457) with a stable `code`; every answer carries `X-Request-Id`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the API; it connects when it starts, not when it is built."""
    chosen = settings or get_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        log_protection()
        async with open_services(chosen) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="VoiceChangerAPI",
        version=__version__,
        summary="Text to speech with real voice cloning.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    for router in ROUTERS:
        app.include_router(router)
    install_openapi(app, DESCRIPTION, CATALOGUE, ALWAYS)
    install_problem_handlers(app)
    # a text at its longest, every character escaped, and the rest of its document
    app.add_middleware(BodyLimitMiddleware, limit=1_000_000 + 12 * chosen.max_text_characters)
    app.add_middleware(metrics.MetricsMiddleware)
    app.add_middleware(AnswerHeadersMiddleware)
    app.add_middleware(HostMiddleware, listen=chosen.host, public_url=chosen.public_url)
    app.add_middleware(RequestIdMiddleware)
    return app
