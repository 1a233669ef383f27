"""Routes for OpenAI clients, which work without changes."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from voicechanger.api.auth import SignedCaller
from voicechanger.api.openai.schemas import Model, ModelList, SpeechBody, VoiceId, VoiceItem, VoiceList
from voicechanger.api.openai.shape import OpenAIRoute
from voicechanger.api.speech_stream import SpeechStream
from voicechanger.domains.jobs import errors, streaming
from voicechanger.domains.jobs.acceptance import accept
from voicechanger.domains.jobs.request import SpeechRequest, text_problem
from voicechanger.domains.jobs.tables import JobMode
from voicechanger.domains.voices.service import all_voices, reference_of, voice_named
from voicechanger.infra.container import Services, services_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.disconnect import while_connected
from voicechanger.kit.errors import FieldProblem, InvalidRequest, NotFound
from voicechanger.kit.openapi import openai_errors
from voicechanger.tts.audio.formats import FORMATS

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], route_class=OpenAIRoute)

MODEL: Final = "kokoro-82m-clone"
_ALIASES: Final = (MODEL, "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
_MODEL_MADE: Final = 1_735_689_600
"""Creation time of the model: 2025-01-01 as Unix time."""
AUDIO_TYPES: Final = tuple(form.mime_type for form in FORMATS.values())
_SPEECH_ERRORS = (
    "model_not_found",
    *errors.TEXT_FIELD,
    "unsupported_format",
    "unsupported_instructions",
    *errors.STREAM_FAILED,
)


@router.post(
    "/audio/speech",
    summary="Create speech (OpenAI)",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in (*AUDIO_TYPES, "text/event-stream")}}},
    openapi_extra=openai_errors(*_SPEECH_ERRORS),
)
async def speech(request: Request, caller: SignedCaller, body: SpeechBody) -> StreamingResponse:
    """Synthesize a text and stream the audio, as `audio.speech.create` of OpenAI does."""
    caller.require("speech")
    services = services_of(request)
    wanted = await _wanted(services, caller, body)
    async with reference_of(services, caller, wanted) as reference:
        job = await accept(services, caller, wanted, JobMode.STREAM, reference)
    first = await while_connected(request, streaming.first_piece(services, caller, job.id))
    live = streaming.Stream(services, caller, job.id, first)
    headers = {"X-Job-Id": str(job.id), "Cache-Control": "no-store"}
    if body.stream_format == "sse":
        return SpeechStream(live, _events(live.pieces()), media_type="text/event-stream", headers=headers)
    return SpeechStream(live, live.pieces(), media_type=FORMATS[wanted.format].mime_type, headers=headers)


@router.get("/models", summary="List models (OpenAI)", openapi_extra=openai_errors())
async def models(caller: SignedCaller) -> ModelList:
    """List the models; there is one."""
    return ModelList(data=[Model(id=MODEL, created=_MODEL_MADE)])


@router.get("/audio/voices", summary="List voices (OpenAI)", openapi_extra=openai_errors())
async def voices(request: Request, caller: SignedCaller) -> VoiceList:
    """List the custom voices of your account."""
    caller.require("voices")
    services = services_of(request)
    async with services.database.transaction() as session:
        found = await all_voices(session, caller.account_id)
    return VoiceList(voices=[VoiceItem(id=str(voice.id), name=voice.name) for voice in found])


async def _wanted(services: Services, caller: Caller, body: SpeechBody) -> SpeechRequest:
    problems: list[FieldProblem] = []
    if body.model not in _ALIASES:
        problems.append(FieldProblem("model", "model_not_found", f"`model` must be one of: {', '.join(_ALIASES)}."))
    text = text_problem(body.input, services.settings.max_text_characters)
    if text is not None:
        problems.append(FieldProblem("input", text.code, text.message.replace("text", "input", 1)))
    if body.response_format not in FORMATS:
        problems.append(
            FieldProblem(
                "response_format", "unsupported_format", f"`response_format` must be one of: {', '.join(FORMATS)}."
            )
        )
    if body.instructions:
        problems.append(
            FieldProblem("instructions", "unsupported_instructions", "`instructions` are not supported; remove them.")
        )
    if problems:
        raise InvalidRequest(*problems)
    voice_id = await _voice(services, caller, body.voice)
    # the body is already validated, with the limits of OpenAI's fields
    return SpeechRequest.model_construct(
        text=body.input.strip(), speed=body.speed, format=body.response_format, custom_voice_id=voice_id
    )


async def _voice(services: Services, caller: Caller, voice: str | VoiceId) -> uuid.UUID:
    named = voice.id if isinstance(voice, VoiceId) else voice
    try:
        return uuid.UUID(named)
    except ValueError:
        async with services.database.transaction() as session:
            found = await voice_named(session, caller.account_id, named)
    if found is None:
        raise NotFound(
            f"The voice '{named[:100]}' does not exist; GET /v1/audio/voices lists yours.", code="voice_not_found"
        )
    return found.id


async def _events(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[str]:
    async with aclosing(pieces):
        async for piece in pieces:
            delta = {"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()}
            yield f"data: {json.dumps(delta)}\n\n"
    yield 'data: {"type": "speech.audio.done", "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}\n\n'
