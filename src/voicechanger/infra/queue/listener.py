"""Wait for changes of jobs with LISTEN of PostgreSQL, over one connection per process."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import structlog

from voicechanger.infra.queue.names import ANSWER_CHANNEL, JOB_CHANNEL

log = structlog.get_logger()

_RECONNECT_SECONDS = 1.0


class JobListener:
    """Wakes the requests that wait for a job; after a lost connection it wakes all, so that no change is missed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._calls: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @asynccontextmanager
    async def subscribed(self, job_id: object) -> AsyncGenerator[asyncio.Event]:
        """Yield an event that is set when the job may have changed; clear it before you read the job."""
        event = asyncio.Event()
        self._waiting[str(job_id)].add(event)
        try:
            yield event
        finally:
            self._waiting[str(job_id)].discard(event)
            if not self._waiting[str(job_id)]:
                del self._waiting[str(job_id)]

    @asynccontextmanager
    async def expecting(self, call_id: object) -> AsyncGenerator[asyncio.Future[dict[str, Any]]]:
        """Yield a future of the answer to a call; use a timeout, because a lost connection loses the answer."""
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls[str(call_id)] = future
        try:
            yield future
        finally:
            del self._calls[str(call_id)]

    async def run(self) -> None:
        """Listen until canceled."""
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
            await connection.execute(f"LISTEN {ANSWER_CHANNEL}")
            self._wake_all()
            async for notice in connection.notifies():
                if notice.channel == ANSWER_CHANNEL:
                    self._answered(notice.payload)
                for event in self._waiting.get(notice.payload, ()):
                    event.set()

    def _answered(self, payload: str) -> None:
        answer: dict[str, Any] = json.loads(payload)
        future = self._calls.get(str(answer.get("call_id")))
        if future is not None and not future.done():
            future.set_result(answer)

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
