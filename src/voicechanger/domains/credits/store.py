"""All SQL on the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from voicechanger.domains.credits.tables import CreditEntry
from voicechanger.kit.paging import Page, highest_first, paginate

_ENDINGS = ("settle", "release")


@dataclass(frozen=True, slots=True)
class Balance:
    """The credits of an account."""

    available: int
    """What may be spent: the sum of all entries."""
    reserved: int
    """What open jobs hold."""


async def available(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return the sum of all entries."""
    total = await session.scalar(select(func.sum(CreditEntry.amount)).where(CreditEntry.account_id == account_id))
    return int(total or 0)


async def available_by_account(session: AsyncSession, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return the sum of all entries for each account that has any."""
    query = (
        select(CreditEntry.account_id, func.sum(CreditEntry.amount))
        .where(CreditEntry.account_id.in_(account_ids))
        .group_by(CreditEntry.account_id)
    )
    return {account_id: int(total) for account_id, total in await session.execute(query)}


async def reserved(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return what reservations without an ending hold, as a positive number."""
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
    """Return the credits that a key has spent or holds."""
    total = await session.scalar(select(func.sum(-CreditEntry.amount)).where(CreditEntry.key_id == key_id))
    return int(total or 0)


async def reservation(session: AsyncSession, job_id: uuid.UUID) -> CreditEntry | None:
    """Return the reservation of a job."""
    return await session.scalar(select(CreditEntry).where(CreditEntry.job_id == job_id, CreditEntry.kind == "reserve"))


async def append(session: AsyncSession, entry: CreditEntry) -> None:
    """Write one entry."""
    session.add(entry)
    await session.flush()


async def page_of(session: AsyncSession, account_id: uuid.UUID, limit: int, cursor: str | None) -> Page[CreditEntry]:
    """Return a page of an account's entries, newest first."""
    query = select(CreditEntry).where(CreditEntry.account_id == account_id)
    return await paginate(session, query, highest_first(CreditEntry), limit, cursor)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What the jobs that ended within one bucket used."""

    start: datetime
    credits: int
    jobs: int
    jobs_released: int
    characters: int
    seconds: float


# the ledger keeps what deleted jobs used, so every figure is complete
_USAGE = text(
    """
    WITH ended AS (
        SELECT date_trunc(:bucket, ending.created_at, 'UTC') AS start,
               coalesce(sum(-held.amount - ending.amount), 0) AS credits,
               count(*) FILTER (WHERE ending.kind = 'settle') AS jobs,
               count(*) FILTER (WHERE ending.kind = 'release') AS jobs_released,
               sum(ending.characters) AS characters,
               sum(ending.seconds) AS seconds
          FROM credit_entries ending
          JOIN credit_entries held ON held.job_id = ending.job_id AND held.kind = 'reserve'
         WHERE ending.account_id = :account_id AND ending.kind IN ('settle', 'release')
           AND ending.created_at >= date_trunc(:bucket, CAST(:start AS timestamptz), 'UTC')
           AND ending.created_at <= :end
         GROUP BY 1)
    SELECT bucket.start AT TIME ZONE 'UTC' AS start, coalesce(ended.credits, 0) AS credits,
           coalesce(ended.jobs, 0) AS jobs, coalesce(ended.jobs_released, 0) AS jobs_released,
           coalesce(ended.characters, 0) AS characters, coalesce(ended.seconds, 0) AS seconds
      FROM generate_series(
               date_trunc(:bucket, CAST(:start AS timestamptz) AT TIME ZONE 'UTC'),
               CAST(:end AS timestamptz) AT TIME ZONE 'UTC',
               CAST('1 ' || :bucket AS interval)) AS bucket(start)
      LEFT JOIN ended ON ended.start = bucket.start AT TIME ZONE 'UTC'
     ORDER BY 1
    """
)


async def usage(
    session: AsyncSession, account_id: uuid.UUID, bucket: str, start: datetime, end: datetime
) -> list[UsageRow]:
    """Return what jobs that ended from `start` to `end` used, by hour, day or month of UTC, empty buckets included."""
    rows = await session.execute(_USAGE, {"account_id": account_id, "bucket": bucket, "start": start, "end": end})
    return [
        UsageRow(
            row.start.astimezone(UTC),
            int(row.credits),
            int(row.jobs),
            int(row.jobs_released),
            int(row.characters),
            round(float(row.seconds), 3),
        )
        for row in rows
    ]
