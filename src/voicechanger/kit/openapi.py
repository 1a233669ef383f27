"""The OpenAPI document: every field described, every error listed, the multipart forms spelled out.

A route that parses its own form says so with `openapi_extra=form_body(...)`; the errors that a route can answer
are those of `ALWAYS`, those of its scope, and what it names in `openapi_extra={"x-errors": [...]}`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from voicechanger.kit.error_codes import ALWAYS, ERRORS
from voicechanger.kit.problems import PROBLEM

IDEMPOTENCY_HEADER: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "Your own id of this request; sent again within 24 hours it is done once.",
        }
    ]
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error, by RFC 9457.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank; `code` tells the kind."},
        "title": {"type": "string", "description": "The kind of error, for people."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "code": {"type": "string", "description": "Stable machine code."},
        "detail": {"type": "string", "description": "What went wrong and what to do."},
        "request_id": {"type": "string", "description": "As in X-Request-Id; quote it when asking for help."},
        "errors": {
            "type": "array",
            "description": "One entry for each wrong field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Name of the field."},
                    "code": {"type": "string", "description": "Stable machine code."},
                    "message": {"type": "string", "description": "What is wrong with it."},
                },
            },
        },
    },
    "additionalProperties": True,
}


_OPENAI_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error, as OpenAI's clients read it.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "What went wrong.",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "What went wrong and what to do."},
                "type": {"type": "string", "description": "The kind of error, in OpenAI's words."},
                "param": {"type": ["string", "null"], "description": "The wrong field; null when there is none."},
                "code": {"type": "string", "description": "Stable machine code, the same as everywhere here."},
            },
        }
    },
}

PATH_IDS = {
    "job_id": "Id of the job.",
    "voice_id": "Id of the saved voice.",
    "key_id": "Id of the API key.",
    "pronunciation_id": "Id of the pronunciation.",
    "webhook_id": "Id of the webhook.",
    "delivery_id": "Id of the delivery.",
}


def form_body(properties: dict[str, dict[str, Any]], required: tuple[str, ...] = (), **extra: Any) -> dict[str, Any]:
    """`openapi_extra` of a route that parses a multipart form itself."""
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **extra,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def errors(*codes: str) -> dict[str, Any]:
    """`openapi_extra` that names the errors of a route beside those of every route."""
    return {"x-errors": list(codes)}


def openai_errors(*codes: str) -> dict[str, Any]:
    """The same for a route whose errors have OpenAI's shape: what is 422 elsewhere is 400 there."""
    return {"x-errors": list(codes), "x-openai": True}


def install_openapi(app: FastAPI, description: str) -> None:
    """Replace the application's OpenAPI document by one with our errors."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, summary=app.summary, description=description, routes=app.routes
            )
            _tell_errors(made)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document


def _tell_errors(document: dict[str, Any]) -> None:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM_SCHEMA
    schemas["OpenAIError"] = _OPENAI_ERROR_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                _tell_operation(operation)  # pyright: ignore[reportUnknownArgumentType]  # plain JSON


_JSON_BODY = ["bad_request", "field_missing", "unknown_field", "invalid_json", "upload_too_large"]


def _tell_operation(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter.setdefault("description", PATH_IDS[parameter["name"]])
    named: list[str] = operation.pop("x-errors", [])
    openai: bool = operation.pop("x-openai", False)
    responses: dict[str, Any] = operation["responses"]
    # FastAPI adds a 422 of its own wherever it validates something
    validates = responses.get("422", {}).get("description") == "Validation Error"
    if validates:
        del responses["422"]
    codes = [*named, *(ALWAYS if operation.get("security") else ("internal_error",))]
    codes += ["field_invalid", "invalid_request"] if validates else []
    codes += _JSON_BODY if validates and "requestBody" in operation else []
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        status = ERRORS[code][0]
        by_status[400 if openai and status == 422 else status].append(code)
    for status, group in sorted(by_status.items()):
        told = "\n".join(f"- `{code}`: {ERRORS[code][1]}" for code in group)
        responses[str(status)] = {"description": told, "content": _error_content(status, openai)}


def _error_content(status: int, openai: bool) -> dict[str, Any]:
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if not openai:
        return problem
    shaped = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
    # what fails outside of the route is told as everywhere else
    return shaped if status < 500 else {**shaped, **problem}
