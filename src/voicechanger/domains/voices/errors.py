"""Error codes of custom voices."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "voice_not_found": ErrorCode(404, "The voice does not exist."),
    "voice_failed": ErrorCode(409, "The voice could not be created."),
    "voice_name_taken": ErrorCode(409, "Another voice of the account has this name."),
    "too_many_voices": ErrorCode(409, "The account has reached its limit of voices."),
    "name_missing": ErrorCode(422, "`name` is required."),
    "name_too_long": ErrorCode(422, "`name` is longer than 100 characters."),
    "name_control_characters": ErrorCode(422, "`name` contains control characters."),
    "ref_audio_missing": ErrorCode(422, "`ref_audio` is required."),
    "invalid_generate_preview": ErrorCode(422, "`generate_preview` is neither true nor false."),
    "consent_required": ErrorCode(422, "The speaker's statement of consent is required."),
    "consent_too_long": ErrorCode(422, "`consent` is longer than 2,000 characters."),
    "consent_unreadable": ErrorCode(422, "`consent` contains NUL characters."),
    "nothing_to_change": ErrorCode(422, "The request contains nothing to change."),
    "image_unsupported": ErrorCode(422, "`image` is not a PNG, JPEG or WebP file."),
    "image_unreadable": ErrorCode(422, "`image` is damaged or incomplete."),
    "image_too_large": ErrorCode(422, "`image` has too many bytes or pixels."),
    "image_check_timeout": ErrorCode(503, "`image` could not be decoded in time; see Retry-After."),
}
