"""The sweeper: every few seconds, in one worker at a time, retries or drops tasks of dead workers and runs chores.

Procrastinate marks a task as running and never looks at it again; the sweeper finds tasks whose worker has stopped
sending heartbeats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Status
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from voicechanger.infra.queue.chores import Chore, chore_name, count_failure
from voicechanger.infra.queue.names import RUN_ONCE
from voicechanger.infra.queue.workers import delete_stale_workers
from voicechanger.kit.database import Database, now

log = structlog.get_logger()

SWEEP_SECONDS: Final = 10.0
STALLED_SECONDS: Final = 30.0
"""A worker whose heartbeat (every 10 s) is older counts as dead; the lease token makes a mistake harmless."""

_LOCK = 0x766F696365
"""Any number of our own, for pg_try_advisory_xact_lock."""
_DATABASE_ERRORS = (SQLAlchemyError, psycopg.Error, ProcrastinateException, OSError)


class Sweeper:
    """Runs its chores in one worker at a time."""

    def __init__(self, database: Database, app: procrastinate.App, chores: Sequence[Chore]) -> None:
        self._database = database
        self._app = app
        self._chores = chores

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except _DATABASE_ERRORS as error:
                log.warning("sweep_failed", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Retry tasks of dead workers and run every chore; return how many tasks, 0 when another worker sweeps."""
        async with self._database.transaction() as session:
            locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})
            if not locked:
                return 0
            retried = await self._retry_stalled()
            await delete_stale_workers(session)
            # under the lock: two workers that looked for lost entries at once would enqueue each of them twice
            for chore in self._chores:
                await self._run(chore)
        return retried

    async def _retry_stalled(self) -> int:
        tasks = list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
        retried = [task for task in tasks if task.task_name not in RUN_ONCE]
        for task in retried:
            log.warning("task_retried", queue_job=task.id, task=task.task_name)
            await self._app.job_manager.retry_job(task, retry_at=now())
        for task in tasks:
            if task.task_name in RUN_ONCE:
                log.error("task_dropped", queue_job=task.id, task=task.task_name)
                await self._app.job_manager.finish_job(task, Status.FAILED, delete_job=True)
        return len(retried)

    async def _run(self, chore: Chore) -> None:
        """Run one chore in a transaction of its own; its failure is logged and counted, and ends nothing else."""
        try:
            async with self._database.transaction() as session:
                await chore(session)
        except Exception as error:
            # a worker must outlive whatever goes wrong in a chore
            log.exception("chore_failed", chore=chore_name(chore))
            await self._count_failure(chore, error)

    async def _count_failure(self, chore: Chore, error: Exception) -> None:
        try:
            async with self._database.transaction() as session:
                await count_failure(session, chore_name(chore), error)
        except _DATABASE_ERRORS as lost:
            log.warning("chore_failure_not_counted", chore=chore_name(chore), error=str(lost))
