"""The OpenAPI document: every field described, every error listed, the multipart forms spelled out.

A route that parses its own form says so with `openapi_extra=form_body(...)`; the errors that a route can answer
are those of `ALWAYS`, those of its scope, and what it names in `openapi_extra={"x-errors": [...]}`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from voicechanger.web.problems import PROBLEM

ERRORS: dict[str, tuple[int, str]] = {
    "missing_api_key": (401, "No API key was sent."),
    "invalid_api_key": (401, "The key is malformed, unknown, revoked or expired."),
    "account_suspended": (403, "The account is suspended."),
    "scope_missing": (403, "The key lacks a scope."),
    "rate_limited": (429, "Too many requests a minute; see Retry-After."),
    "too_many_failures": (429, "Too many wrong keys from this address; see Retry-After."),
    "internal_error": (500, "Something went wrong on our side; nothing is charged."),
    "database_unavailable": (503, "The database does not answer; try again."),
    "invalid_request": (422, "Several fields are not valid; `errors` names each with its own code."),
    "field_invalid": (422, "A field is not valid."),
    "field_missing": (422, "A required field is missing."),
    "unknown_field": (422, "A field that this route does not know."),
    "repeated_field": (422, "A field is given more than once."),
    "malformed_form": (422, "The body is not a well-formed form."),
    "unsupported_media_type": (415, "The body is not multipart/form-data."),
    "upload_too_large": (413, "The body is larger than this server takes."),
    "upload_too_slow": (408, "The upload took too long."),
    "insufficient_credits": (402, "Too few credits; `required` and `available` tell how many."),
    "key_cap_reached": (402, "The key's credit cap is reached."),
    "too_many_jobs": (429, "Too many open jobs; see Retry-After."),
    "invalid_idempotency_key": (422, "Idempotency-Key is not 1 to 255 printable ASCII characters."),
    "idempotency_key_reused": (422, "The key was used with another request."),
    "idempotency_in_flight": (409, "A request with this key is being answered; see Retry-After."),
    "text_missing": (422, "text is required."),
    "text_empty": (422, "text is empty."),
    "text_too_long": (422, "text is longer than MAX_TEXT_CHARACTERS."),
    "text_control_characters": (422, "text holds control characters."),
    "text_not_speakable": (422, "text holds nothing that can be spoken."),
    "unsupported_script": (422, "text holds letters of a script that no language here speaks."),
    "unknown_markup": (422, "text holds a tag that is not supported."),
    "bad_markup": (422, "A tag in text is not well formed."),
    "unsupported_language": (422, "The language is not spoken here."),
    "unsupported_format": (422, "The format is not delivered here."),
    "invalid_speed": (422, "speed is not a number from 0.25 to 4."),
    "invalid_duration": (422, "duration is not a number above 0 and up to 600."),
    "duration_out_of_reach": (422, "The text cannot be spoken in that time; the reachable range is given."),
    "invalid_async_mode": (422, "async_mode is neither true nor false."),
    "invalid_custom_voice_id": (422, "custom_voice_id is not a UUID."),
    "voice_missing": (422, "Neither audio_ref nor custom_voice_id is given."),
    "voice_ambiguous": (422, "Both audio_ref and custom_voice_id are given."),
    "voice_not_found": (404, "There is no such voice."),
    "voice_failed": (409, "The voice could not be made."),
    "voice_deleted": (422, "The voice was deleted before the job could speak."),
    "voice_name_taken": (409, "Another voice of the account has this name."),
    "too_many_voices": (409, "The account has as many voices as it may."),
    "name_missing": (422, "name is required."),
    "name_too_long": (422, "name is longer than 100 characters."),
    "name_control_characters": (422, "name holds control characters."),
    "ref_audio_missing": (422, "ref_audio is required."),
    "invalid_generate_preview": (422, "generate_preview is neither true nor false."),
    "consent_required": (422, "The owner's statement of consent is required."),
    "consent_too_long": (422, "consent is longer than 2,000 characters."),
    "consent_unreadable": (422, "consent holds NUL characters."),
    "nothing_to_change": (422, "Nothing that can be changed is given."),
    "image_unsupported": (422, "image is not a PNG, JPEG or WebP picture."),
    "image_unreadable": (422, "image is damaged or cut short."),
    "image_too_large": (422, "image has too many bytes or pixels."),
    "key_not_found": (404, "There is no such key."),
    "unknown_scope": (422, "scopes names one that does not exist."),
    "expiry_in_past": (422, "expires_at lies in the past."),
    "expiry_too_late": (422, "A key may not make one that outlives it."),
    "scope_too_wide": (403, "A key may not give scopes that it lacks."),
    "key_is_capped": (403, "A key with a credit cap may not make keys."),
    "too_many_keys": (409, "The account has as many live keys as it may."),
    "usage_span_too_long": (422, "The span holds too many buckets, or ends before it begins."),
    "clip_not_audio": (422, "The recording is not audio."),
    "clip_unreadable": (422, "The recording could not be read."),
    "clip_empty": (422, "The recording is empty."),
    "clip_truncated": (422, "The recording ends before it should."),
    "clip_unsupported_format": (422, "The recording is of a kind that is not read here."),
    "clip_bad_rate": (422, "The recording's sample rate is out of range."),
    "clip_too_many_channels": (422, "The recording has too many channels."),
    "clip_bad_samples": (422, "The recording holds numbers that are no samples."),
    "clip_too_short": (422, "The recording is too short."),
    "clip_too_long": (422, "The recording is too long."),
    "clip_silent": (422, "The recording is silent."),
    "clip_clipped": (422, "The recording is overdriven."),
    "clip_too_noisy": (422, "The recording is mostly noise."),
    "clip_no_speech": (422, "The recording holds no speech."),
    "clip_too_little_speech": (422, "The recording holds too little speech."),
    "job_not_found": (404, "There is no such job."),
    "job_not_completed": (409, "The job has no result yet; see Retry-After."),
    "job_already_ended": (409, "The job has ended."),
    "job_canceled": (409, "The job was canceled."),
    "synthesis_failed": (500, "The speech could not be made; nothing is charged."),
    "result_expired": (410, "The result has been removed after its retention."),
    "no_worker_free": (503, "No worker took the work up in time; nothing is charged."),
    "storage_unavailable": (503, "The file store does not answer."),
    "webhook_not_found": (404, "There is no such webhook."),
    "delivery_not_found": (404, "There is no such delivery."),
    "webhook_disabled": (409, "The webhook is disabled; enable it first."),
    "too_many_webhooks": (409, "The account has as many webhooks as it may."),
    "invalid_webhook_url": (422, "url is not an address that webhooks can be sent to."),
    "webhook_port_refused": (422, "The port of url is not one of those allowed."),
    "webhook_address_refused": (422, "url names no machine on the open Internet."),
    "invalid_cursor": (422, "cursor is not one of ours."),
}
"""Every code that a route can answer: status and meaning.  A test keeps it whole."""

ALWAYS = (
    "missing_api_key",
    "invalid_api_key",
    "account_suspended",
    "scope_missing",
    "rate_limited",
    "too_many_failures",
    "internal_error",
    "database_unavailable",
)
FORM = (
    "invalid_request",
    "unknown_field",
    "repeated_field",
    "malformed_form",
    "unsupported_media_type",
    "upload_too_large",
    "upload_too_slow",
)
IDEMPOTENCY = ("invalid_idempotency_key", "idempotency_key_reused", "idempotency_in_flight")
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
CLIP = tuple(code for code in ERRORS if code.startswith("clip_"))

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
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
    "additionalProperties": True,
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
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                _tell_operation(operation)  # pyright: ignore[reportUnknownArgumentType]  # plain JSON


def _tell_operation(operation: dict[str, Any]) -> None:
    named: list[str] = operation.pop("x-errors", [])
    responses: dict[str, Any] = operation["responses"]
    # FastAPI adds a 422 of its own wherever it validates something
    validates = responses.get("422", {}).get("description") == "Validation Error"
    if validates:
        del responses["422"]
    codes = [*named, *(ALWAYS if operation.get("security") else ("internal_error",))]
    codes += ["field_invalid", "invalid_request"] if validates else []
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[ERRORS[code][0]].append(code)
    for status, group in sorted(by_status.items()):
        told = "\n".join(f"- `{code}`: {ERRORS[code][1]}" for code in group)
        responses[str(status)] = {
            "description": told,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
