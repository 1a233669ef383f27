"""Routes of custom voices."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.clips import errors as clip_codes
from voicechanger.domains.voices import service
from voicechanger.domains.voices.forms import NewVoice, VoiceChange, form_context
from voicechanger.domains.voices.previews import PREVIEW_SCRIPT
from voicechanger.domains.voices.schemas import VoicePage, VoiceView
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.container import Services, services_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.forms import ERRORS as FORM_ERRORS
from voicechanger.kit.forms import Form, FormLimits, ParsedForm, parse_form
from voicechanger.kit.idempotency.guard import IdempotencyGuard, guard_request
from voicechanger.kit.openapi import IDEMPOTENCY_ERRORS, IDEMPOTENCY_HEADER, errors, form_body
from voicechanger.kit.paging import CursorText, Limit
from voicechanger.kit.validation import StoredText

router = APIRouter(prefix="/v1/custom-voices", tags=["Custom voices"])

_TEXT_BYTES = 32_768
"""Limit of one text field, above the limits of all fields."""
_COMMON_ERRORS = (
    *FORM_ERRORS,
    "too_many_files",
    "name_missing",
    "name_too_long",
    "name_control_characters",
    "voice_name_taken",
    "consent_too_long",
    "consent_unreadable",
    "image_unsupported",
    "image_unreadable",
    "image_too_large",
    "image_check_timeout",
    *clip_codes.REFUSED,
    *clip_codes.BUSY,
    "storage_unavailable",
)
_CREATE_ERRORS = (
    *_COMMON_ERRORS,
    *IDEMPOTENCY_ERRORS,
    "ref_audio_missing",
    "invalid_generate_preview",
    "consent_required",
    "too_many_voices",
)

F = TypeVar("F", bound=Form)


@asynccontextmanager
async def _voice_form(request: Request, model: type[F]) -> AsyncGenerator[ParsedForm[F]]:
    settings = services_of(request).settings
    limits = FormLimits(
        file_bytes=max(settings.max_upload_bytes, settings.max_image_bytes),
        text_bytes=_TEXT_BYTES,
        seconds=settings.upload_seconds,
    )
    async with parse_form(request, model, limits, form_context(consent_required=settings.consent_required)) as form:
        yield form


@router.get("", summary="List voices", openapi_extra=errors("invalid_cursor"))
async def page(
    request: Request,
    caller: SignedCaller,
    q: Annotated[StoredText, Query(max_length=100, description="Only voices with this text in their name.")] = "",
    limit: Limit = 20,
    cursor: CursorText = None,
) -> VoicePage:
    """List your voices, newest first, with new links, and return the text of the previews."""
    caller.require("voices")
    services = services_of(request)
    found = await service.page_of(services, caller, q=q, limit=limit, cursor=cursor)
    items = [await VoiceView.of(services, voice) for voice in found.items]
    return VoicePage(items=items, next_cursor=found.next_cursor, preview_script_text=PREVIEW_SCRIPT)


@router.get("/{voice_id}", summary="Get a voice", openapi_extra=errors("voice_not_found"))
async def show(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> VoiceView:
    """Return one voice, with new links."""
    caller.require("voices")
    services = services_of(request)
    return await VoiceView.of(services, await service.find(services, caller, voice_id))


@router.post(
    "",
    summary="Create a voice",
    status_code=status.HTTP_201_CREATED,
    openapi_extra={**form_body(NewVoice), **IDEMPOTENCY_HEADER, **errors(*_CREATE_ERRORS)},
)
async def create(request: Request, response: Response, caller: SignedCaller) -> VoiceView:
    """Create a voice from a recording.

    The recording is checked before the voice is stored. You can use the voice at once. Its status is `processing`
    while the clip is encoded, about two seconds, then `ready`; the preview follows.
    """
    caller.require("voices")
    services = services_of(request)
    async with (
        _voice_form(request, NewVoice) as form,
        guard_request(
            services.database,
            caller.account_id,
            request,
            form.data,
            work_seconds=services.settings.clip_check_seconds,
        ) as guard,
    ):
        voice = await _create_once(services, caller, form.value, guard)
    response.headers["Location"] = f"/v1/custom-voices/{voice.id}"
    return await VoiceView.of(services, voice)


async def _create_once(services: Services, caller: Caller, wanted: NewVoice, guard: IdempotencyGuard) -> CustomVoice:
    """Return a new voice, or the voice that the first request with the same idempotency key created."""
    if guard.stored is not None:
        return await service.find(services, caller, uuid.UUID(guard.stored.body["voice_id"]))

    async def store_answer(session: AsyncSession, voice: CustomVoice) -> None:
        await guard.store_answer(session, 201, {"voice_id": str(voice.id)})

    return await service.create(services, caller, wanted, store_answer)


@router.patch(
    "/{voice_id}",
    summary="Update a voice",
    openapi_extra={**form_body(VoiceChange), **errors(*_COMMON_ERRORS, "nothing_to_change", "voice_not_found")},
)
async def change(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> VoiceView:
    """Change the given fields of a voice.

    A new recording is encoded and gets a new preview. Open jobs keep the old recording, which is deleted when the
    last of these jobs has ended.
    """
    caller.require("voices")
    services = services_of(request)
    async with _voice_form(request, VoiceChange) as form:
        voice = await service.change(services, caller, voice_id, form.value)
    return await VoiceView.of(services, voice)


@router.delete(
    "/{voice_id}",
    summary="Delete a voice",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("voice_not_found", "storage_unavailable"),
)
async def delete(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> None:
    """Delete a voice with its recording, portrait, preview and voice profile. Links to them stop working.

    A running job finishes; a queued job fails with `voice_deleted`. Results that were created with the voice stay
    until their retention ends or you delete their job.
    """
    caller.require("voices")
    await service.delete(services_of(request), caller, voice_id)
