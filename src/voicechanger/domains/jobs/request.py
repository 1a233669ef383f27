"""The forms of speech requests and quotes."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Final, LiteralString, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from voicechanger.kit.errors import FieldProblem
from voicechanger.kit.forms import BlankIsAbsent, FileField, Form, FormBool, Upload
from voicechanger.kit.validation import invalid
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.errors import TextError
from voicechanger.tts.text.languages import AUTO, canonical, supported

MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
MAX_DURATION: Final = 600.0
"""Seconds; the longest target length."""

_ALLOWED_CONTROLS = "\t\n\r"


def text_problem(text: str, limit: int) -> FieldProblem | None:
    """Return what is wrong with a text before its language is known, None when nothing is."""
    text = text.strip()
    if not text:
        return FieldProblem("text", "text_empty", "`text` is empty; send at least one word.")
    if len(text) > limit:
        return FieldProblem("text", "text_too_long", f"`text` must have at most {limit} characters; got {len(text)}.")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _ALLOWED_CONTROLS for c in text):
        return FieldProblem("text", "text_control_characters", "`text` contains control characters; remove them.")
    if not any(unicodedata.category(c)[0] in "LN" for c in text):
        return FieldProblem(
            "text", "text_not_speakable", "`text` contains nothing to speak; send at least one letter or digit."
        )
    return None


def form_context(max_text_characters: int) -> dict[str, Any]:
    """Return what the validators of these forms need."""
    return {"max_text_characters": max_text_characters}


def _text(raw: str, info: ValidationInfo) -> str:
    problem = text_problem(raw, info.context["max_text_characters"] if info.context else 0)
    if problem is not None:
        raise invalid(cast(LiteralString, problem.code), problem.message)
    return raw.strip()


def _language(raw: str) -> str:
    try:
        return canonical(raw)
    except TextError as error:
        raise invalid("unsupported_language", error.message) from error


def _format(raw: str) -> str:
    name = raw.strip().lower()
    if name not in FORMATS:
        raise invalid("unsupported_format", f"must be one of: {', '.join(FORMATS)}")
    return name


def _uuid(raw: object) -> object:
    return raw.strip() if isinstance(raw, str) else raw


class QuoteRequest(Form):
    """What is to be priced: a speech request without its reference recording."""

    codes: ClassVar[Mapping[str, str]] = {
        "speed": "invalid_speed",
        "duration": "invalid_duration",
        "async_mode": "invalid_async_mode",
        "custom_voice_id": "invalid_custom_voice_id",
    }

    text: Annotated[str, AfterValidator(_text)] = Field(
        description="Text to synthesize, at most MAX_TEXT_CHARACTERS (20,000 by default).",
        json_schema_extra={"minLength": 1, "example": "The quick brown fox jumps over the lazy dog."},
    )
    """Without white space around it."""
    language: Annotated[str, AfterValidator(_language), BlankIsAbsent()] = Field(
        AUTO,
        description="Language tag; auto detects the language of each sentence.",
        json_schema_extra={"enum": [AUTO, *(language.tag for language in supported())]},
    )
    """`auto` or a canonical tag."""
    speed: Annotated[float, BlankIsAbsent()] = Field(
        1.0,
        ge=MIN_SPEED,
        le=MAX_SPEED,
        allow_inf_nan=False,
        description="Relative speed; 1 is natural. Ignored if duration is given.",
    )
    duration: Annotated[float | None, BlankIsAbsent()] = Field(
        None,
        gt=0,
        le=MAX_DURATION,
        allow_inf_nan=False,
        description="Target duration in seconds; overrides speed.",
    )
    format: Annotated[str, AfterValidator(_format), BlankIsAbsent()] = Field(
        "wav", description="Format of the recording.", json_schema_extra={"enum": [*FORMATS]}
    )
    async_mode: FormBool = Field(True, description="true returns the job ID at once; false waits for the recording.")
    custom_voice_id: Annotated[uuid.UUID | None, BeforeValidator(_uuid), BlankIsAbsent()] = Field(
        None, description="ID of a saved voice; or send audio_ref."
    )


class SpeechRequest(QuoteRequest):
    """What is to be spoken, and how."""

    audio_ref: Annotated[Upload | None, FileField()] = Field(
        None, description="WAV, FLAC, MP3 or OGG of one speaker, 3 to 60 seconds; or send custom_voice_id."
    )

    @property
    def characters(self) -> int:
        """Code points of the text: what is priced."""
        return len(self.text)

    @classmethod
    def check_together(cls, given: Collection[str]) -> list[FieldProblem]:
        """Refuse a request with no voice, and one with two."""
        clip, saved = "audio_ref" in given, "custom_voice_id" in given
        if clip != saved:
            return []
        code = "voice_ambiguous" if clip else "voice_missing"
        message = "Send exactly one of `audio_ref` and `custom_voice_id`."
        return [FieldProblem(field, code, message) for field in ("audio_ref", "custom_voice_id")]
