"""Let dependencies add headers to the response of their request, including errors and streams."""

from __future__ import annotations

from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PLACE = "voicechanger.answer_headers"


def add_headers(connection: HTTPConnection, headers: dict[str, str]) -> None:
    """Add headers to the response of this request."""
    cast("dict[str, str]", connection.scope.get(_PLACE, {})).update(headers)


class AnswerHeadersMiddleware:
    """Adds the headers of `add_headers` to the response; headers that the response has already stay."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        collected: dict[str, str] = {}
        scope[_PLACE] = collected

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in collected.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
