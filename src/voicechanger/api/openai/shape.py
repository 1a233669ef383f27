"""Convert errors to OpenAI's format on the routes for OpenAI clients."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from voicechanger.kit.errors import InvalidRequest, ProductError
from voicechanger.kit.logs import summary
from voicechanger.kit.problems import SafeJSON, as_product_error, database_unavailable, from_http

log = structlog.get_logger()

_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def openai_error(error: ProductError) -> JSONResponse:
    """Return an error as `{"error": {message, type, param, code}}`; status 422 becomes 400."""
    status = 400 if error.status == 422 else error.status
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    param = error.problems[0].field if isinstance(error, InvalidRequest) and error.problems else None
    body = {"message": error.message, "type": kind, "param": param, "code": error.code}
    return SafeJSON({"error": body}, status_code=status, headers=error.headers)


class OpenAIRoute(APIRoute):
    """A route whose errors have OpenAI's format."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its errors converted."""
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await plain(request)
            except ProductError as error:
                return openai_error(error)
            except RequestValidationError as error:
                return openai_error(as_product_error(error))
            except HTTPException as error:
                return openai_error(from_http(error))
            except (OperationalError, InterfaceError) as error:
                log.error("database_unavailable", error=summary(error))  # noqa: TRY400  # expected, its trace says nothing
                return openai_error(database_unavailable())

        return handler
