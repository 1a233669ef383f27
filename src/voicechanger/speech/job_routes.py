"""Jobs over HTTP."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request

from voicechanger.accounts.access import SignedCaller
from voicechanger.services import services_of
from voicechanger.speech import service
from voicechanger.speech.schemas import JobView, ResultView

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"])


@router.get("/{job_id}")
async def show(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> JobView:
    """One job: its status, progress, place in the queue, price, and what came of it."""
    caller.require("jobs")
    services = services_of(request)
    job = await service.find(services, caller, job_id)
    return JobView.of(job, await service.position(services, job))


@router.get("/{job_id}/result")
async def result(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> ResultView:
    """A fresh presigned link to the recording."""
    caller.require("jobs")
    services = services_of(request)
    job = await service.find(services, caller, job_id)
    return ResultView.of(await service.result_of(services, job))


@router.post("/{job_id}/cancel")
async def cancel(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> JobView:
    """End a queued or running job; its credits come back whole."""
    caller.require("jobs")
    return JobView.of(await service.cancel(services_of(request), caller, job_id))
