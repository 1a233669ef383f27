"""Error codes of the routes for OpenAI clients."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "model_not_found": ErrorCode(422, "`model` is not one of GET /v1/models."),
    "unsupported_instructions": ErrorCode(422, "`instructions` are not supported."),
}
