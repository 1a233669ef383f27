"""The form of a synthesis request, validated field by field; every problem has its own code."""

from __future__ import annotations

import math
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile

from voicechanger.kit.errors import FieldProblem, InvalidRequest
from voicechanger.kit.forms import file_of, text_of
from voicechanger.settings import Settings
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.errors import TextError
from voicechanger.tts.text.languages import AUTO, canonical

MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
MAX_DURATION: Final = 600.0
"""Seconds; the longest target length."""

TEXT_FIELDS: Final = ("text", "language", "speed", "duration", "format", "async_mode", "custom_voice_id")
FILE_FIELDS: Final = ("audio_ref",)

_ALLOWED_CONTROLS = "\t\n\r"


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What is to be spoken, and how."""

    text: str
    """Trimmed."""
    language: str
    """`auto` or a canonical tag."""
    speed: float
    duration: float | None
    format: str
    async_mode: bool
    custom_voice_id: uuid.UUID | None
    audio_ref: UploadFile | None

    @property
    def characters(self) -> int:
        """Code points of the text: what is priced."""
        return len(self.text)


class _Reader:
    """Reads fields and collects what is wrong with them, so that one answer names every problem."""

    def __init__(self, form: FormData) -> None:
        self.form = form
        self.problems: list[FieldProblem] = []

    def refuse(self, field: str, code: str, message: str) -> None:
        self.problems.append(FieldProblem(field, code, message))

    def text(self, limit: int) -> str:
        raw = text_of(self.form, "text")
        problem = text_problem(raw, limit)
        if problem is not None:
            self.problems.append(problem)
        return (raw or "").strip()

    def language(self) -> str:
        try:
            return canonical(text_of(self.form, "language") or AUTO)
        except TextError as error:
            self.refuse("language", error.code, error.message)
            return AUTO

    def number(self, name: str, low: float, high: float, *, above: bool = False) -> float | None:
        """A finite number in [low, high], or (low, high] when `above`; None when absent."""
        raw = text_of(self.form, name)
        if raw is None or not raw.strip():
            return None
        try:
            value = float(raw)
        except ValueError:
            self.refuse(name, f"invalid_{name}", f"{name} must be a number.")
            return None
        if not math.isfinite(value) or value > high or value < low or (above and value == low):
            span = f"more than {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"
            self.refuse(name, f"invalid_{name}", f"{name} must be a number {span}.")
            return None
        return value

    def format(self) -> str:
        raw = (text_of(self.form, "format") or "wav").strip().lower()
        if raw not in FORMATS:
            self.refuse("format", "unsupported_format", f"format must be one of: {', '.join(FORMATS)}.")
            return "wav"
        return raw

    def async_mode(self) -> bool:
        raw = text_of(self.form, "async_mode")
        if raw is None:
            return True
        if raw not in ("true", "false"):
            self.refuse("async_mode", "invalid_async_mode", "async_mode must be the string true or false.")
        return raw != "false"

    def voice(self) -> tuple[uuid.UUID | None, UploadFile | None]:
        raw, clip = text_of(self.form, "custom_voice_id"), file_of(self.form, "audio_ref")
        raw = raw if raw is None or raw.strip() else None
        if (raw is None) == (clip is None):
            code = "voice_missing" if clip is None else "voice_ambiguous"
            for field in ("audio_ref", "custom_voice_id"):
                self.refuse(field, code, "Give exactly one of audio_ref and custom_voice_id.")
            return None, None
        return self.saved_voice(), clip

    def saved_voice(self) -> uuid.UUID | None:
        raw = text_of(self.form, "custom_voice_id")
        if raw is None or not raw.strip():
            return None
        try:
            return uuid.UUID(raw.strip())
        except ValueError:
            self.refuse("custom_voice_id", "invalid_custom_voice_id", "custom_voice_id must be a UUID.")
            return None


def text_problem(raw: str | None, limit: int) -> FieldProblem | None:
    """What is wrong with a text before its language is looked at, None when nothing is."""
    if raw is None:
        return FieldProblem("text", "text_missing", "text is required.")
    text = raw.strip()
    if not text:
        return FieldProblem("text", "text_empty", "text is empty; give at least one word.")
    if len(text) > limit:
        return FieldProblem(
            "text", "text_too_long", f"text has {len(text)} characters; this server takes at most {limit}."
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _ALLOWED_CONTROLS for c in text):
        return FieldProblem("text", "text_control_characters", "text holds control characters; remove them.")
    if not any(unicodedata.category(c)[0] in "LN" for c in text):
        return FieldProblem(
            "text", "text_not_speakable", "text holds nothing that can be spoken; give at least one letter or digit."
        )
    return None


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What is to be priced: a request without its reference recording."""

    text: str
    language: str
    speed: float
    duration: float | None
    custom_voice_id: uuid.UUID | None


def read_quote(form: FormData, settings: Settings) -> QuoteRequest:
    """The request in a form without audio; InvalidRequest names every field that is wrong."""
    reader = _Reader(form)
    text = reader.text(settings.max_text_characters)
    language = reader.language()
    speed = reader.number("speed", MIN_SPEED, MAX_SPEED)
    duration = reader.number("duration", 0.0, MAX_DURATION, above=True)
    reader.format()
    reader.async_mode()
    voice_id = reader.saved_voice()
    if reader.problems:
        raise InvalidRequest(*reader.problems)
    return QuoteRequest(text, language, 1.0 if speed is None else speed, duration, voice_id)


def read_request(form: FormData, settings: Settings) -> SpeechRequest:
    """The request in a form; InvalidRequest names every field that is wrong."""
    reader = _Reader(form)
    text = reader.text(settings.max_text_characters)
    language = reader.language()
    speed = reader.number("speed", MIN_SPEED, MAX_SPEED)
    duration = reader.number("duration", 0.0, MAX_DURATION, above=True)
    file_format = reader.format()
    async_mode = reader.async_mode()
    voice_id, clip = reader.voice()
    if reader.problems:
        raise InvalidRequest(*reader.problems)
    return SpeechRequest(
        text, language, 1.0 if speed is None else speed, duration, file_format, async_mode, voice_id, clip
    )
