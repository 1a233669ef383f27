"""Schemas of custom-voice responses, as the OpenAPI document shows them."""

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
from voicechanger.infra.container import Services


class VoiceFailure(BaseModel):
    """Why a voice could not be created."""

    code: str = Field(description="Stable machine code, e.g. clip_no_speech.")
    message: str = Field(description="Explanation for people: what to do.")


class Consent(BaseModel):
    """The statement of the speaker that the voice may be cloned."""

    model_config = ConfigDict(extra="ignore")

    statement: str = Field(description=f"The statement as it was sent, at most {MAX_CONSENT:,} characters.")
    given_at: datetime = Field(description="When the statement was sent.")
    by: Literal["api_key", "dashboard"] = Field(description="Whether an API key or the dashboard sent it.")
    key_id: uuid.UUID | None = Field(description="ID of the API key; null from the dashboard.")
    recording_replaced_at: datetime | None = Field(
        None, description="When the recording was replaced without a new statement; null otherwise."
    )


class VoiceRefinement(BaseModel):
    """The state of the refinement of a saved voice."""

    status: RefinementStatus = Field(
        description="waiting while rounds remain; better if jobs use the refined profile; else they use the first one."
    )
    rounds: int = Field(ge=0, description="Completed rounds; each takes a worker about ten seconds.")
    likeness_before: float | None = Field(
        description="Likeness of the first voice profile to the recording, by the engine's own measure, -1 to 1."
    )
    likeness_after: float | None = Field(description="Best likeness so far, by the same measure.")

    @classmethod
    def of(cls, record: RefinementRecord | None) -> VoiceRefinement | None:
        """Return the view of a record; None without a record."""
        if record is None:
            return None
        return cls.model_validate({name: getattr(record, name) for name in cls.model_fields})


class VoiceView(BaseModel):
    """A saved voice."""

    id: uuid.UUID = Field(description="ID of the voice; send it as `custom_voice_id`.")
    name: str = Field(max_length=MAX_NAME, description="Name of the voice, unique in the account, ignoring case.")
    status: VoiceStatus = Field(description="processing while the clip is encoded (seconds), then ready or failed.")
    failure: VoiceFailure | None = Field(description="Why the voice failed; null unless status is failed.")
    image_url: str | None = Field(
        description="Signed link to the portrait, a WebP of at most 512 × 512 pixels; null without one."
    )
    preview_audio_url: str | None = Field(
        description="Signed link to an MP3 of preview_script_text in this voice; null until it is ready."
    )
    preview_job_id: uuid.UUID | None = Field(
        description="ID of the free preview job; null until the voice is ready, and without a preview."
    )
    links_expire_at: datetime | None = Field(description="When the signed links stop working; null without links.")
    clip: VoiceClip = Field(description="Measurements of the reference recording.")
    refinement: VoiceRefinement | None = Field(
        description="State of the refinement; null until the voice is ready, and if the server does not refine voices."
    )
    consent: Consent | None = Field(description="Statement of the speaker; null when none was required or given.")
    created_at: datetime = Field(description="When the voice was created.")
    updated_at: datetime = Field(description="When the voice, its status or its preview last changed.")

    @classmethod
    async def of(cls, services: Services, voice: CustomVoice) -> VoiceView:
        """Return the view of a voice, with new links."""
        link = services.storage.link
        image = await link(voice.image_key, PORTRAIT_MIME, "portrait.webp", inline=True) if voice.image_key else None
        preview = await link(voice.preview_key, PREVIEW_MIME, "preview.mp3", inline=True) if voice.preview_key else None
        failure = None
        if voice.failure_code:
            failure = VoiceFailure(code=voice.failure_code, message=voice.failure_message or "")
        return cls(
            id=voice.id,
            name=voice.name,
            status=VoiceStatus(voice.status),
            failure=failure,
            image_url=image.url if image else None,
            preview_audio_url=preview.url if preview else None,
            preview_job_id=voice.preview_job_id,
            links_expire_at=min((made.expires_at for made in (image, preview) if made), default=None),
            clip=VoiceClip.model_validate(voice.clip_report),
            refinement=VoiceRefinement.of(voice.refinement),
            consent=Consent.model_validate(voice.consent) if voice.consent else None,
            created_at=voice.created_at,
            updated_at=voice.updated_at,
        )


class VoicePage(BaseModel):
    """A page of saved voices, newest first."""

    items: list[VoiceView] = Field(description="At most `limit` voices.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")
    preview_script_text: str = Field(description="Text of each preview.")
