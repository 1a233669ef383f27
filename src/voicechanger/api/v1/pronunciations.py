"""Routes of pronunciations."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, status

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.pronunciations import service
from voicechanger.domains.pronunciations.schemas import NewPronunciation, PronunciationPage, PronunciationView
from voicechanger.infra.container import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit
from voicechanger.kit.validation import StoredText

router = APIRouter(prefix="/v1/account/pronunciations", tags=["Pronunciations"])


@router.get("", summary="List pronunciations", openapi_extra=errors("invalid_cursor", "unsupported_language"))
async def page(
    request: Request,
    caller: SignedCaller,
    q: Annotated[StoredText, Query(max_length=100, description="Only words that contain this text, in any case.")] = "",
    language: Annotated[
        StoredText | None,
        Query(max_length=30, description="Only entries with this language, or `any`."),
    ] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> PronunciationPage:
    """List your pronunciations, newest first."""
    caller.require("account")
    found = await service.page_of(services_of(request), caller, q=q, language=language, limit=limit, cursor=cursor)
    return PronunciationPage(
        items=[PronunciationView.of(entry) for entry in found.items], next_cursor=found.next_cursor
    )


@router.put(
    "",
    summary="Set a pronunciation",
    openapi_extra=errors("invalid_word", "unknown_phonemes", "unsupported_language", "too_many_pronunciations"),
)
async def put(request: Request, caller: SignedCaller, body: NewPronunciation) -> PronunciationView:
    """Set how a word is pronounced in new jobs. An entry with the same word and language is replaced."""
    caller.require("account")
    wanted = service.Wanted(body.word, body.phonemes, body.alphabet, body.language)
    return PronunciationView.of(await service.put(services_of(request), caller, wanted))


@router.get("/{pronunciation_id}", summary="Get a pronunciation", openapi_extra=errors("pronunciation_not_found"))
async def show(request: Request, caller: SignedCaller, pronunciation_id: uuid.UUID) -> PronunciationView:
    """Return one pronunciation."""
    caller.require("account")
    return PronunciationView.of(await service.find(services_of(request), caller, pronunciation_id))


@router.delete(
    "/{pronunciation_id}",
    summary="Delete a pronunciation",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("pronunciation_not_found"),
)
async def delete(request: Request, caller: SignedCaller, pronunciation_id: uuid.UUID) -> None:
    """Delete a pronunciation. Jobs that are already accepted keep it."""
    caller.require("account")
    await service.remove(services_of(request), caller, pronunciation_id)
