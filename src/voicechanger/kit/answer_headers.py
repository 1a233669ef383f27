"""Headers that a dependency adds to whatever its request is answered with, errors and streams included."""

from __future__ import annotations

from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PLACE = "voicechanger.answer_headers"


def add_headers(connection: HTTPConnection, headers: dict[str, str]) -> None:
    """Put headers on the answer of this request."""
    cast("dict[str, str]", connection.scope.get(_PLACE, {})).update(headers)


class AnswerHeadersMiddleware:
    """Writes what `add_headers` collected; a header that the answer sets itself stays."""

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
