"""Queries on the queue's table about rows of other tables: missing entries and positions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, cast, column, exists, literal, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

_ENTRIES = table("procrastinate_jobs", column("task_name"), column("status"), column("args"))

_PLACES = text(
    """
    SELECT waiting.value, waiting.ahead
      FROM (SELECT args->>:argument AS value, task_name,
                   row_number() OVER (ORDER BY priority DESC, id) - 1 AS ahead
              FROM procrastinate_jobs
             WHERE queue_name = :queue AND status = 'todo') AS waiting
     WHERE waiting.task_name = :task AND waiting.value = ANY(:values)
    """
)


_LIVE = text(
    """
    SELECT count(*)
      FROM procrastinate_jobs
     WHERE task_name = :task AND args->>'account_id' = :account
       AND (status = 'doing' OR (status = 'todo' AND (args->>'deadline')::float8 > :now))
    """
)


def no_entry(task: str, argument: str, row_id: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    """Return a condition: no waiting or running entry of `task` has the row's ID in `argument`.

    Procrastinate's `queueing_lock` cannot replace it: a refused entry aborts the transaction that enqueues it.
    """
    entries: Any = _ENTRIES.c
    named = entries.args.op("->>")(literal(argument)) == cast(row_id, String)
    return ~exists(
        select(1)
        .select_from(_ENTRIES)
        .where(entries.task_name == task, cast(entries.status, String).in_(("todo", "doing")), named)
        .correlate_except(_ENTRIES)
    )


async def count_calls(session: AsyncSession, task: str, account_id: uuid.UUID) -> int:
    """Count the entries of a task with a deadline that an account waits for; those past it count while they run."""
    given = {"task": task, "account": str(account_id), "now": time.time()}
    return int(await session.scalar(_LIVE, given) or 0)


async def places(
    session: AsyncSession, queue: str, task: str, argument: str, ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return how many entries workers take before each of these; IDs without a waiting entry are left out.

    Workers take entries by priority, then by age.
    """
    values = [str(item) for item in ids]
    if not values:
        return {}
    given = {"queue": queue, "task": task, "argument": argument, "values": values}
    rows = await session.execute(_PLACES, given)
    return {uuid.UUID(row.value): int(row.ahead) for row in rows}
