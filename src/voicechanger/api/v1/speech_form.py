"""The fields of a speech request as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

from voicechanger.domains.jobs.request import MAX_DURATION, MAX_SPEED, MIN_SPEED
from voicechanger.kit.error_codes import (
    CLIP,
    FORM,
    IDEMPOTENCY,
    JOB_FAILED,
    LANGUAGE_MISSING,
    MODEL_FAILED,
    PAYING,
    STREAMING,
    TEXT_FIELD,
    TEXT_REFUSED,
    VOICE_FIELD,
)
from voicechanger.kit.openapi import IDEMPOTENCY_HEADER, errors, form_body
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.text.languages import supported

_TEXT: dict[str, dict[str, Any]] = {
    "text": {
        "type": "string",
        "minLength": 1,
        "description": "What to say; at most MAX_TEXT_CHARACTERS (20,000 unless the server says otherwise).",
        "example": "The quick brown fox jumps over the lazy dog.",
    },
    "language": {
        "type": "string",
        "default": "auto",
        "enum": ["auto", *(language.tag for language in supported())],
        "description": "auto tells the language sentence by sentence.",
    },
    "speed": {
        "type": "number",
        "minimum": MIN_SPEED,
        "maximum": MAX_SPEED,
        "default": 1.0,
        "description": "Relative speed; ignored when duration is given.",
    },
    "duration": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": MAX_DURATION,
        "description": "Target length in seconds; decides the length when given.",
    },
    "format": {"type": "string", "default": "wav", "enum": list(FORMATS), "description": "Of the recording."},
    "async_mode": {
        "type": "string",
        "default": "true",
        "enum": ["true", "false"],
        "description": "true: the job's id at once. false: the recording, when it is done in time.",
    },
    "custom_voice_id": {"type": "string", "format": "uuid", "description": "A saved voice; or give audio_ref."},
}
_CLIP = {
    "type": "string",
    "format": "binary",
    "description": "WAV, FLAC, MP3 or OGG of one speaker, 3 to 60 seconds; or give custom_voice_id.",
}
_FIELD_ERRORS = (
    "unsupported_language",
    "unsupported_format",
    "invalid_speed",
    "invalid_duration",
    "invalid_async_mode",
)
_SPOKEN_ERRORS = (*TEXT_REFUSED, "duration_out_of_reach", "speed_out_of_range", *LANGUAGE_MISSING, *MODEL_FAILED)
_COMMON = (*FORM, *TEXT_FIELD, *_FIELD_ERRORS, *VOICE_FIELD)
_ACCEPTING = (*_COMMON, "voice_missing", "voice_ambiguous", *CLIP, *PAYING)

_SPEECH_BODY = form_body({**_TEXT, "audio_ref": _CLIP}, ("text",))

SPEAK: dict[str, Any] = {
    **_SPEECH_BODY,
    **IDEMPOTENCY_HEADER,
    **errors(*_ACCEPTING, *IDEMPOTENCY, *JOB_FAILED, "job_canceled"),
}
STREAM: dict[str, Any] = {
    **_SPEECH_BODY,
    **errors(*_ACCEPTING, *STREAMING),
}
QUOTE: dict[str, Any] = {**form_body(_TEXT, ("text",)), **errors(*_COMMON, *_SPOKEN_ERRORS, "no_worker_free")}
