"""Waiting for jobs to change, by PostgreSQL's LISTEN: one connection a process, however many wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import structlog

from voicechanger.queue.names import JOB_CHANNEL

log = structlog.get_logger()

_RECONNECT_SECONDS = 1.0


class JobListener:
    """Wakes those who wait for a job; after a lost connection it wakes everyone, so that nothing is missed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def subscribed(self, job_id: object) -> AsyncGenerator[asyncio.Event]:
        """An event that is set whenever the job may have changed; clear it before looking."""
        event = asyncio.Event()
        self._waiting[str(job_id)].add(event)
        try:
            yield event
        finally:
            self._waiting[str(job_id)].discard(event)
            if not self._waiting[str(job_id)]:
                del self._waiting[str(job_id)]

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except psycopg.OperationalError as error:
                log.warning("listener_lost_database", error=str(error))
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {JOB_CHANNEL}")
            self._wake_all()
            async for notice in connection.notifies():
                for event in self._waiting.get(notice.payload, ()):
                    event.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
