"""Chores: short database work that the sweeper of one worker runs every few seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.infra.queue.tables import ChoreFailure
from voicechanger.kit.database import now

Chore = Callable[[AsyncSession], Awaitable[None]]
"""Runs in a transaction of its own, under the sweeper's lock: no two workers run chores at the same time."""


def chore_name(chore: Chore) -> str:
    """Return a stable name for logs and metrics: module and function, such as `jobs.chores.delete_expired`."""
    module = chore.__module__.removeprefix("voicechanger.").removeprefix("domains.")
    return f"{module}.{chore.__qualname__.partition('.')[0]}"


async def count_failure(session: AsyncSession, chore: str, error: Exception) -> None:
    """Count a failed run of a chore; store only the type of the error, because its text may contain user data."""
    statement = insert(ChoreFailure).values(chore=chore, count=1, last_error=type(error).__name__, last_failed_at=now())
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ChoreFailure.chore],
            set_={
                "count": ChoreFailure.count + 1,
                "last_error": statement.excluded.last_error,
                "last_failed_at": statement.excluded.last_failed_at,
            },
        )
    )


async def chore_failures(session: AsyncSession) -> dict[str, int]:
    """Return how often each chore has failed; chores that never failed are left out."""
    rows = await session.execute(select(ChoreFailure.chore, ChoreFailure.count))
    return {chore: int(count) for chore, count in rows}
