"""Error codes of pronunciations."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "unsupported_language": ErrorCode(422, "The language is not supported."),
    "unknown_phonemes": ErrorCode(422, "The given phonemes contain symbols that the model does not support."),
    "pronunciation_not_found": ErrorCode(404, "The pronunciation does not exist."),
    "invalid_word": ErrorCode(422, "`word` is not a single word without punctuation around it."),
    "too_many_pronunciations": ErrorCode(409, "The account has reached its limit of pronunciations."),
}
