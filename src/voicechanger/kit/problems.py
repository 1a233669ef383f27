"""Return errors as application/problem+json (RFC 9457), in one format for the whole API."""

from __future__ import annotations

import json
from typing import cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from voicechanger.kit.errors import InvalidRequest, ProductError, Unavailable
from voicechanger.kit.logs import summary
from voicechanger.kit.request_id import request_id_of
from voicechanger.kit.validation import field_problem

log = structlog.get_logger()

PROBLEM = "application/problem+json"

_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    402: "Too few credits",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    421: "Unknown host",
    422: "Invalid request",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available",
}


def problem_document(error: ProductError, request_id: str) -> dict[str, object]:
    """Return the problem document of an error."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": _TITLES.get(error.status, "Error"),
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "request_id": request_id,
    }
    if isinstance(error, InvalidRequest):
        body["errors"] = [{"field": p.field, "code": p.code, "message": p.message} for p in error.problems]
    body.update(error.extra)
    return body


class SafeJSON(JSONResponse):
    """JSON in which a lone surrogate of a caller, in the name of a field for example, is written as its escape."""

    def render(self, content: object) -> bytes:
        """Return the document as UTF-8."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def problem_response(error: ProductError, request: Request) -> JSONResponse:
    """Return the HTTP answer for an error."""
    return SafeJSON(
        problem_document(error, request_id_of(request)),
        status_code=error.status,
        headers=error.headers,
        media_type=PROBLEM,
    )


def as_product_error(error: RequestValidationError) -> InvalidRequest:
    """Convert FastAPI's list of errors to InvalidRequest, with plain messages."""
    # the first part of a location is body, query, path or header
    details = [cast(ErrorDetails, {**item, "loc": item["loc"][1:]}) for item in error.errors()]
    return InvalidRequest(*(field_problem(item) for item in details))


def from_http(error: HTTPException) -> ProductError:
    """Convert an error of the framework to a ProductError."""
    codes = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "upload_too_large"}
    made = ProductError(
        str(error.detail), code=codes.get(error.status_code, "http_error"), headers=dict(error.headers or {})
    )
    made.status = error.status_code
    return made


def database_unavailable() -> Unavailable:
    """Return the error for requests while the database does not respond."""
    return Unavailable(
        "The database does not respond; no data was lost. Try again later.",
        code="database_unavailable",
        headers={"Retry-After": "5"},
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Install handlers that return each error of the application as a problem document."""

    async def product(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProductError)
        return problem_response(error, request)

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(as_product_error(error), request)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(from_http(error), request)

    async def database(request: Request, error: Exception) -> Response:
        log.error("database_unavailable", error=summary(error))
        return problem_response(database_unavailable(), request)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.exception("unexpected_error", path=request.url.path, exc_info=error)
        return problem_response(
            ProductError("An unexpected error occurred in the server; quote the request ID when you ask for help."),
            request,
        )

    app.add_exception_handler(ProductError, product)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(OperationalError, database)
    app.add_exception_handler(InterfaceError, database)
    app.add_exception_handler(Exception, unexpected)
