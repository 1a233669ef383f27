"""Schemas of OpenAI requests and responses, as far as this server supports them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.kit.validation import StoredText

MOST_INPUT: Final = 1_000_000
"""Characters; the server's own limit, which is smaller, gives the better message."""
Name = Annotated[StoredText, Field(max_length=200)]


class VoiceId(BaseModel):
    """A voice by its ID."""

    model_config = ConfigDict(extra="forbid")
    id: Name = Field(description="ID of a custom voice.")


class SpeechBody(BaseModel):
    """The request body of OpenAI clients; unsupported values are refused, never ignored."""

    model_config = ConfigDict(extra="forbid")

    model: Name = Field(description="A model of GET /v1/models, or the name of an OpenAI speech model such as tts-1.")
    input: Annotated[str, Field(max_length=MOST_INPUT)] = Field(description="Text to synthesize.")
    voice: Name | VoiceId = Field(description="ID or name of a custom voice.")
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = Field(
        "mp3", description="Format of the audio; aac is not supported."
    )
    speed: float = Field(1.0, ge=0.25, le=4.0, allow_inf_nan=False, description="Relative speed; 1 is natural.")
    stream_format: Literal["audio", "sse"] = Field("audio", description="audio: the file itself; sse: events with it.")
    instructions: Annotated[StoredText, Field(max_length=4_096)] | None = Field(
        None, description="Not supported; must be empty."
    )


class Model(BaseModel):
    """A model, as OpenAI lists it."""

    id: str = Field(description="ID of the model; send it as `model`.")
    object: Literal["model"] = Field(default="model", description="Always model.")
    created: int = Field(description="Creation time, as Unix time.")
    owned_by: str = Field(default="voicechanger", description="Always voicechanger.")


class ModelList(BaseModel):
    """The list of models."""

    object: Literal["list"] = Field(default="list", description="Always list.")
    data: list[Model] = Field(description="The models.")


class VoiceItem(BaseModel):
    """A voice that you can send as `voice`."""

    id: str = Field(description="ID of the custom voice.")
    name: str = Field(description="Name of the voice; `voice` accepts the ID or the name.")


class VoiceList(BaseModel):
    """The voices of the account."""

    voices: list[VoiceItem] = Field(description="The voices, by name.")
