"""The webhook event of a job that ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.webhooks import service as webhooks
from voicechanger.infra.container import Services


async def publish_job_ended(services: Services, session: AsyncSession, job: Job) -> None:
    """Emit `job.completed`, `job.failed` or `job.canceled` in the transaction that ends the job."""
    await webhooks.emit(services, session, job.account_id, f"job.{job.status}", event_of(job))


def event_of(job: Job) -> dict[str, Any]:
    """Return the event's data: neither text nor link, because those need a key."""
    return {
        "job_id": str(job.id),
        "kind": job.kind,
        "status": job.status,
        "format": job.format,
        "characters": job.characters,
        "custom_voice_id": str(job.custom_voice_id) if job.custom_voice_id else None,
        "duration_seconds": None if job.duration_seconds is None else round(job.duration_seconds, 3),
        "credits_charged": job.credits_charged,
        "error": {"code": job.error_code, "message": job.error_message} if job.error_code else None,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
    }
