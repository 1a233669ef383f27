"""All SQL on accounts and keys."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts.tables import Account, ApiKey
from voicechanger.kit.database import Place, now, page

_LAST_USED_STEP = timedelta(seconds=60)
"""`last_used_at` is written at most this often, so that a busy key does not rewrite its row on every call."""


async def account_by_id(session: AsyncSession, account_id: uuid.UUID) -> Account | None:
    """One account."""
    return await session.get(Account, account_id)


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """One account by its lower-case address."""
    return await session.scalar(select(Account).where(Account.email == email))


async def first_account(session: AsyncSession) -> Account | None:
    """The oldest account."""
    return await session.scalar(select(Account).order_by(Account.created_at).limit(1))


async def key_and_account(session: AsyncSession, prefix: str) -> tuple[ApiKey, Account] | None:
    """The key with this prefix and its owner."""
    row = (
        await session.execute(
            select(ApiKey, Account).join(Account, Account.id == ApiKey.account_id).where(ApiKey.prefix == prefix)
        )
    ).first()
    return (row[0], row[1]) if row else None


async def keys_of(session: AsyncSession, account_id: uuid.UUID) -> list[ApiKey]:
    """Every key of an account, the newest first."""
    rows = await session.scalars(
        select(ApiKey).where(ApiKey.account_id == account_id).order_by(ApiKey.created_at.desc())
    )
    return list(rows)


async def key_of(session: AsyncSession, account_id: uuid.UUID, key_id: uuid.UUID) -> ApiKey | None:
    """One key of an account."""
    return await session.scalar(select(ApiKey).where(ApiKey.account_id == account_id, ApiKey.id == key_id))


async def touch_key(session: AsyncSession, key_id: uuid.UUID, moment: datetime) -> None:
    """Note that a key was used."""
    await session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < moment - _LAST_USED_STEP),
        )
        .values(last_used_at=moment)
    )


async def revoke(session: AsyncSession, key: ApiKey) -> None:
    """End a key at once."""
    key.revoked_at = key.revoked_at or now()
    await session.flush()


async def any_password(session: AsyncSession) -> bool:
    """Whether anyone can sign in on the dashboard yet."""
    return await session.scalar(select(Account.id).where(Account.password_hash.is_not(None)).limit(1)) is not None


async def live_keys(session: AsyncSession, account_id: uuid.UUID) -> int:
    """How many keys of an account are not revoked."""
    count = await session.scalar(
        select(func.count()).select_from(ApiKey).where(ApiKey.account_id == account_id, ApiKey.revoked_at.is_(None))
    )
    return int(count or 0)


async def keys_page(session: AsyncSession, account_id: uuid.UUID, limit: int, after: Place | None) -> list[ApiKey]:
    """Keys of an account, the newest first."""
    query = select(ApiKey).where(ApiKey.account_id == account_id)
    return list(await session.scalars(page(query, ApiKey, limit, after)))
