"""All SQL on custom voices and voiceprints."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.voices.tables import CustomVoice, Voiceprint


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
