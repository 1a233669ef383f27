"""Heartbeats of worker processes."""

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

HEARTBEAT_SECONDS = 5.0
ALIVE_SECONDS = 20.0
"""A worker counts as alive for this long after its last heartbeat."""


class Heartbeat:
    """Updates the row of this worker every few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._id = uuid.uuid4()
        self._started = now()
        self.ready = False

    async def send(self) -> None:
        """Write the row of this worker once."""
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
        """Send heartbeats until canceled; continue while the database is unavailable."""
        while True:
            try:
                await self.send()
            except OperationalError as error:
                log.warning("heartbeat_failed", error=str(error))
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def stop(self) -> None:
        """Delete the row of this worker."""
        async with self._database.transaction() as session:
            await session.execute(delete(Worker).where(Worker.id == self._id))


async def ready_workers(session: AsyncSession) -> int:
    """Return how many workers are alive and have loaded their models."""
    alive_since = now() - timedelta(seconds=ALIVE_SECONDS)
    count = await session.scalar(
        select(func.count()).select_from(Worker).where(Worker.ready, Worker.seen_at >= alive_since)
    )
    return int(count or 0)


async def delete_stale_workers(session: AsyncSession) -> None:
    """Delete rows of workers that sent no heartbeat for ten minutes."""
    await session.execute(delete(Worker).where(Worker.seen_at < now() - timedelta(minutes=10)))


async def all_workers(session: AsyncSession) -> list[Worker]:
    """Return all workers that have a row, oldest first."""
    return list(await session.scalars(select(Worker).order_by(Worker.started_at)))
