"""What the account's webhooks are told when a job ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.webhooks import service as webhooks
from voicechanger.infra.services import Services


async def tell_ended(services: Services, session: AsyncSession, job: Job) -> None:
    """Emit `job.completed`, `job.failed` or `job.canceled` in the transaction that ends the job."""
    await webhooks.emit(services, session, job.account_id, f"job.{job.status}", facts_of(job))


def facts_of(job: Job) -> dict[str, Any]:
    """The message about a job: no text and no link, for those are asked for with a key."""
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
