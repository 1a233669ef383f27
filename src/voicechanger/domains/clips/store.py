"""All SQL on clips, their uses and voice profiles."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips.tables import Clip, ClipUse, VoiceProfile


async def add(session: AsyncSession, account_id: uuid.UUID, key: str, sha256: str) -> None:
    """Record a stored clip; nothing happens when it is recorded already."""
    values = {"key": key, "account_id": account_id, "sha256": sha256}
    await session.execute(insert(Clip).values(values).on_conflict_do_nothing())


async def clip_for_update(session: AsyncSession, key: str) -> Clip | None:
    """Return a clip, locked until the transaction ends."""
    return await session.scalar(select(Clip).where(Clip.key == key).with_for_update())


async def exists(session: AsyncSession, key: str) -> bool:
    """Whether a clip is still there; if so it stays until the transaction ends."""
    return await session.scalar(select(Clip.key).where(Clip.key == key).with_for_update(read=True)) is not None


async def add_use(session: AsyncSession, key: str, user_id: uuid.UUID) -> None:
    """Record that a job or voice needs a clip."""
    await session.execute(insert(ClipUse).values(clip_key=key, user_id=user_id).on_conflict_do_nothing())


async def delete_use(session: AsyncSession, key: str, user_id: uuid.UUID) -> None:
    """Record that a job or voice no longer needs a clip."""
    await session.execute(delete(ClipUse).where(ClipUse.clip_key == key, ClipUse.user_id == user_id))


async def in_use(session: AsyncSession, key: str) -> bool:
    """Whether any job or voice needs a clip."""
    return await session.scalar(select(ClipUse.user_id).where(ClipUse.clip_key == key).limit(1)) is not None


async def delete_clip(session: AsyncSession, clip: Clip) -> None:
    """Delete a clip's row, and the voice profiles of its samples when no other clip of the account has them."""
    await session.delete(clip)
    await session.flush()
    same = select(Clip.key).where(Clip.account_id == clip.account_id, Clip.sha256 == clip.sha256)
    if await session.scalar(same.limit(1)) is None:
        await session.execute(
            delete(VoiceProfile).where(
                VoiceProfile.account_id == clip.account_id, VoiceProfile.clip_sha256 == clip.sha256
            )
        )


async def profiles(session: AsyncSession, account_id: uuid.UUID, sha256: str) -> dict[bool, VoiceProfile]:
    """Return the voice profiles of a clip's samples, by whether they are refined."""
    rows = await session.scalars(
        select(VoiceProfile).where(VoiceProfile.account_id == account_id, VoiceProfile.clip_sha256 == sha256)
    )
    return {row.refined: row for row in rows}


async def put_profile(
    session: AsyncSession, account_id: uuid.UUID, sha256: str, encoder_version: str, data: bytes, *, refined: bool
) -> None:
    """Write a voice profile over the one that is there."""
    values = {"account_id": account_id, "clip_sha256": sha256, "refined": refined}
    changed = {"encoder_version": encoder_version, "data": data}
    await session.execute(
        insert(VoiceProfile)
        .values(values | changed)
        .on_conflict_do_update(
            index_elements=[VoiceProfile.account_id, VoiceProfile.clip_sha256, VoiceProfile.refined], set_=changed
        )
    )


async def delete_profile(session: AsyncSession, account_id: uuid.UUID, sha256: str, *, refined: bool) -> None:
    """Delete one voice profile."""
    await session.execute(
        delete(VoiceProfile).where(
            VoiceProfile.account_id == account_id,
            VoiceProfile.clip_sha256 == sha256,
            VoiceProfile.refined == refined,
        )
    )
