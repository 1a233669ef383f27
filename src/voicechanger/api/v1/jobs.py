"""Routes of jobs."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.jobs import contents, service, streaming, subtitles
from voicechanger.domains.jobs.errors import JOB_FAILED
from voicechanger.domains.jobs.schemas import JobPage, JobView, ResultView, Timestamps
from voicechanger.domains.jobs.tables import JobKind, JobStatus
from voicechanger.infra.container import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"])

_RESULT_ERRORS = errors(
    "job_not_found", "job_not_completed", "job_canceled", "result_expired", *JOB_FAILED, "stream_interrupted"
)


@router.get("", summary="List jobs", openapi_extra=errors("invalid_cursor"))
async def page(
    request: Request,
    caller: SignedCaller,
    limit: Limit = 20,
    cursor: CursorText = None,
    status: Annotated[JobStatus | None, Query(description="Only jobs with this status.")] = None,
    kind: Annotated[JobKind | None, Query(description="Only jobs of this kind.")] = None,
) -> JobPage:
    """List your jobs, newest first."""
    caller.require("jobs")
    services = services_of(request)
    found = await service.page_of(services, caller, limit=limit, cursor=cursor, status=status, kind=kind)
    ahead = await service.positions(services, found.items)
    items = [JobView.of(job, ahead.get(job.id)) for job in found.items]
    return JobPage(items=items, next_cursor=found.next_cursor)


@router.get("/{job_id}", summary="Get a job", openapi_extra=errors("job_not_found"))
async def show(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> JobView:
    """Return one job with its status, progress, position in the queue, price and error."""
    caller.require("jobs")
    services = services_of(request)
    job = await service.find(services, caller, job_id)
    return JobView.of(job, (await service.positions(services, [job])).get(job.id))


@router.get("/{job_id}/result", summary="Get the result", openapi_extra=_RESULT_ERRORS)
async def result(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> ResultView:
    """Return a new signed link to the recording.

    Errors: 409 `job_not_completed` while the job is open, the error of the job if it failed, 410 `result_expired`
    after its retention.
    """
    caller.require("jobs")
    services = services_of(request)
    job = await service.find(services, caller, job_id)
    return ResultView.of(await service.result_of(services, job))


@router.get(
    "/{job_id}/timestamps",
    summary="Get word times",
    response_model=Timestamps,
    responses={200: {"content": {"application/x-subrip": {}, "text/vtt": {}}}},
    openapi_extra=_RESULT_ERRORS,
)
async def timestamps(
    request: Request,
    caller: SignedCaller,
    job_id: uuid.UUID,
    format: Annotated[Literal["json", "srt", "vtt"], Query(description="json, SubRip or WebVTT.")] = "json",
) -> Response:
    """Return the time of each word, as the model planned it, as JSON or as subtitles."""
    caller.require("jobs")
    services = services_of(request)
    found = await service.timestamps_of(services, await service.find(services, caller, job_id))
    if format == "srt":
        return Response(subtitles.srt(found), media_type="application/x-subrip")
    if format == "vtt":
        return Response(subtitles.vtt(found), media_type="text/vtt")
    return JSONResponse(Timestamps.model_validate(found).model_dump(mode="json"))


@router.get(
    "/{job_id}/events",
    summary="Follow a job",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
    openapi_extra=errors("job_not_found"),
)
async def events(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> EventSourceResponse:
    """Stream server-sent events: `progress` at each change, then `completed`, `failed` or `canceled`."""
    caller.require("jobs")
    services = services_of(request)
    job = await service.find(services, caller, job_id)
    return EventSourceResponse(streaming.events(services, caller, job), headers={"Cache-Control": "no-store"})


@router.post("/{job_id}/cancel", summary="Cancel a job", openapi_extra=errors("job_not_found", "job_already_ended"))
async def cancel(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> JobView:
    """Cancel a queued or running job and refund its credits. You can repeat the request."""
    caller.require("jobs")
    return JobView.of(await service.cancel(services_of(request), caller, job_id))


@router.delete(
    "/{job_id}",
    summary="Delete a job",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("job_not_found"),
)
async def delete(request: Request, caller: SignedCaller, job_id: uuid.UUID) -> None:
    """Delete a job with its text, clip and recording. Its links stop working. An open job is canceled first."""
    caller.require("jobs")
    await contents.delete(services_of(request), caller, job_id)
