"""Errors that a caller can get.

    ProductError                    500 internal_error
    ├── InvalidRequest              422 invalid_request (one field wrong: that field's own code)
    ├── Unauthenticated             401 missing_api_key, invalid_api_key, signed_out
    ├── Forbidden                   403 scope_missing, csrf_failed, account_suspended, admin_only
    ├── NotFound                    404 not_found, job_not_found, voice_not_found, …
    ├── Conflict                    409 job_not_completed, job_already_ended, idempotency_in_flight, …
    ├── Gone                        410 result_expired, link_expired
    ├── InsufficientCredits         402 insufficient_credits
    ├── UploadTooLarge              413 upload_too_large
    ├── UploadTooSlow               408 upload_too_slow
    ├── UnsupportedMedia            415 unsupported_media_type
    ├── ClipRefused                 422 clip_too_short, clip_silent, … (one code each, see domains/clips/upload.py)
    ├── TooManyRequests             429 rate_limited, too_many_jobs
    ├── JobFailed                   422 or 500, the job's own code (sync mode)
    ├── MisdirectedRequest          421 unknown_host
    └── Unavailable                 503 not_ready, storage_unavailable, database_unavailable

Services raise these errors; `kit/problems.py` converts them to problem documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a request."""

    field: str
    code: str
    message: str


class ProductError(Exception):
    """Something went wrong on our side."""

    status = 500
    code = "internal_error"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)
        if code is not None:
            self.code = code
        self.headers = headers or {}
        self.extra = extra
        """Further members of the problem document, e.g. `required` and `available`."""


class InvalidRequest(ProductError):
    """Some fields of the request are not valid."""

    status = 422
    code = "invalid_request"

    def __init__(self, *problems: FieldProblem) -> None:
        alone = {(p.code, p.message) for p in problems}
        code, message = alone.pop() if len(alone) == 1 else (None, None)
        super().__init__(message, code=code)
        self.problems = problems


class Unauthenticated(ProductError):
    """Send a valid API key in the X-API-Key header."""

    status = 401
    code = "invalid_api_key"


class Forbidden(ProductError):
    """This key may not do that."""

    status = 403
    code = "scope_missing"


class NotFound(ProductError):
    """There is nothing here under that address."""

    status = 404
    code = "not_found"


class Conflict(ProductError):
    """The state of the thing does not allow that now."""

    status = 409
    code = "conflict"


class Gone(ProductError):
    """It was here and has been removed."""

    status = 410
    code = "gone"


class InsufficientCredits(ProductError):
    """The account has too few credits for this request."""

    status = 402
    code = "insufficient_credits"


class UploadTooLarge(ProductError):
    """The upload is larger than this server takes."""

    status = 413
    code = "upload_too_large"


class UploadTooSlow(ProductError):
    """The upload took longer than this server waits."""

    status = 408
    code = "upload_too_slow"


class UnsupportedMedia(ProductError):
    """The body is not of a type that this route takes."""

    status = 415
    code = "unsupported_media_type"


class ClipRefused(ProductError):
    """The recording cannot serve as a reference."""

    status = 422
    code = "clip_unreadable"


class TooManyRequests(ProductError):
    """Too many requests; try again later."""

    status = 429
    code = "rate_limited"


class JobFailed(ProductError):
    """The job failed; nothing was charged."""

    status = 500
    code = "synthesis_failed"

    def __init__(self, message: str, *, code: str, status: int, **extra: Any) -> None:
        super().__init__(message, code=code, **extra)
        self.status = status


class Unavailable(ProductError):
    """The server cannot do that at the moment; try again soon."""

    status = 503
    code = "not_ready"


class CommandError(Exception):
    """A command cannot start or continue; its text is one sentence that says what to do.

    For the person at the terminal, never for an HTTP client.
    """


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """What a code in a problem document means."""

    status: int
    """HTTP status, as a caller who waits for the answer sees it."""
    description: str
    in_reference: bool = True
    """False for codes outside of the documented routes: links to files, unknown addresses, the dashboard's forms."""


ErrorCodes: TypeAlias = Mapping[str, ErrorCode]
"""The codes that one part of the product declares; `api/error_catalogue.py` merges them."""

ERRORS: Final[ErrorCodes] = {
    "rate_limited": ErrorCode(429, "Too many requests per minute; see Retry-After."),
    "too_many_failures": ErrorCode(429, "Too many wrong API keys from this address; see Retry-After."),
    "internal_error": ErrorCode(500, "An unexpected error occurred in the server; nothing is charged."),
    "database_unavailable": ErrorCode(503, "The database does not respond. Try again."),
    "invalid_request": ErrorCode(422, "Several fields are not valid; `errors` lists each with its own code."),
    "field_invalid": ErrorCode(422, "A field is not valid."),
    "field_missing": ErrorCode(422, "A required field is missing."),
    "unknown_field": ErrorCode(422, "The route has no such field."),
    "repeated_field": ErrorCode(422, "A field is given more than once."),
    "too_many_files": ErrorCode(422, "There are more files than the field accepts."),
    "file_expected": ErrorCode(422, "The field must be a file upload."),
    "text_expected": ErrorCode(422, "The field must be text, not a file."),
    "bad_request": ErrorCode(400, "The body could not be read, for example because it is not UTF-8."),
    "invalid_json": ErrorCode(422, "The body is not well-formed JSON."),
    "malformed_form": ErrorCode(422, "The body is not a well-formed form."),
    "unsupported_media_type": ErrorCode(415, "The body is not multipart/form-data."),
    "upload_too_large": ErrorCode(413, "The body is larger than this server accepts."),
    "upload_too_slow": ErrorCode(408, "The upload took too long."),
    "invalid_idempotency_key": ErrorCode(422, "`Idempotency-Key` is not 1 to 255 printable ASCII characters."),
    "idempotency_key_reused": ErrorCode(422, "The key was used with a different request."),
    "idempotency_in_flight": ErrorCode(409, "A request with this key is in progress; see Retry-After."),
    "invalid_cursor": ErrorCode(422, "`cursor` is not a value that this route returned."),
    "scope_missing": ErrorCode(403, "The key lacks the scope that the route needs."),
    "not_found": ErrorCode(404, "The address does not exist.", in_reference=False),
    "method_not_allowed": ErrorCode(
        405, "The address does not support this method; see the Allow header.", in_reference=False
    ),
    "unknown_host": ErrorCode(421, "The server does not answer to that host name; see PUBLIC_URL.", in_reference=False),
    "http_error": ErrorCode(400, "The request was refused before it reached a route.", in_reference=False),
}
"""Codes that any service needs."""
