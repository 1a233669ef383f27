"""A cap on bodies that are no forms: those are read whole into memory, before anyone's key is looked at."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_ROUTES = ("/v1/voice-cloning/", "/v1/custom-voices")
"""Read their bodies to disk and under caps of their own, see `kit/forms.py`."""


class BodyLimitMiddleware:
    """Refuses a longer body with 413 as it streams in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FORM_ROUTES):
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            # without a deadline of its own: the connection has one, see kit/http_protocol.py
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit or (declared.isdigit() and int(declared) > self._limit):
                raise HTTPException(413, f"The body is larger than {self._limit} bytes.")
            return message

        await self.app(scope, counted, send)
