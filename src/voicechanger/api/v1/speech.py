"""Routes of text to speech."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.api.auth import SignedCaller
from voicechanger.api.speech_stream import SpeechStream
from voicechanger.domains.clips import errors as clip_codes
from voicechanger.domains.jobs import errors as codes
from voicechanger.domains.jobs import quotes, service, streaming
from voicechanger.domains.jobs.acceptance import accept
from voicechanger.domains.jobs.request import QuoteRequest, SpeechRequest, form_context
from voicechanger.domains.jobs.schemas import Accepted, Completed, Quote, StillRunning
from voicechanger.domains.jobs.tables import Job, JobMode
from voicechanger.domains.voices import service as voices
from voicechanger.infra.container import Services, services_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.disconnect import while_connected
from voicechanger.kit.forms import ERRORS as FORM_ERRORS
from voicechanger.kit.forms import Form, FormLimits, ParsedForm, parse_form
from voicechanger.kit.idempotency.guard import IdempotencyGuard, guard_request
from voicechanger.kit.openapi import IDEMPOTENCY_ERRORS, IDEMPOTENCY_HEADER, errors, form_body
from voicechanger.tts.audio.formats import FORMATS

router = APIRouter(prefix="/v1/voice-cloning", tags=["Text to speech"])


_FIELD_ERRORS = (*FORM_ERRORS, *codes.TEXT_FIELD, *codes.FIELDS, *codes.VOICE_FIELD)
_ACCEPT_ERRORS = (
    *_FIELD_ERRORS,
    "voice_missing",
    "voice_ambiguous",
    *clip_codes.REFUSED,
    *clip_codes.BUSY,
    *codes.PAYMENT,
)
_QUOTE_ERRORS = (
    *_FIELD_ERRORS,
    *codes.TEXT_REFUSED,
    "duration_out_of_reach",
    "speed_out_of_range",
    *codes.LANGUAGE_MISSING,
    *codes.MODEL_FAILED,
    "voice_deleted",
    "quote_failed",
    "storage_unavailable",
    "no_worker_free",
    "too_many_quotes",
)

F = TypeVar("F", bound=Form)


def _answer(model: BaseModel, code: int, location: str) -> JSONResponse:
    return JSONResponse(model.model_dump(mode="json"), status_code=code, headers={"Location": location})


@asynccontextmanager
async def _speech_form(request: Request, model: type[F]) -> AsyncGenerator[ParsedForm[F]]:
    settings = services_of(request).settings
    limits = FormLimits(
        file_bytes=settings.max_upload_bytes,
        text_bytes=max(1_000_000, 8 * settings.max_text_characters),
        seconds=settings.upload_seconds,
    )
    async with parse_form(request, model, limits, form_context(settings.max_text_characters)) as form:
        yield form


@router.post(
    "/tts",
    summary="Synthesize speech",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Accepted | StillRunning,
    responses={200: {"model": Completed, "description": "Sync mode, completed in time."}},
    openapi_extra={
        **form_body(SpeechRequest),
        **IDEMPOTENCY_HEADER,
        **errors(*_ACCEPT_ERRORS, *IDEMPOTENCY_ERRORS, *codes.JOB_FAILED, "job_canceled"),
    },
)
async def speak(request: Request, caller: SignedCaller) -> Response:
    """Synthesize a text in the voice of a clip or of a saved voice.

    In async mode you get a response at once and the job runs in the background. In sync mode you get a response when
    the recording is ready, or after SYNC_WAIT_SECONDS with the ID of the job, which continues.
    """
    services = services_of(request)
    caller.require("speech")
    async with _speech_form(request, SpeechRequest) as form:
        wanted = form.value
        async with guard_request(
            services.database,
            caller.account_id,
            request,
            form.data,
            work_seconds=services.settings.clip_check_seconds,
        ) as guard:
            job_id, reserved = await _accept_once(services, caller, wanted, guard)
    location = f"/v1/jobs/{job_id}"
    if wanted.async_mode:
        return _answer(Accepted(job_id=job_id, credits_reserved=reserved), 202, location)
    # a repeated request waits for the job of the first, so a client that lost its connection gets the recording
    job = await service.wait_for(services, caller, job_id, services.settings.sync_wait_seconds, service.has_ended)
    if job.is_open:
        return _answer(StillRunning(job_id=job.id), 202, location)
    return _answer(Completed.of(await service.result_of(services, job)), 200, location)


async def _accept_once(
    services: Services, caller: Caller, wanted: SpeechRequest, guard: IdempotencyGuard
) -> tuple[uuid.UUID, int]:
    """Return job ID and reserved credits of this request, or of the first request with its idempotency key."""
    if guard.stored is not None:
        return uuid.UUID(guard.stored.body["job_id"]), int(guard.stored.body["credits_reserved"])

    async def store_answer(session: AsyncSession, job: Job) -> None:
        await guard.store_answer(session, 202, {"job_id": str(job.id), "credits_reserved": job.credits_reserved})

    mode = JobMode.ASYNC if wanted.async_mode else JobMode.SYNC
    async with voices.reference_of(services, caller, wanted) as reference:
        job = await accept(services, caller, wanted, mode, reference, store_answer)
    return job.id, job.credits_reserved


@router.post(
    "/tts/stream",
    summary="Stream speech",
    response_class=StreamingResponse,
    responses={200: {"content": {form.mime_type: {} for form in FORMATS.values()}}},
    openapi_extra={**form_body(SpeechRequest), **errors(*_ACCEPT_ERRORS, *codes.STREAM_FAILED)},
)
async def stream(request: Request, caller: SignedCaller) -> StreamingResponse:
    """Synthesize a text and stream the audio, from the first words on. The fields are the same.

    If you close the connection, the job stops and you pay for the audio that was sent. If the job fails after the first
    byte, the server closes the connection without ending the body, so that the audio is not taken for complete.
    """
    services = services_of(request)
    caller.require("speech")
    async with _speech_form(request, SpeechRequest) as form:
        wanted = form.value
        async with voices.reference_of(services, caller, wanted) as reference:
            job = await accept(services, caller, wanted, JobMode.STREAM, reference)
    first = await while_connected(request, streaming.first_piece(services, caller, job.id))
    live = streaming.Stream(services, caller, job.id, first)
    return SpeechStream(
        live,
        live.pieces(),
        media_type=FORMATS[wanted.format].mime_type,
        headers={
            "Location": f"/v1/jobs/{job.id}",
            "X-Job-Id": str(job.id),
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        },
    )


@router.post("/quote", summary="Get a quote", openapi_extra={**form_body(QuoteRequest), **errors(*_QUOTE_ERRORS)})
async def quote(request: Request, caller: SignedCaller) -> Quote:
    """Return price and duration of a text. The fields are the same, without the voice. No credits are reserved."""
    services = services_of(request)
    caller.require("speech")
    async with _speech_form(request, QuoteRequest) as form:
        wanted = form.value
    voice_id = wanted.custom_voice_id
    reference = voices.reference_to(caller, voice_id) if voice_id else None
    return await while_connected(request, quotes.quote(services, caller, wanted, reference))
