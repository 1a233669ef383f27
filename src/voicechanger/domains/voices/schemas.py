"""What the custom-voice routes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.clips.schemas import VoiceClip
from voicechanger.domains.voices.forms import MAX_CONSENT, MAX_NAME
from voicechanger.domains.voices.portraits import PORTRAIT_MIME
from voicechanger.domains.voices.previews import PREVIEW_MIME
from voicechanger.domains.voices.tables import CustomVoice, RefinementRecord, RefinementStatus, VoiceStatus
from voicechanger.infra.services import Services


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
    """How far a saved voice was refined in the background after it was ready."""

    status: RefinementStatus = Field(
        description="waiting while rounds are left; better: jobs speak with the refined voice; else with the one pass."
    )
    rounds: int = Field(ge=0, description="Rounds done, some ten seconds of a worker each.")
    likeness_before: float | None = Field(
        description="Likeness to the recording after the one pass, by the engine's own measure, -1 to 1."
    )
    likeness_after: float | None = Field(description="The best likeness found, by the same measure.")

    @classmethod
    def of(cls, record: RefinementRecord | None) -> VoiceRefinement | None:
        """Return the view of a record; None when there is none."""
        if record is None:
            return None
        return cls.model_validate({name: getattr(record, name) for name in cls.model_fields})


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
            status=VoiceStatus(voice.status),
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
