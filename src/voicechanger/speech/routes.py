"""Text to speech over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from voicechanger.accounts.access import SignedCaller
from voicechanger.services import services_of
from voicechanger.speech import service
from voicechanger.speech.request import FILE_FIELDS, TEXT_FIELDS, read_request
from voicechanger.speech.schemas import Accepted, Completed, StillRunning
from voicechanger.web.forms import read_form

router = APIRouter(prefix="/v1/voice-cloning", tags=["Text to speech"])


def _answer(model: BaseModel, code: int, location: str) -> JSONResponse:
    return JSONResponse(model.model_dump(mode="json"), status_code=code, headers={"Location": location})


@router.post(
    "/tts",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Accepted | StillRunning,
    responses={200: {"model": Completed, "description": "Sync mode, done in time."}},
)
async def speak(request: Request, caller: SignedCaller) -> Response:
    """Speak a text in the voice of a reference recording or of a saved voice."""
    services = services_of(request)
    settings = services.settings
    caller.require("speech")
    async with read_form(
        request,
        fields=TEXT_FIELDS,
        files=FILE_FIELDS,
        file_bytes=settings.max_upload_bytes,
        text_bytes=max(1_000_000, 8 * settings.max_text_characters),
        seconds=settings.upload_seconds,
    ) as form:
        wanted = read_request(form, settings)
        job = await service.accept(services, caller, wanted, "async" if wanted.async_mode else "sync")
    location = f"/v1/jobs/{job.id}"
    if wanted.async_mode:
        return _answer(Accepted(job_id=job.id, credits_reserved=job.credits_reserved), 202, location)
    job = await service.wait_for(services, caller, job.id, settings.sync_wait_seconds, service.has_ended)
    if job.is_open:
        return _answer(StillRunning(job_id=job.id), 202, location)
    return _answer(Completed.of(await service.result_of(services, job)), 200, location)
