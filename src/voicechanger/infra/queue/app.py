"""The Procrastinate application, and enqueueing in the caller's transaction."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import procrastinate
from procrastinate.jobs import Job
from procrastinate.tasks import configure_task
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.infra.queue.names import ANSWER_CHANNEL, JOB_CHANNEL
from voicechanger.kit.database import driver_connection, now


class TryAgain(Exception):
    """Raised by a task that must run again after a number of seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


class RetryWhenAsked(procrastinate.BaseRetryStrategy):
    """Runs a task again only when it raised TryAgain; the task decides how often."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        """Return a decision for TryAgain; None for other errors."""
        if isinstance(exception, TryAgain):
            return procrastinate.RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        return None


def build_queue(conninfo: str, connections: int = 4) -> procrastinate.App:
    """Return the application on a PostgreSQL database; open it with `async with queue.open_async()`."""
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=connections)
    return procrastinate.App(connector=connector)


class Queue:
    """Enqueues tasks by name, so that the API process does not import the code of the tasks."""

    def __init__(self, app: procrastinate.App) -> None:
        self.app = app

    async def enqueue(
        self,
        session: AsyncSession,
        task: str,
        queue: str,
        *,
        priority: int = 0,
        delay_seconds: float = 0.0,
        lock: str | None = None,
        **arguments: Any,
    ) -> int:
        """Enqueue a task in the session's transaction and return the ID of the entry."""
        connection = await driver_connection(session)
        # not app.configure_task: in a worker it would find the registered task, which belongs to a blueprint
        deferrer = configure_task(
            name=task,
            job_manager=self.app.job_manager,
            queue=queue,
            priority=priority,
            connection=connection,
            lock=lock,
            schedule_at=now() + timedelta(seconds=delay_seconds) if delay_seconds else None,
        )
        return await deferrer.defer_async(**arguments)

    async def withdraw(self, entry: int) -> None:
        """Delete an entry that nobody waits for any longer; one that runs is asked to stop."""
        await self.app.job_manager.cancel_job_by_id_async(entry, abort=True, delete_job=True)


async def notify_job(session: AsyncSession, job_id: object) -> None:
    """Notify the requests that wait for a job when this transaction commits."""
    await session.execute(
        text("SELECT pg_notify(:channel, :payload)"), {"channel": JOB_CHANNEL, "payload": str(job_id)}
    )


async def answer_call(session: AsyncSession, call_id: str, answer: dict[str, Any]) -> None:
    """Send the answer to a waiting call when this transaction commits."""
    payload = json.dumps({"call_id": call_id, **answer}, ensure_ascii=True)
    await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": ANSWER_CHANNEL, "payload": payload})
