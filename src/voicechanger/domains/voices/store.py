"""All SQL on custom voices and voiceprints."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CursorResult, TextClause, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.voices.tables import CustomVoice, Voiceprint
from voicechanger.kit.database import Place, page


async def voices_of(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Every custom voice of an account, by name."""
    found = await session.scalars(
        select(CustomVoice).where(CustomVoice.account_id == account_id).order_by(CustomVoice.name)
    )
    return list(found)


async def voice_of(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice | None:
    """One voice of an account."""
    return await session.scalar(
        select(CustomVoice).where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
    )


async def voiceprint(
    session: AsyncSession, account_id: uuid.UUID, clip_sha256: str, encoder_version: str
) -> bytes | None:
    """What this version of the encoder made of a clip, if it already has."""
    return await session.scalar(
        select(Voiceprint.data).where(
            Voiceprint.account_id == account_id,
            Voiceprint.clip_sha256 == clip_sha256,
            Voiceprint.encoder_version == encoder_version,
        )
    )


async def keep_voiceprint(
    session: AsyncSession, account_id: uuid.UUID, clip_sha256: str, encoder_version: str, data: bytes
) -> None:
    """Remember a voiceprint; a newer encoder's replaces an older one's."""
    statement = insert(Voiceprint).values(
        account_id=account_id, clip_sha256=clip_sha256, encoder_version=encoder_version, data=data
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Voiceprint.account_id, Voiceprint.clip_sha256],
            set_={"encoder_version": encoder_version, "data": data},
        )
    )


async def forget_voiceprint(session: AsyncSession, account_id: uuid.UUID, clip_sha256: str) -> None:
    """Drop a voiceprint."""
    await session.execute(
        delete(Voiceprint).where(Voiceprint.account_id == account_id, Voiceprint.clip_sha256 == clip_sha256)
    )


async def clip_saved(session: AsyncSession, account_id: uuid.UUID, clip_sha256: str) -> bool:
    """Whether a saved voice of the account is made from a clip."""
    found = await session.scalar(
        select(CustomVoice.id)
        .where(CustomVoice.account_id == account_id, CustomVoice.clip_sha256 == clip_sha256)
        .limit(1)
    )
    return found is not None


async def count(session: AsyncSession, account_id: uuid.UUID) -> int:
    """How many voices an account has."""
    found = await session.scalar(
        select(func.count()).select_from(CustomVoice).where(CustomVoice.account_id == account_id)
    )
    return int(found or 0)


async def names_of(session: AsyncSession, account_id: uuid.UUID, *, besides: uuid.UUID | None = None) -> list[str]:
    """Names of an account's voices, `besides` left out."""
    query = select(CustomVoice.name).where(CustomVoice.account_id == account_id)
    if besides is not None:
        query = query.where(CustomVoice.id != besides)
    return list(await session.scalars(query))


async def voice_for_update(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice | None:
    """One voice of an account, locked until the transaction ends."""
    return await session.scalar(
        select(CustomVoice)
        .where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def hold_voice(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> bool:
    """Keep a voice from being deleted until the transaction ends; False when it is gone."""
    query = select(CustomVoice.id).where(CustomVoice.account_id == account_id, CustomVoice.id == voice_id)
    return await session.scalar(query.with_for_update(read=True)) is not None


async def page_of(
    session: AsyncSession,
    account_id: uuid.UUID,
    *,
    q: str,
    limit: int,
    after: Place | None,
) -> list[CustomVoice]:
    """Voices whose name holds `q`, the newest first."""
    query = select(CustomVoice).where(CustomVoice.account_id == account_id)
    if q:
        query = query.where(CustomVoice.name.icontains(q, autoescape=True))
    return list(await session.scalars(page(query, CustomVoice, limit, after)))


async def voice_waiting_for(session: AsyncSession, voice_id: uuid.UUID | None, job_id: uuid.UUID) -> CustomVoice | None:
    """The voice whose preview a job makes, while it is wanted."""
    return await session.scalar(
        select(CustomVoice).where(CustomVoice.id == voice_id, CustomVoice.preview_job_id == job_id)
    )


async def set_preview(session: AsyncSession, voice_id: uuid.UUID, job_id: uuid.UUID, key: str) -> bool:
    """Note a voice's preview; False when it is no longer wanted."""
    result = await session.execute(
        update(CustomVoice)
        .where(CustomVoice.id == voice_id, CustomVoice.preview_job_id == job_id)
        .values(preview_key=key)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def orphans(session: AsyncSession, before: datetime, task: str) -> list[CustomVoice]:
    """Voices that wait to be learned although no queue entry is left for them."""
    query = select(CustomVoice).where(CustomVoice.status == "processing", CustomVoice.updated_at < before)
    return list(await session.scalars(query.where(_no_entry(task)).limit(100)))


async def lost_refinements(session: AsyncSession, before: datetime, task: str) -> list[CustomVoice]:
    """Voices with rounds of refinement left although no queue entry is left for them."""
    query = select(CustomVoice).where(
        CustomVoice.status == "ready",
        CustomVoice.refinement["status"].astext == "waiting",
        CustomVoice.updated_at < before,
    )
    return list(await session.scalars(query.where(_no_entry(task)).limit(100)))


def _no_entry(task: str) -> TextClause:
    """No entry of the queue is left that runs `task` for the voice."""
    return text(
        "NOT EXISTS (SELECT 1 FROM procrastinate_jobs entry"
        " WHERE entry.task_name = :task AND entry.status IN ('todo', 'doing')"
        " AND entry.args->>'voice_id' = custom_voices.id::text)"
    ).bindparams(task=task)
