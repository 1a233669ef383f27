"""What a worker runs for a job, from claim to result.

Every write names the lease token of this attempt.  A worker that was taken for dead, or whose job was canceled,
finds the token changed, stops, and can neither overwrite a result nor settle credits twice.
"""

from __future__ import annotations

import asyncio
import uuid

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import lifecycle, store
from voicechanger.domains.jobs.failures import extra_of, http_status_of
from voicechanger.domains.jobs.synthesis import LeaseLost, Recording, synthesize_job
from voicechanger.domains.jobs.tables import Job, JobMode, JobStatus
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain, notify_job
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.storage.removal import removing
from voicechanger.kit.errors import NotFound, ProductError
from voicechanger.tts.errors import InferenceError

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()


@blueprint.task(name=RUN_SPEECH, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def run_speech(context: procrastinate.JobContext, job_id: str) -> None:
    """Synthesize one job; every way out leaves it ended, or queued again, with its credits whole."""
    runtime = runtime_of(context)
    async with runtime.services.database.transaction() as session:
        job = await store.claim(session, uuid.UUID(job_id))
        if job is not None:
            await notify_job(session, job.id)
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(job_id=job_id, attempt=job.attempt):
        await run_attempt(runtime, job)


async def run_attempt(runtime: Runtime, job: Job) -> None:
    """Run one attempt of a claimed job, and end the job or return it to the queue."""
    if job.mode == JobMode.STREAM and job.attempt > 1:
        await fail(runtime, job, "stream_interrupted", "The worker that streamed this job was lost.", 500)
        return
    if job.attempt > runtime.services.settings.job_max_attempts:
        await fail(runtime, job, "worker_lost", "The job was started several times and never finished.", 500)
        return
    try:
        await complete(runtime, job, await synthesize_job(runtime, job))
    except LeaseLost:
        log.info("lease_lost")
    except asyncio.CancelledError:
        # the worker is stopping: another one takes the job at once
        await asyncio.shield(requeue(runtime, job, count_attempt=False))
        raise TryAgain from None
    except InferenceError as error:
        status = http_status_of(error)
        if status == 500:
            log.error("speech_failed", code=error.code, error=error.message)  # noqa: TRY400  # its trace says nothing
        await fail(runtime, job, error.code, error.message, status, extra_of(error))
    except ProductError as error:
        await _retry_or_fail(runtime, job, error.code, error.message, error)
    except (OSError, OperationalError) as error:
        # a full disk or a lost database may be back in a moment
        code = "disk_full" if isinstance(error, OSError) else "database_unavailable"
        await _retry_or_fail(runtime, job, code, "The server could not write the result.", error)
    except Exception:
        # logged and reported to the caller; the worker goes on
        log.exception("speech_failed")
        await fail(runtime, job, "synthesis_failed", "The speech could not be made because of a server error.", 500)


async def complete(runtime: Runtime, job: Job, recording: Recording) -> None:
    """Complete the job in one transaction, if the lease is still held; LeaseLost, and nothing is kept, otherwise."""
    services = runtime.services
    async with removing(services) as (session, removal):
        row = await _held(session, job)
        if row is None:
            removal.add(recording.key, recording.timestamps_key)
        else:
            recording.describe(row)
            await lifecycle.complete(services, session, row)
            removal.add_folder(*recording.leftovers)
    if row is None:
        raise LeaseLost
    log.info("speech_completed", seconds=round(recording.result.seconds, 2))


async def fail(
    runtime: Runtime, job: Job, code: str, message: str, status: int, extra: dict[str, object] | None = None
) -> None:
    """Fail the job and refund its credits, if the lease is still held."""
    async with runtime.services.database.transaction() as session:
        row = await _held(session, job)
        if row is None:
            return
        row.error_code, row.error_message, row.error_status, row.error_extra = code, message, status, extra or None
        await lifecycle.end_without_result(runtime.services, session, row, JobStatus.FAILED)


async def requeue(runtime: Runtime, job: Job, *, count_attempt: bool) -> None:
    """Return the job to the queue, if the lease is still held."""
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        await store.give_back(session, job.id, job.lease_token, count_attempt=count_attempt)
        await notify_job(session, job.id)


async def _retry_or_fail(runtime: Runtime, job: Job, code: str, message: str, error: Exception) -> None:
    log.warning("speech_interrupted", code=code, error=type(error).__name__)
    if isinstance(error, NotFound) or job.attempt >= runtime.services.settings.job_max_attempts:
        await fail(runtime, job, code, message, 500)
        return
    await requeue(runtime, job, count_attempt=True)
    raise TryAgain(5.0 * job.attempt) from error


async def _held(session: AsyncSession, job: Job) -> Job | None:
    """Return the job's row, locked, while this attempt holds the lease."""
    assert job.lease_token is not None
    return await store.held(session, job.id, job.lease_token)
