"""The fields of a speech request as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

from voicechanger.inference.audio.formats import FORMATS
from voicechanger.inference.text.languages import supported
from voicechanger.speech.request import MAX_DURATION, MAX_SPEED, MIN_SPEED
from voicechanger.web.openapi import CLIP, FORM, IDEMPOTENCY, IDEMPOTENCY_HEADER, errors, form_body

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
_TEXT_ERRORS = ("text_missing", "text_empty", "text_too_long", "text_control_characters", "text_not_speakable")
_FIELD_ERRORS = (
    "unsupported_language",
    "unsupported_format",
    "invalid_speed",
    "invalid_duration",
    "invalid_async_mode",
)
_VOICE_ERRORS = ("invalid_custom_voice_id", "voice_not_found", "voice_failed")
_SPOKEN_ERRORS = ("unsupported_script", "unknown_markup", "bad_markup", "duration_out_of_reach")
_COMMON = (*FORM, *_TEXT_ERRORS, *_FIELD_ERRORS, *_VOICE_ERRORS)
_PAYING = ("insufficient_credits", "key_cap_reached", "too_many_jobs", "storage_unavailable")
_ACCEPTING = (*_COMMON, "voice_missing", "voice_ambiguous", *CLIP, *_PAYING)

_SPEECH_BODY = form_body({**_TEXT, "audio_ref": _CLIP}, ("text",))

SPEAK: dict[str, Any] = {
    **_SPEECH_BODY,
    **IDEMPOTENCY_HEADER,
    **errors(*_ACCEPTING, *IDEMPOTENCY, *_SPOKEN_ERRORS, "voice_deleted", "job_canceled", "synthesis_failed"),
}
STREAM: dict[str, Any] = {
    **_SPEECH_BODY,
    **errors(*_ACCEPTING, *_SPOKEN_ERRORS, "voice_deleted", "job_canceled", "synthesis_failed", "no_worker_free"),
}
QUOTE: dict[str, Any] = {**form_body(_TEXT, ("text",)), **errors(*_COMMON, *_SPOKEN_ERRORS, "no_worker_free")}
