"""What the queue promises when things die: workers, connections, entries."""

from __future__ import annotations

import asyncio
import io
import signal
import sys
import uuid
from pathlib import Path
from typing import Any, cast

import numpy as np
import procrastinate
import pytest
import soundfile
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.server import CREDITS, Member, Server
from voicechanger.domains.jobs import chores
from voicechanger.domains.runtime import Runtime
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain, notify_job
from voicechanger.infra.queue.names import LIGHT_QUEUE, SPEECH_QUEUE
from voicechanger.tts.engine import Engine
from voicechanger.tts.errors import ClipError
from voicechanger.worker.process import register_tasks
from voicechanger.worker.runtime import runtime_for
from voicechanger.worker.sweeper import STALLED_SECONDS, Sweeper

ROOT = Path(__file__).parents[3]
TTS = "/v1/voice-cloning/tts"


async def accept(member: Member, clip: bytes = b"not read") -> str:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice(clip=clip))}
    return (await member.client.post(TTS, data=form)).json()["job_id"]


async def job_of(member: Member, job_id: str) -> dict[str, Any]:
    return (await member.client.get(f"/v1/jobs/{job_id}")).json()


async def sql(server: Server, statement: str, **values: Any) -> Any:
    async with server.services.database.transaction() as session:
        result = await session.execute(text(statement), values)
        return result.scalar() if result.returns_rows else None


def flac() -> bytes:
    data = io.BytesIO()
    soundfile.write(data, np.zeros(24_000, np.float32), 24_000, format="FLAC")
    return data.getvalue()


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.05)


class Refusing:
    """A model that takes no clip, so that a job that reaches it ends plainly."""

    encoder_version = "refusing"

    def encode(self, *_: Any) -> None:
        """Refuse."""
        raise ClipError("clip_no_speech", "The recording holds no speech.")


async def run_due(server: Server, queue: str, runtime: Runtime | None = None) -> None:
    register_tasks(server.services.queue.app)
    await server.services.queue.app.run_worker_async(
        queues=[queue],
        wait=False,
        install_signal_handlers=False,
        additional_context={"runtime": runtime or runtime_for(server.services, cast(Engine, Refusing()))},
    )


async def test_a_killed_worker_hands_its_job_on(member: Member, server: Server) -> None:
    job_id = await accept(member, flac())
    given = server.services.settings
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.queue.hanging_worker", given.database_url, str(given.data_dir), cwd=ROOT
    )
    try:

        async def taken_up() -> bool:
            assert child.returncode is None
            return (await job_of(member, job_id))["status"] == "processing"

        await until(taken_up)
    finally:
        child.send_signal(signal.SIGKILL)
        await child.wait()
    sweeper = Sweeper(server.services.database, server.services.queue.app, [])
    assert await sweeper.sweep() == 0  # it was heard of a moment ago
    await sql(
        server,
        "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - :s * interval '1 second'",
        s=STALLED_SECONDS + 1,
    )
    assert await sweeper.sweep() == 1
    assert await sweeper.sweep() == 0
    await run_due(server, SPEECH_QUEUE)
    job = await job_of(member, job_id)
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("failed", 2, "clip_no_speech")
    assert await member.balance() == (CREDITS, 0)


async def test_a_job_that_kills_its_workers_ends(member: Member, server: Server) -> None:
    """Attempts are counted when they begin, so that a job that never lets a worker live is given up."""
    job_id = await accept(member)
    most = server.services.settings.job_max_attempts
    await sql(server, "UPDATE jobs SET attempt = :n, status = 'processing', lease_token = :t", n=most, t=uuid.uuid4())
    await run_due(server, SPEECH_QUEUE)
    job = await job_of(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "worker_lost")
    assert await member.balance() == (CREDITS, 0)


async def test_one_worker_sweeps_at_a_time(server: Server) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()
    runs: list[str] = []

    async def slow(session: AsyncSession) -> None:
        runs.append("slow")
        began.set()
        await go_on.wait()

    async def quick(session: AsyncSession) -> None:
        runs.append("quick")

    app = server.services.queue.app
    first = asyncio.create_task(Sweeper(server.services.database, app, [slow]).sweep())
    await began.wait()
    other = Sweeper(server.services.database, app, [quick])
    await other.sweep()
    assert runs == ["slow"]
    go_on.set()
    await first
    await other.sweep()
    assert runs == ["slow", "quick"]


async def test_an_open_job_without_an_entry_is_enqueued_once(member: Member, server: Server) -> None:
    job_id = await accept(member)
    sweeper = Sweeper(server.services.database, server.services.queue.app, [chores.enqueue_orphans(server.services)])
    count = "SELECT count(*) FROM procrastinate_jobs WHERE args->>'job_id' = :job"
    await sql(server, "UPDATE jobs SET created_at = created_at - interval '1 hour'")
    await sweeper.sweep()
    assert await sql(server, count, job=job_id) == 1  # it has its entry
    await sql(server, "DELETE FROM procrastinate_jobs")
    await asyncio.gather(*(sweeper.sweep() for _ in range(4)))
    assert await sql(server, count, job=job_id) == 1
    await member.client.post(f"/v1/jobs/{job_id}/cancel")
    await sql(server, "DELETE FROM procrastinate_jobs")
    await sweeper.sweep()
    assert await sql(server, count, job=job_id) == 0


async def test_a_young_job_without_an_entry_is_left_alone(member: Member, server: Server) -> None:
    await accept(member)
    await sql(server, "DELETE FROM procrastinate_jobs")
    await Sweeper(
        server.services.database, server.services.queue.app, [chores.enqueue_orphans(server.services)]
    ).sweep()
    assert await sql(server, "SELECT count(*) FROM procrastinate_jobs") == 0


async def test_a_stream_without_an_entry_ends(member: Member, server: Server) -> None:
    job_id = await accept(member)
    await sql(server, "UPDATE jobs SET mode = 'stream', created_at = created_at - interval '1 hour'")
    await sql(server, "DELETE FROM procrastinate_jobs")
    all_chores = [chores.enqueue_orphans(server.services), chores.end_broken_streams(server.services)]
    await Sweeper(server.services.database, server.services.queue.app, all_chores).sweep()
    job = await job_of(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "stream_interrupted")
    assert await member.balance() == (CREDITS, 0)


@pytest.mark.parametrize(("error", "runs", "status"), [(TryAgain(0), 3, "succeeded"), (ValueError("no"), 1, "failed")])
async def test_a_task_runs_again_only_when_it_asks(server: Server, error: Exception, runs: int, status: str) -> None:
    began: list[int] = []
    app = server.services.queue.app

    @app.task(name="test.unsteady", queue=LIGHT_QUEUE, retry=RetryWhenAsked(), pass_context=True)
    async def unsteady(context: procrastinate.JobContext) -> None:
        began.append(1)
        if len(began) < 3:
            raise error

    async with server.services.database.transaction() as session:
        await server.services.queue.enqueue(session, "test.unsteady", LIGHT_QUEUE)
    for _ in range(4):
        await run_due(server, LIGHT_QUEUE)
    assert len(began) == runs
    assert await sql(server, "SELECT status::text FROM procrastinate_jobs") == status


async def test_an_entry_is_there_only_if_its_transaction_commits(server: Server) -> None:
    with pytest.raises(RuntimeError, match="rolled back"):
        async with server.services.database.transaction() as session:
            await server.services.queue.enqueue(session, "speech.run", SPEECH_QUEUE, job_id="x")
            raise RuntimeError("rolled back")
    assert await sql(server, "SELECT count(*) FROM procrastinate_jobs") == 0


async def test_a_waiter_outlives_a_lost_connection(server: Server) -> None:
    listening = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN voicechanger%'"

    async def connected() -> bool:
        return bool(await sql(server, f"SELECT count(*) {listening}"))

    await until(connected)
    job_id = uuid.uuid4()
    async with server.services.listener.subscribed(job_id) as changed:
        await sql(server, f"SELECT pg_terminate_backend(pid) {listening}")
        async with asyncio.timeout(60):
            await changed.wait()  # woken, for something may have been missed
        changed.clear()
        await until(connected)
        async with server.services.database.transaction() as session:
            await notify_job(session, job_id)
        async with asyncio.timeout(60):
            await changed.wait()
