"""Custom voices over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.voices import saving, schemas
from voicechanger.domains.voices.forms import (
    CHANGE_FIELDS,
    FILE_FIELDS,
    MOST_RECORDINGS,
    NEW_FIELDS,
    NewVoice,
    read_change,
    read_new,
)
from voicechanger.domains.voices.schemas import VoicePage, VoiceView
from voicechanger.domains.voices.service import PREVIEW_SCRIPT
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.services import Services, services_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.forms import read_form
from voicechanger.kit.idempotency.guard import IdempotencyGuard, guard_request
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit

router = APIRouter(prefix="/v1/custom-voices", tags=["Custom voices"])

_TEXT_BYTES = 32_768
"""Of one text field; longer ones are too long whatever they say."""


@asynccontextmanager
async def _voice_form(request: Request, fields: tuple[str, ...]) -> AsyncGenerator[FormData]:
    settings = services_of(request).settings
    async with read_form(
        request,
        fields=fields,
        files=FILE_FIELDS,
        file_bytes=max(settings.max_upload_bytes, settings.max_image_bytes),
        text_bytes=_TEXT_BYTES,
        seconds=settings.upload_seconds,
        several={"ref_audio": MOST_RECORDINGS},
    ) as form:
        yield form


@router.get("", summary="List voices", openapi_extra=errors("invalid_cursor"))
async def page(
    request: Request,
    caller: SignedCaller,
    q: Annotated[
        str, Query(max_length=100, pattern="^[^\\x00]*$", description="Only voices whose name holds this, in any case.")
    ] = "",
    limit: Limit = 20,
    cursor: CursorText = None,
) -> VoicePage:
    """Your voices, the newest first, with fresh links; and the text that every preview says."""
    caller.require("voices")
    services = services_of(request)
    voices, after = await saving.page_of(services, caller, q=q, limit=limit, cursor=cursor)
    items = [await VoiceView.of(services, voice) for voice in voices]
    return VoicePage(items=items, next_cursor=after, preview_script_text=PREVIEW_SCRIPT)


@router.get("/{voice_id}", summary="Get a voice", openapi_extra=errors("voice_not_found"))
async def show(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> VoiceView:
    """One voice, with fresh links."""
    caller.require("voices")
    services = services_of(request)
    return await VoiceView.of(services, await saving.find(services, caller, voice_id))


@router.post(
    "",
    summary="Save a voice",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=schemas.CREATE,
)
async def create(request: Request, response: Response, caller: SignedCaller) -> VoiceView:
    """Save a voice from a reference recording.

    The recording is checked before anything is written.  The voice can be spoken with at once; its status is
    `processing` for the second or two in which it is learned, then `ready`, and its preview follows.
    """
    caller.require("voices")
    services = services_of(request)
    async with _voice_form(request, NEW_FIELDS) as form:
        wanted = read_new(form, consent_required=services.settings.consent_required)
        async with guard_request(
            services.database,
            caller.account_id,
            request,
            form,
            work_seconds=services.settings.clip_check_seconds,
        ) as guard:
            voice = await _create_once(services, caller, wanted, guard)
    response.headers["Location"] = f"/v1/custom-voices/{voice.id}"
    return await VoiceView.of(services, voice)


async def _create_once(services: Services, caller: Caller, wanted: NewVoice, guard: IdempotencyGuard) -> CustomVoice:
    """A new voice, or the one that the same request made before; with fresh links either way."""
    if guard.stored is not None:
        return await saving.find(services, caller, uuid.UUID(guard.stored.body["voice_id"]))

    async def store_answer(session: AsyncSession, voice: CustomVoice) -> None:
        await guard.store_answer(session, 201, {"voice_id": str(voice.id)})

    return await saving.create(services, caller, wanted, store_answer)


@router.patch("/{voice_id}", summary="Change a voice", openapi_extra=schemas.CHANGE)
async def change(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> VoiceView:
    """Change what is given.

    A new recording is learned anew and gets a new preview; jobs that are open keep the one that they were accepted
    with, and it is removed when the last of them has ended.
    """
    caller.require("voices")
    services = services_of(request)
    async with _voice_form(request, CHANGE_FIELDS) as form:
        voice = await saving.change(services, caller, voice_id, read_change(form))
    return await VoiceView.of(services, voice)


@router.delete(
    "/{voice_id}",
    summary="Delete a voice",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("voice_not_found", "storage_unavailable"),
)
async def delete(request: Request, caller: SignedCaller, voice_id: uuid.UUID) -> None:
    """The voice, its recording, portrait, preview and voiceprint are gone, and links to them are dead.

    A job that is speaking finishes; one that has not begun fails with `voice_deleted`.  Recordings that were made
    with the voice stay until their retention ends or their job is deleted.
    """
    caller.require("voices")
    await saving.delete(services_of(request), caller, voice_id)
