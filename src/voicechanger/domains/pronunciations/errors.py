"""Error codes of pronunciations."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "unsupported_language": ErrorCode(422, "The language is not supported."),
    "unknown_phonemes": ErrorCode(422, "The phonemes are not supported by the model."),
    "pronunciation_not_found": ErrorCode(404, "There is no such pronunciation."),
    "invalid_word": ErrorCode(422, "word is not a single word without punctuation around it."),
    "too_many_pronunciations": ErrorCode(409, "The account has as many pronunciations as allowed."),
}
