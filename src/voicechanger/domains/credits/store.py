"""All SQL on the ledger."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from voicechanger.domains.credits.tables import CreditEntry

_ENDINGS = ("settle", "release")


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account stands, in credits."""

    available: int
    """May be spent: the sum of all entries."""
    reserved: int
    """Held by jobs that have not ended."""


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


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What the jobs that ended within one bucket used."""

    start: datetime
    credits: int
    jobs: int
    jobs_released: int
    characters: int
    seconds: float


# one read of the ledger: it outlives deleted jobs, so credits and counts are whole even then
_USAGE = text(
    """
    WITH ended AS (
        SELECT date_trunc(:bucket, ending.created_at, 'UTC') AS start,
               coalesce(sum(-held.amount - ending.amount), 0) AS credits,
               count(*) FILTER (WHERE ending.kind = 'settle') AS jobs,
               count(*) FILTER (WHERE ending.kind = 'release') AS jobs_released,
               sum(jobs.characters) FILTER (WHERE ending.kind = 'settle') AS characters,
               sum(jobs.duration_seconds) FILTER (WHERE ending.kind = 'settle') AS seconds
          FROM credit_entries ending
          JOIN credit_entries held ON held.job_id = ending.job_id AND held.kind = 'reserve'
          LEFT JOIN jobs ON jobs.id = ending.job_id
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
    """What jobs that ended from `start` to `end` used, by hour, day or month of UTC; empty buckets included."""
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
