"""What the queue's own table says about the work of other tables: lost entries and places in line."""

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
    """A condition for rows of another table that no waiting or running entry of `task` names in `argument`.

    Procrastinate's `queueing_lock` cannot replace it: a refused second entry aborts the transaction that enqueues.
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
    """Count the entries that a worker takes before each of these, in the order in which workers take them.

    Ids without a waiting entry are left out.
    """
    values = [str(item) for item in ids]
    if not values:
        return {}
    given = {"queue": queue, "task": task, "argument": argument, "values": values}
    rows = await session.execute(_PLACES, given)
    return {uuid.UUID(row.value): int(row.ahead) for row in rows}
