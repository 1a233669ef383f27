"""Hands the work of dead workers on: every few seconds, by one worker at a time.

Procrastinate marks a job as running and never looks again (research: its documented sweeper takes a minute);
this one finds jobs whose worker has been silent, and open jobs of ours that lost their queue entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.infra.queue.workers import forget_dead
from voicechanger.kit.database import Database, now

log = structlog.get_logger()

SWEEP_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 30.0
"""A worker whose heartbeat (every 10 s) is older is taken for dead; the lease token makes a mistake harmless."""

_LOCK = 0x766F696365  # any number of our own, for pg_try_advisory_xact_lock

Chore = Callable[[AsyncSession], Awaitable[None]]


class Sweeper:
    """Runs its chores one worker at a time."""

    def __init__(self, database: Database, app: procrastinate.App, chores: list[Chore]) -> None:
        self._database = database
        self._app = app
        self._chores = chores

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except (OperationalError, psycopg.OperationalError, ConnectorException) as error:
                log.warning("sweep_failed", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Hand on what dead workers held; returns how many, 0 when another worker is sweeping."""
        async with self._database.transaction() as session:
            locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})
            if not locked:
                return 0
            handed_on = await self._hand_on()
            await forget_dead(session)
            # under the lock: two workers that looked for orphans at once would enqueue each of them twice
            for chore in self._chores:
                async with self._database.transaction() as own:
                    await chore(own)
        return handed_on

    async def _hand_on(self) -> int:
        jobs = list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))
        for job in jobs:
            log.warning("job_handed_on", queue_job=job.id, task=job.task_name)
            await self._app.job_manager.retry_job(job, retry_at=now())
        return len(jobs)
