"""All SQL on custom voices and their refinement."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.voices.tables import CustomVoice, RefinementRecord, RefinementStatus, VoiceStatus
from voicechanger.infra.queue.entries import no_entry


async def voices_of(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Return all custom voices of an account, by name."""
    found = await session.scalars(
        select(CustomVoice).where(CustomVoice.account_id == account_id).order_by(CustomVoice.name)
    )
    return list(found)


async def voice_of(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice | None:
    """Return one voice of an account."""
    return await session.scalar(
        select(CustomVoice).where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
    )


async def count(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return how many voices an account has."""
    found = await session.scalar(
        select(func.count()).select_from(CustomVoice).where(CustomVoice.account_id == account_id)
    )
    return int(found or 0)


async def names_of(session: AsyncSession, account_id: uuid.UUID, *, besides: uuid.UUID | None = None) -> list[str]:
    """Return the names of an account's voices, except the voice `besides`."""
    query = select(CustomVoice.name).where(CustomVoice.account_id == account_id)
    if besides is not None:
        query = query.where(CustomVoice.id != besides)
    return list(await session.scalars(query))


async def voice_for_update(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice | None:
    """Return one voice of an account, locked until the transaction ends."""
    return await session.scalar(
        select(CustomVoice)
        .where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def voice_waiting_for(session: AsyncSession, voice_id: uuid.UUID | None, job_id: uuid.UUID) -> CustomVoice | None:
    """Return the voice that still waits for the preview of a job."""
    return await session.scalar(
        select(CustomVoice).where(CustomVoice.id == voice_id, CustomVoice.preview_job_id == job_id)
    )


async def set_preview(session: AsyncSession, voice_id: uuid.UUID, job_id: uuid.UUID, key: str) -> bool:
    """Store the preview of a voice; return False when the voice no longer waits for it."""
    result = await session.execute(
        update(CustomVoice)
        .where(CustomVoice.id == voice_id, CustomVoice.preview_job_id == job_id)
        .values(preview_key=key)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def voice_for_share(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice | None:
    """Return one voice of an account, protected from changes and deletion until the transaction ends."""
    return await session.scalar(
        select(CustomVoice)
        .where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
        .with_for_update(read=True)
    )


def listed(account_id: uuid.UUID, q: str) -> Select[CustomVoice]:
    """Select the voices of an account whose name contains `q`, in any case."""
    query = select(CustomVoice).where(CustomVoice.account_id == account_id)
    return query.where(CustomVoice.name.icontains(q, autoescape=True)) if q else query


async def refinement_state(session: AsyncSession, voice_id: uuid.UUID) -> bytes | None:
    """Return the engine's state after the last round of a voice's refinement."""
    return await session.scalar(select(RefinementRecord.state).where(RefinementRecord.voice_id == voice_id))


async def without_enrolment(session: AsyncSession, before: datetime, task: str) -> list[CustomVoice]:
    """Return voices that wait for enrolment and have no queue entry."""
    query = select(CustomVoice).where(
        CustomVoice.status == VoiceStatus.PROCESSING,
        CustomVoice.updated_at < before,
        no_entry(task, "voice_id", CustomVoice.id),
    )
    return list(await session.scalars(query.limit(100)))


async def without_round(session: AsyncSession, before: datetime, task: str) -> list[CustomVoice]:
    """Return voices that wait for a round of refinement and have no queue entry."""
    query = (
        select(CustomVoice)
        .join(RefinementRecord, RefinementRecord.voice_id == CustomVoice.id)
        .where(
            CustomVoice.status == VoiceStatus.READY,
            RefinementRecord.status == RefinementStatus.WAITING,
            CustomVoice.updated_at < before,
            no_entry(task, "voice_id", CustomVoice.id),
        )
    )
    return list(await session.scalars(query.limit(100)))
