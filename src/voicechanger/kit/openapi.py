"""Build the OpenAPI document, with all errors and multipart forms.

A route declares its form with `openapi_extra=form_body(Model)`. Its errors are those of each route, those of
validation, and those that it declares with `openapi_extra=errors(...)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from voicechanger.kit.errors import ErrorCodes
from voicechanger.kit.forms import Form
from voicechanger.kit.problems import PROBLEM

IDEMPOTENCY_HEADER: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "Your own ID of this request. A repetition within 24 hours is not executed again.",
        }
    ]
}
IDEMPOTENCY_ERRORS = ("invalid_idempotency_key", "idempotency_key_reused", "idempotency_in_flight")
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank; `code` identifies the error."},
        "title": {"type": "string", "description": "Kind of error, for people."},
        "status": {"type": "integer", "description": "HTTP status."},
        "code": {"type": "string", "description": "Stable machine code."},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "request_id": {"type": "string", "description": "The same as in X-Request-Id; quote it when you ask for help."},
        "errors": {
            "type": "array",
            "description": "One entry for each invalid field.",
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
    "description": "An error in OpenAI's format.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "The error.",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "What is wrong and what to do."},
                "type": {"type": "string", "description": "Kind of error, as OpenAI names it."},
                "param": {"type": ["string", "null"], "description": "The invalid field; null without one."},
                "code": {"type": "string", "description": "Stable machine code, the same as on the other routes."},
            },
        }
    },
}

PATH_IDS = {
    "job_id": "ID of the job.",
    "voice_id": "ID of the saved voice.",
    "key_id": "ID of the API key.",
    "pronunciation_id": "ID of the pronunciation.",
    "webhook_id": "ID of the webhook.",
    "delivery_id": "ID of the delivery.",
}


def form_body(model: type[Form]) -> dict[str, Any]:
    """Return `openapi_extra` of a route that parses a multipart form into `model`."""
    made = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema = {
        "type": "object",
        "properties": {name: _form_field(part) for name, part in made["properties"].items()},
        "required": made.get("required", []),
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _form_field(part: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field in a form: text or a file, absent instead of null."""
    schema = {name: value for name, value in part.items() if name not in ("title", "anyOf")}
    kinds = [kind for kind in part.get("anyOf", []) if kind.get("type") != "null"]
    for kind in kinds:
        schema = {**kind, **schema}
    default = schema.get("default")
    if isinstance(default, bool):
        schema["default"] = "true" if default else "false"
    elif default is None or default == []:
        schema.pop("default", None)
    return schema


def errors(*codes: str) -> dict[str, Any]:
    """Return `openapi_extra` with the errors of a route, in addition to those of each route."""
    return {"x-errors": list(codes)}


def openai_errors(*codes: str) -> dict[str, Any]:
    """Do the same for a route whose errors have OpenAI's format; status 422 becomes 400."""
    return {"x-errors": list(codes), "x-openai": True}


def install_openapi(app: FastAPI, description: str, catalogue: ErrorCodes, always: Sequence[str]) -> None:
    """Replace the application's OpenAPI document with one that lists the errors of each operation.

    `always` are the codes of `catalogue` that each route with an API key may return.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, summary=app.summary, description=description, routes=app.routes
            )
            _add_schemas(made)
            for operation in _operations(made):
                _add_errors(operation, catalogue, always)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document


def _add_schemas(document: dict[str, Any]) -> None:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM_SCHEMA
    schemas["OpenAIError"] = _OPENAI_ERROR_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation  # pyright: ignore[reportUnknownVariableType]  # plain JSON


_JSON_BODY = ["bad_request", "field_missing", "unknown_field", "invalid_json", "upload_too_large"]


def _add_errors(operation: dict[str, Any], catalogue: ErrorCodes, always: Sequence[str]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter.setdefault("description", PATH_IDS[parameter["name"]])
    named: list[str] = operation.pop("x-errors", [])
    openai: bool = operation.pop("x-openai", False)
    responses: dict[str, Any] = operation["responses"]
    # FastAPI adds its own 422 to each route that validates
    validates = responses.get("422", {}).get("description") == "Validation Error"
    if validates:
        del responses["422"]
    codes = [*named, *(always if operation.get("security") else ("internal_error",))]
    codes += ["field_invalid", "invalid_request"] if validates else []
    codes += _JSON_BODY if validates and "requestBody" in operation else []
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        status = catalogue[code].status
        by_status[400 if openai and status == 422 else status].append(code)
    for status, group in sorted(by_status.items()):
        listed = "\n".join(f"- `{code}`: {catalogue[code].description}" for code in group)
        responses[str(status)] = {"description": listed, "content": _error_content(status, openai)}


def _error_content(status: int, openai: bool) -> dict[str, Any]:
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if not openai:
        return problem
    shaped = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
    # errors outside of the route have the format of other routes
    return shaped if status < 500 else {**shaped, **problem}
