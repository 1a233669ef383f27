"""What the custom-voice routes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.voices.forms import MAX_CONSENT, MAX_NAME
from voicechanger.domains.voices.portraits import PORTRAIT_MIME
from voicechanger.domains.voices.service import PREVIEW_MIME
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.services import Services

VoiceStatus = Literal["processing", "ready", "failed"]


class VoiceClip(BaseModel):
    """Figures of the reference recording."""

    model_config = ConfigDict(extra="ignore")

    seconds: float = Field(ge=0, description="Length, in seconds.")
    rate: int = Field(gt=0, description="Sample rate of the upload, in hertz.")
    channels: int = Field(ge=1, description="Channels of the upload; they are mixed to one.")
    speech_seconds: float = Field(ge=0, description="Seconds that hold speech.")
    speech_share: float = Field(ge=0, le=1, description="Share of the recording that holds speech, 0 to 1.")
    snr_db: float | None = Field(None, description="Speech over background noise, in decibels; null if unknown.")
    clipped_share: float = Field(ge=0, le=1, description="Share of samples at full scale, 0 to 1.")
    loudness_lufs: float | None = Field(None, description="Loudness by ITU-R BS.1770, in LUFS; null if unknown.")
    warnings: list[str] = Field(default_factory=list, description="What could be better about it, e.g. narrowband.")


class VoiceFailure(BaseModel):
    """Why a voice could not be made."""

    code: str = Field(description="Stable, for programs, e.g. clip_no_speech.")
    message: str = Field(description="For people: what to do.")


class Consent(BaseModel):
    """The owner's statement that the voice may be cloned."""

    model_config = ConfigDict(extra="ignore")

    statement: str = Field(description=f"As it was sent, at most {MAX_CONSENT:,} characters.")
    given_at: datetime = Field(description="When it was sent.")
    by: Literal["api_key", "dashboard"] = Field(description="Whether it came with an API key or from the dashboard.")
    key_id: uuid.UUID | None = Field(description="Id of the API key that it came with; null from the dashboard.")
    recording_replaced_at: datetime | None = Field(
        None, description="When the recording was replaced without a new statement; null if it was not."
    )


class VoiceRefinement(BaseModel):
    """How far a saved voice was bettered in the background after it was ready."""

    status: Literal["waiting", "better", "no_better", "failed"] = Field(
        description="waiting while rounds are left; better: jobs speak with the bettered voice; else as it was learned."
    )
    rounds: int = Field(ge=0, description="Rounds done, some ten seconds of a worker each.")
    likeness_before: float | None = Field(
        description="Likeness to the recording when it was learned, by the engine's own measure, -1 to 1."
    )
    likeness_after: float | None = Field(description="The best likeness found, by the same measure.")

    @classmethod
    def of(cls, record: dict[str, Any] | None) -> VoiceRefinement | None:
        """The view of what `refine_task` keeps."""
        if record is None:
            return None
        state: dict[str, Any] = record.get("state") or {}
        return cls(
            status=record["status"],
            rounds=state.get("rounds", 0),
            likeness_before=state.get("likeness_before"),
            likeness_after=state.get("likeness_after"),
        )


class VoiceView(BaseModel):
    """A saved voice."""

    id: uuid.UUID = Field(description="Give it as custom_voice_id to speak in this voice.")
    name: str = Field(max_length=MAX_NAME, description="Unique in the account, whatever the case.")
    status: VoiceStatus = Field(description="processing while it is learned (seconds), then ready or failed.")
    failure: VoiceFailure | None = Field(description="Why it failed; null unless status is failed.")
    image_url: str | None = Field(description="Presigned portrait, WebP of at most 512 × 512; null without one.")
    preview_audio_url: str | None = Field(
        description="Presigned MP3 of the voice saying preview_script_text; null until it is made."
    )
    preview_job_id: uuid.UUID | None = Field(
        description="The free job of kind preview, there once the voice is ready; null when no preview is wanted."
    )
    links_expire_at: datetime | None = Field(description="When the presigned links stop working; null without any.")
    clip: VoiceClip = Field(description="Figures of the reference recording.")
    refinement: VoiceRefinement | None = Field(
        description="Null until the voice is ready, and where the server does not refine voices."
    )
    consent: Consent | None = Field(description="Null when the server does not ask for it and none was given.")
    created_at: datetime = Field(description="When it was saved.")
    updated_at: datetime = Field(description="When it, its status or its preview last changed.")

    @classmethod
    async def of(cls, services: Services, voice: CustomVoice) -> VoiceView:
        """The view of a voice, with fresh links."""
        link = services.storage.link
        image = await link(voice.image_key, PORTRAIT_MIME, "portrait.webp", inline=True) if voice.image_key else None
        heard = await link(voice.preview_key, PREVIEW_MIME, "preview.mp3", inline=True) if voice.preview_key else None
        failure = None
        if voice.failure_code:
            failure = VoiceFailure(code=voice.failure_code, message=voice.failure_message or "")
        return cls(
            id=voice.id,
            name=voice.name,
            status=voice.status,  # pyright: ignore[reportArgumentType]  # a constraint of the table
            failure=failure,
            image_url=image.url if image else None,
            preview_audio_url=heard.url if heard else None,
            preview_job_id=voice.preview_job_id,
            links_expire_at=min((made.expires_at for made in (image, heard) if made), default=None),
            clip=VoiceClip.model_validate(voice.clip_report),
            refinement=VoiceRefinement.of(voice.refinement),
            consent=Consent.model_validate(voice.consent) if voice.consent else None,
            created_at=voice.created_at,
            updated_at=voice.updated_at,
        )


class VoicePage(BaseModel):
    """A page of saved voices, the newest first."""

    items: list[VoiceView] = Field(description="At most `limit` voices.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")
    preview_script_text: str = Field(description="What every preview says.")
