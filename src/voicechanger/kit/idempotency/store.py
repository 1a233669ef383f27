"""All SQL on idempotency keys."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.kit.database import now
from voicechanger.kit.idempotency.tables import IdempotencyKey

_OWN = IdempotencyKey.__table__.c


async def acquire(
    session: AsyncSession,
    account_id: uuid.UUID,
    key: str,
    fingerprint: bytes,
    lease_until: datetime,
    lifetime: timedelta,
) -> uuid.UUID | None:
    """Acquire a key that is new, expired, or held by a request whose lease has run out; None when it is taken."""
    token, moment = uuid.uuid4(), now()
    values = {
        "fingerprint": fingerprint,
        "token": token,
        "lease_until": lease_until,
        "created_at": moment,
        "expires_at": moment + lifetime,
        "status": None,
        "body": None,
        "headers": None,
    }
    statement = insert(IdempotencyKey).values(account_id=account_id, key=key, **values)
    abandoned = and_(_OWN.status.is_(None), _OWN.lease_until < moment)
    acquired = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[IdempotencyKey.account_id, IdempotencyKey.key],
            set_=values,
            where=or_(abandoned, _OWN.expires_at < moment),
        ).returning(_OWN.token)
    )
    return token if acquired is not None else None


async def find(session: AsyncSession, account_id: uuid.UUID, key: str) -> IdempotencyKey | None:
    """Return a key of an account, None when there is none."""
    return await session.get(IdempotencyKey, (account_id, key))


async def store_answer(
    session: AsyncSession,
    account_id: uuid.UUID,
    key: str,
    token: uuid.UUID,
    *,
    status: int,
    body: dict[str, Any],
    headers: dict[str, str],
) -> bool:
    """Store the answer; return False when the key is no longer held under this token."""
    result = await session.execute(
        update(IdempotencyKey)
        .where(_OWN.account_id == account_id, _OWN.key == key, _OWN.token == token, _OWN.status.is_(None))
        .values(status=status, body=body, headers=headers)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def release(session: AsyncSession, account_id: uuid.UUID, key: str, token: uuid.UUID) -> None:
    """Delete a key whose request was not accepted."""
    await session.execute(
        delete(IdempotencyKey).where(
            _OWN.account_id == account_id, _OWN.key == key, _OWN.token == token, _OWN.status.is_(None)
        )
    )


async def delete_expired(session: AsyncSession, limit: int) -> None:
    """Delete up to `limit` expired keys."""
    old = select(_OWN.account_id, _OWN.key).where(_OWN.expires_at < now()).limit(limit).subquery()
    await session.execute(delete(IdempotencyKey).where(_OWN.account_id == old.c.account_id, _OWN.key == old.c.key))
