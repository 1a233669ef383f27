"""OpenAI's shapes, as far as this server can honour them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.kit.validation import StoredText

MOST_INPUT: Final = 1_000_000
"""Characters; the server's own limit, which is smaller, gives the better message."""
Name = Annotated[StoredText, Field(max_length=200)]


class VoiceId(BaseModel):
    """A voice by its id."""

    model_config = ConfigDict(extra="forbid")
    id: Name = Field(description="Id of a custom voice.")


class SpeechBody(BaseModel):
    """What OpenAI's clients send.  What cannot be honoured is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")

    model: Name = Field(description="Any of GET /v1/models; tts-1 and its kin are taken as the one there is.")
    input: Annotated[str, Field(max_length=MOST_INPUT)] = Field(description="The text.")
    voice: Name | VoiceId = Field(description="Id or name of a custom voice.")
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = Field(
        "mp3", description="Of the audio; aac is refused."
    )
    speed: float = Field(1.0, ge=0.25, le=4.0, allow_inf_nan=False, description="Relative speed.")
    stream_format: Literal["audio", "sse"] = Field("audio", description="The audio itself, or events that hold it.")
    instructions: Annotated[StoredText, Field(max_length=4_096)] | None = Field(
        None, description="Not supported; refused when not empty."
    )


class Model(BaseModel):
    """A model, as OpenAI lists it."""

    id: str = Field(description="Give it as model.")
    object: Literal["model"] = Field(default="model", description="Always model.")
    created: int = Field(description="Unix time.")
    owned_by: str = Field(default="voicechanger", description="Always voicechanger.")


class ModelList(BaseModel):
    """The models there are."""

    object: Literal["list"] = Field(default="list", description="Always list.")
    data: list[Model] = Field(description="The models.")


class VoiceItem(BaseModel):
    """A voice that `voice` may name."""

    id: str = Field(description="Id of the custom voice.")
    name: str = Field(description="Its name; either may be given as voice.")


class VoiceList(BaseModel):
    """The voices of the account."""

    voices: list[VoiceItem] = Field(description="The voices, by name.")
