"""Forms of custom voices."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema

from voicechanger.kit.errors import FieldProblem
from voicechanger.kit.forms import FileField, Form, FormBool, Upload
from voicechanger.kit.validation import invalid

MAX_NAME: Final = 100
"""Most characters of the name of a voice."""
MAX_CONSENT: Final = 2_000
"""Most characters of a statement of consent."""
MOST_RECORDINGS: Final = 5
"""Most recordings of one speaker; they are joined to one clip."""

_CONSENT_REQUIRED = (
    "`consent` is required: send the statement of the speaker, for example "
    "'This is my voice and I agree that it is cloned.', or the word true."
)
_REFUSALS = ("false", "no", "0")


def form_context(*, consent_required: bool) -> dict[str, Any]:
    """Return the validation context of these forms."""
    return {"consent_required": consent_required}


def _name(raw: str) -> str:
    name = unicodedata.normalize("NFC", raw.strip())
    if not name:
        raise invalid("name_missing", f"`name` is empty; it must have 1 to {MAX_NAME} characters")
    if len(name) > MAX_NAME:
        raise invalid("name_too_long", f"`name` must have at most {MAX_NAME} characters; got {len(name)}")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name):
        raise invalid("name_control_characters", "`name` contains control characters or line breaks; remove them")
    return name


def _consent(raw: str | None) -> str | None:
    """Return the statement; None when it is blank or a refusal."""
    statement = (raw or "").strip()
    if len(statement) > MAX_CONSENT:
        raise invalid("consent_too_long", f"`consent` must have at most {MAX_CONSENT} characters; got {len(statement)}")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in statement):
        raise invalid("consent_unreadable", "`consent` contains NUL characters or lone surrogates; remove them")
    return statement if statement and statement.lower() not in _REFUSALS else None


def _consent_if_required(statement: str | None, info: ValidationInfo) -> str | None:
    if statement is None and info.context and info.context["consent_required"]:
        raise invalid("consent_required", _CONSENT_REQUIRED)
    return statement


_NAME_SCHEMA: dict[str, Any] = {"minLength": 1, "maxLength": MAX_NAME, "example": "Ada"}
_NAME_MEANING = f"1 to {MAX_NAME} characters after trimming; unique in the account, ignoring case."
_CONSENT_SCHEMA: dict[str, Any] = {
    "maxLength": MAX_CONSENT,
    "example": "This is my voice and I agree that it is cloned.",
}
_RECORDINGS_MEANING = (
    "WAV, FLAC, MP3 or OGG of one speaker, 3 to 60 seconds, checked before it is saved. "
    f"Send the field up to {MOST_RECORDINGS} times for several recordings of the same person."
)
Recordings = Annotated[
    tuple[Upload, ...], FileField(MOST_RECORDINGS), WithJsonSchema({"type": "string", "format": "binary"})
]
Image = Annotated[Upload | None, FileField()]
_IMAGE_MEANING = "PNG, JPEG or WebP of at most 5 MB and 40 megapixels; it is converted to WebP without metadata."


class NewVoice(Form):
    """The fields of a new voice."""

    codes: ClassVar[Mapping[str, str]] = {"generate_preview": "invalid_generate_preview"}

    name: Annotated[str, AfterValidator(_name)] = Field(description=_NAME_MEANING, json_schema_extra=_NAME_SCHEMA)
    ref_audio: Recordings = Field(description=_RECORDINGS_MEANING)
    """One or several recordings of the same speaker."""
    image: Image = Field(None, description=_IMAGE_MEANING)
    generate_preview: FormBool = Field(True, description="Whether to create a free preview when the voice is ready.")
    consent: Annotated[str | None, AfterValidator(_consent), AfterValidator(_consent_if_required)] = Field(
        None,
        validate_default=True,
        description="Statement of the speaker, or the word true; required unless the server does not ask for it.",
        json_schema_extra=_CONSENT_SCHEMA,
    )
    """Statement of the speaker."""


class VoiceChange(Form):
    """The fields to change; fields that are None or empty stay as they are."""

    name: Annotated[str | None, AfterValidator(lambda raw: None if raw is None else _name(raw))] = Field(
        None, description=_NAME_MEANING, json_schema_extra=_NAME_SCHEMA
    )
    ref_audio: Recordings = Field((), description=_RECORDINGS_MEANING)
    image: Image = Field(None, description=_IMAGE_MEANING)
    consent: Annotated[str | None, AfterValidator(_consent)] = Field(
        None,
        description="Statement of the speaker of the new recording; stored together with ref_audio.",
        json_schema_extra=_CONSENT_SCHEMA,
    )
    """Statement of the speaker of the new recording."""

    @classmethod
    def check_together(cls, given: Collection[str]) -> list[FieldProblem]:
        """Refuse a form that changes no field."""
        changing = ("name", "ref_audio", "image")
        if any(field in given for field in changing):
            return []
        message = "Send at least one of `name`, `ref_audio` and `image`."
        return [FieldProblem(field, "nothing_to_change", message) for field in changing]
