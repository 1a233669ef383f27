"""Stream the audio of a job while it is synthesized, and its progress as server-sent events."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator

import structlog

from voicechanger.domains.jobs import contents, service
from voicechanger.domains.jobs.keys import stream_key
from voicechanger.domains.jobs.pieces import Piece, read_piece
from voicechanger.domains.jobs.schemas import JobView
from voicechanger.domains.jobs.tables import Job, JobStatus
from voicechanger.infra.container import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import NotFound, ProductError, Unavailable

log = structlog.get_logger()

_EVENT_SECONDS = 15.0
"""Longest time between progress events, so that proxies keep the connection open."""


class StreamBroken(Exception):
    """The job failed after bytes were sent: the connection is closed, so that no client takes them for a whole file."""


async def first_piece(services: Services, caller: Caller, job_id: uuid.UUID) -> Piece:
    """The first piece of a stream.

    Raises the error of a job that failed before them, and Unavailable when no worker started the job in time. In both
    cases nothing is charged.
    """
    try:
        async with asyncio.timeout(services.settings.sync_wait_seconds):
            piece = await _piece(services, caller, job_id, 0)
    except TimeoutError as error:
        await service.cancel(services, caller, job_id)
        raise Unavailable(
            "No worker is free now; nothing was charged. Try again later, or set `async_mode` to true.",
            code="no_worker_free",
            headers={"Retry-After": "10"},
        ) from error
    except asyncio.CancelledError:
        await asyncio.shield(contents.end_stream(services, job_id, 0.0))
        raise
    if piece is None:
        raise service.failure_of(await service.find(services, caller, job_id))
    return piece


class Stream:
    """The bytes of a streamed job, and what its listener owes."""

    def __init__(self, services: Services, caller: Caller, job_id: uuid.UUID, first: Piece) -> None:
        self.services, self.job_id = services, job_id
        self._caller, self._first = caller, first
        self._sent = 0.0

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield all bytes; StreamBroken when the job ends without having completed.  Call `settle` afterwards."""
        number = 0
        piece: Piece | None = self._first
        while piece is not None:
            yield piece.data
            # whoever asks for the next piece has sent this one
            number, self._sent = number + 1, piece.share
            piece = await _piece(self.services, self._caller, self.job_id, number)
        job = await service.find(self.services, self._caller, self.job_id)
        if job.status != JobStatus.COMPLETED:
            log.warning("stream_broken", job_id=str(self.job_id), code=job.error_code)
            raise StreamBroken(f"job {self.job_id} ended as {job.status}")

    async def settle(self) -> None:
        """Stop the work if it goes on, charge for what was sent, and delete the stored pieces."""
        await contents.end_stream(self.services, self.job_id, self._sent)


async def _piece(services: Services, caller: Caller, job_id: uuid.UUID, number: int) -> Piece | None:
    """One piece as soon as it is there; None when the job has ended without it."""
    async with services.listener.subscribed(job_id) as changed:
        while True:
            changed.clear()
            job = await service.find(services, caller, job_id)
            try:
                return read_piece(await services.storage.get_bytes(stream_key(job.account_id, job.id, number)))
            except NotFound:
                if not job.is_open:
                    return None
            try:
                await asyncio.wait_for(changed.wait(), 1.0)
            except TimeoutError:
                continue


async def events(services: Services, caller: Caller, job: Job) -> AsyncGenerator[dict[str, str]]:
    """Yield server-sent events: `progress` at each change, then one `completed`, `failed` or `canceled`."""
    last = ""
    async with services.listener.subscribed(job.id) as changed:
        while True:
            changed.clear()
            try:
                job = await service.find(services, caller, job.id)
            except ProductError:
                yield {"event": "deleted", "data": "{}"}
                return
            view = JobView.of(job, (await service.positions(services, [job])).get(job.id)).model_dump_json()
            if not job.is_open:
                yield {"event": job.status, "data": view}
                return
            if view != last:
                last = view
                yield {"event": "progress", "data": view}
            try:
                await asyncio.wait_for(changed.wait(), _EVENT_SECONDS)
            except TimeoutError:
                last = ""
