"""X-Request-Id on every answer, in every log line and in every problem document."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("access")

_QUIET = {"/healthz", "/readyz", "/metrics"}
"""Asked every few seconds by machines."""
CLIENT_LEFT = 499
"""Logged as the status of a request whose client left before an answer."""
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def request_id_of(connection: HTTPConnection) -> str:
    """The id of the request being answered."""
    return connection.scope.get("request_id", "")


class RequestIdMiddleware:
    """Takes the caller's X-Request-Id when it is harmless, else makes one; logs each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        scope["request_id"] = request_id
        began = time.monotonic()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except ClientDisconnect:
                # nobody reads an answer, and nothing went wrong here
                status = status or CLIENT_LEFT
            # the query is left out: it holds signatures
            write = log.debug if scope["path"] in _QUIET else log.info
            write(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round((time.monotonic() - began) * 1000),
            )
