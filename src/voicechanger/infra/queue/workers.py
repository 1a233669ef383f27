"""Signs of life of worker processes."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger import __version__
from voicechanger.infra.queue.tables import Worker
from voicechanger.kit.database import Database, now

log = structlog.get_logger()

BEAT_SECONDS = 5.0
ALIVE_SECONDS = 20.0
"""A worker not seen for longer does not count as alive."""


class SignOfLife:
    """Writes this worker's row every few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._id = uuid.uuid4()
        self._started = now()
        self.ready = False

    async def beat(self) -> None:
        """Write the row once."""
        values = {
            "id": self._id,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "ready": self.ready,
            "started_at": self._started,
            "seen_at": now(),
        }
        async with self._database.transaction() as session:
            await session.execute(
                insert(Worker)
                .values(values)
                .on_conflict_do_update(
                    index_elements=[Worker.id], set_={"ready": values["ready"], "seen_at": values["seen_at"]}
                )
            )

    async def run(self) -> None:
        """Beat until cancelled; a database that is away for a while does not end the worker."""
        while True:
            try:
                await self.beat()
            except OperationalError as error:
                log.warning("heartbeat_failed", error=str(error))
            await asyncio.sleep(BEAT_SECONDS)

    async def end(self) -> None:
        """Remove the row."""
        async with self._database.transaction() as session:
            await session.execute(delete(Worker).where(Worker.id == self._id))


async def ready_workers(session: AsyncSession) -> int:
    """How many workers are alive and warm."""
    alive_since = now() - timedelta(seconds=ALIVE_SECONDS)
    count = await session.scalar(
        select(func.count()).select_from(Worker).where(Worker.ready, Worker.seen_at >= alive_since)
    )
    return int(count or 0)


async def forget_dead(session: AsyncSession) -> None:
    """Remove rows of workers not seen for ten minutes."""
    await session.execute(delete(Worker).where(Worker.seen_at < now() - timedelta(minutes=10)))
