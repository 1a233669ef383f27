"""Error codes of reference clips."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "clip_not_audio": ErrorCode(422, "The recording is not audio."),
    "clip_unreadable": ErrorCode(422, "The recording could not be read."),
    "clip_empty": ErrorCode(422, "The recording is empty."),
    "clip_truncated": ErrorCode(422, "The recording is incomplete."),
    "clip_unsupported_format": ErrorCode(422, "The format of the recording is not supported."),
    "clip_bad_rate": ErrorCode(422, "The recording's sample rate is out of range."),
    "clip_too_many_channels": ErrorCode(422, "The recording has too many channels."),
    "clip_bad_samples": ErrorCode(422, "The recording contains samples that are not numbers."),
    "clip_too_short": ErrorCode(422, "The recording is too short."),
    "clip_too_long": ErrorCode(422, "The recording is too long."),
    "clip_silent": ErrorCode(422, "The recording is silent."),
    "clip_clipped": ErrorCode(422, "The recording is clipped."),
    "clip_too_noisy": ErrorCode(422, "The recording is mostly noise."),
    "clip_no_speech": ErrorCode(422, "The recording contains no speech."),
    "clip_too_little_speech": ErrorCode(422, "The recording contains too little speech."),
    "decoders_busy": ErrorCode(503, "Every decoder of this server is busy; see Retry-After."),
    "clip_check_timeout": ErrorCode(503, "The recording could not be checked in time; see Retry-After."),
}

REFUSED: Final = tuple(code for code, error in ERRORS.items() if error.status == 422)
"""What may be wrong with a recording."""
BUSY: Final = ("decoders_busy", "clip_check_timeout")
"""What may keep the server from checking a recording."""
