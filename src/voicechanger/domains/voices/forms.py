"""The forms of custom voices, validated field by field; every problem has its own code."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile

from voicechanger.kit.errors import FieldProblem, InvalidRequest
from voicechanger.kit.forms import file_of, files_of, text_of

MAX_NAME: Final = 100
"""Characters of a voice's name."""
MAX_CONSENT: Final = 2_000
"""Characters of a statement of consent."""

MOST_RECORDINGS: Final = 5
"""Of one speaker, joined to one clip."""

FILE_FIELDS: Final = ("ref_audio", "image")
NEW_FIELDS: Final = ("name", "generate_preview", "consent")
CHANGE_FIELDS: Final = ("name", "consent")

_CONSENT_WANTED = (
    "consent is required: send the owner's statement, for example "
    "'This is my voice and I agree that it is cloned.', or the word true."
)


@dataclass(frozen=True, slots=True)
class NewVoice:
    """What a voice is to be made of."""

    name: str
    ref_audio: tuple[UploadFile, ...]
    """One recording or several of the same speaker."""
    image: UploadFile | None
    generate_preview: bool
    consent: str | None
    """The owner's statement."""


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """What is to be changed; what is None or empty stays."""

    name: str | None
    ref_audio: tuple[UploadFile, ...]
    image: UploadFile | None
    consent: str | None
    """The statement of the new recording's owner."""


def read_new(form: FormData, *, consent_required: bool) -> NewVoice:
    """The voice in a form; InvalidRequest names every field that is wrong."""
    problems: list[FieldProblem] = []
    name = _name(text_of(form, "name") or "", problems)
    clips = files_of(form, "ref_audio")
    if not clips:
        problems.append(FieldProblem("ref_audio", "ref_audio_missing", "ref_audio is required: upload a recording."))
    preview = _preview(text_of(form, "generate_preview"), problems)
    consent = _consent(text_of(form, "consent"), problems)
    if consent_required and consent is None:
        problems.append(FieldProblem("consent", "consent_required", _CONSENT_WANTED))
    if problems:
        raise InvalidRequest(*problems)
    return NewVoice(name, clips, file_of(form, "image"), preview, consent)


def read_change(form: FormData) -> VoiceChange:
    """The change in a form; InvalidRequest when it changes nothing, or names every field that is wrong."""
    problems: list[FieldProblem] = []
    raw = text_of(form, "name")
    name = None if raw is None else _name(raw, problems)
    consent = _consent(text_of(form, "consent"), problems)
    if problems:
        raise InvalidRequest(*problems)
    change = VoiceChange(name, files_of(form, "ref_audio"), file_of(form, "image"), consent)
    if change.name is None and not change.ref_audio and change.image is None:
        message = "Give at least one of name, ref_audio and image."
        raise InvalidRequest(*(FieldProblem(field, "nothing_to_change", message) for field in ("name", *FILE_FIELDS)))
    return change


def _name(raw: str, problems: list[FieldProblem]) -> str:
    name = unicodedata.normalize("NFC", raw.strip())
    if not name:
        problems.append(FieldProblem("name", "name_missing", f"name is required: 1 to {MAX_NAME} characters."))
    elif len(name) > MAX_NAME:
        problems.append(
            FieldProblem("name", "name_too_long", f"name has {len(name)} characters; at most {MAX_NAME} are kept.")
        )
    elif has_controls(name):
        problems.append(FieldProblem("name", "name_control_characters", "name holds control characters; remove them."))
    return name


def has_controls(text: str) -> bool:
    """Whether a text of one line holds what such a text must not: controls, line breaks, lone surrogates."""
    return any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


def _preview(raw: str | None, problems: list[FieldProblem]) -> bool:
    if raw not in (None, "true", "false"):
        problems.append(
            FieldProblem(
                "generate_preview",
                "invalid_generate_preview",
                "generate_preview must be the string true or false.",
            )
        )
    return raw != "false"


def _consent(raw: str | None, problems: list[FieldProblem]) -> str | None:
    """The statement; none when it is blank or says no."""
    statement = (raw or "").strip()
    if len(statement) > MAX_CONSENT:
        problems.append(
            FieldProblem("consent", "consent_too_long", f"consent is longer than {MAX_CONSENT} characters; shorten it.")
        )
    if "\0" in statement:
        problems.append(FieldProblem("consent", "consent_unreadable", "consent holds NUL characters; remove them."))
    return statement if statement and statement.lower() not in ("false", "no", "0") else None
