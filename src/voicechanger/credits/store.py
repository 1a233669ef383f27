"""All SQL on the ledger."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from voicechanger.accounts.tables import Account
from voicechanger.credits.tables import CreditEntry

_ENDINGS = ("settle", "release")


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account stands, in credits."""

    available: int
    """May be spent: the sum of all entries."""
    reserved: int
    """Held by jobs that have not ended."""


async def lock_account(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Let one transaction at a time spend an account's credits."""
    await session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


async def available(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Sum of all entries."""
    total = await session.scalar(select(func.sum(CreditEntry.amount)).where(CreditEntry.account_id == account_id))
    return int(total or 0)


async def reserved(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Held by reservations without an ending, as a positive number."""
    ending = aliased(CreditEntry)
    total = await session.scalar(
        select(func.sum(-CreditEntry.amount)).where(
            CreditEntry.account_id == account_id,
            CreditEntry.kind == "reserve",
            ~select(ending.id).where(ending.job_id == CreditEntry.job_id, ending.kind.in_(_ENDINGS)).exists(),
        )
    )
    return int(total or 0)


async def used_by_key(session: AsyncSession, key_id: uuid.UUID) -> int:
    """Credits that a key has spent or holds."""
    total = await session.scalar(select(func.sum(-CreditEntry.amount)).where(CreditEntry.key_id == key_id))
    return int(total or 0)


async def reservation(session: AsyncSession, job_id: uuid.UUID) -> CreditEntry | None:
    """The reservation of a job."""
    return await session.scalar(select(CreditEntry).where(CreditEntry.job_id == job_id, CreditEntry.kind == "reserve"))


async def append(session: AsyncSession, entry: CreditEntry) -> None:
    """Write one entry."""
    session.add(entry)
    await session.flush()


async def page_of(session: AsyncSession, account_id: uuid.UUID, limit: int, before: int | None) -> list[CreditEntry]:
    """Entries of an account, the newest first."""
    query = select(CreditEntry).where(CreditEntry.account_id == account_id)
    if before is not None:
        query = query.where(CreditEntry.id < before)
    return list(await session.scalars(query.order_by(CreditEntry.id.desc()).limit(limit)))
