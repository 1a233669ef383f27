"""No order of accept, claim, progress, complete, fail, cancel, crash, retry and delete makes the ledger wrong.

Hypothesis draws sequences of steps, some of them at the same time, and runs them by the functions that routes and
tasks run, on a real PostgreSQL.  A crash is a worker that never speaks again while another claims its job; what the
first one does later is a step like any other.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.server import Server, settings_for
from voicechanger.api.app import create_app
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import contents, service, store, synthesis, tasks
from voicechanger.domains.jobs.acceptance import accept
from voicechanger.domains.jobs.request import SpeechRequest
from voicechanger.domains.jobs.tables import Job, JobMode
from voicechanger.domains.runtime import Runtime
from voicechanger.domains.voices.service import reference_to
from voicechanger.infra.container import open_services
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import ProductError
from voicechanger.tts.engine import Engine
from voicechanger.tts.synthesize import SpeechResult
from voicechanger.worker.runtime import runtime_for

GRANT = 60
OPEN_JOBS = 4
ATTEMPTS = 2
RECORDING = synthesis.Recording(
    "results/x", "results/x.json", (), 44, SpeechResult(1.0, 1.0, 1.0, ("en-us",), (), (), ())
)

Step = tuple[str, int]
"""What is done, and to which job or attempt (by its index) or with how many characters."""

STEPS = [
    "accept",
    "stream",
    "claim",
    "claim",
    "progress",
    "complete",
    "complete",
    "fail",
    "give_back",
    "stop",
    "out_of_attempts",
    "cancel",
    "delete",
    "hang_up",
    "grant",
]


@dataclass
class World:
    """An account, its jobs, and every attempt that was ever begun."""

    server: Server
    caller: Caller
    voice: uuid.UUID
    granted: int = GRANT
    jobs: list[uuid.UUID] = field(default_factory=list)
    attempts: list[Job] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return runtime_for(self.server.services, cast(Engine, None))

    def job(self, number: int) -> uuid.UUID:
        return self.jobs[number % len(self.jobs)] if self.jobs else uuid.uuid4()

    async def accept(self, number: int) -> None:
        await self._accept(number, JobMode.ASYNC)

    async def stream(self, number: int) -> None:
        await self._accept(number, JobMode.STREAM)

    async def _accept(self, number: int, mode: JobMode) -> None:
        asked = SpeechRequest.model_construct(text="a" * (1 + number % 25), custom_voice_id=self.voice)
        job = await accept(self.server.services, self.caller, asked, mode, reference_to(self.caller, self.voice))
        self.jobs.append(job.id)

    async def claim(self, number: int) -> None:
        async with self.server.services.database.transaction() as session:
            job = await store.claim(session, self.job(number))
        if job is not None:
            self.attempts.append(job)

    async def _with_attempt(self, number: int, work: Callable[[Job], Awaitable[object]]) -> None:
        if self.attempts:
            await work(self.attempts[number % len(self.attempts)])

    async def progress(self, number: int) -> None:
        await self._with_attempt(number, lambda job: synthesis.write_progress(self.runtime, job, (number % 11) / 10))

    async def complete(self, number: int) -> None:
        await self._with_attempt(number, lambda job: tasks.complete(self.runtime, job, RECORDING))

    async def fail(self, number: int) -> None:
        await self._with_attempt(number, lambda job: tasks.fail(self.runtime, job, "synthesis_failed", "No.", 500))

    async def give_back(self, number: int) -> None:
        await self._with_attempt(number, lambda job: tasks.requeue(self.runtime, job, count_attempt=True))

    async def stop(self, number: int) -> None:
        await self._with_attempt(number, lambda job: tasks.requeue(self.runtime, job, count_attempt=False))

    async def out_of_attempts(self, number: int) -> None:
        async def lost(job: Job) -> None:
            if job.attempt > ATTEMPTS:
                await tasks.run_attempt(self.runtime, job)

        await self._with_attempt(number, lost)

    async def cancel(self, number: int) -> None:
        await service.cancel(self.server.services, self.caller, self.job(number))

    async def delete(self, number: int) -> None:
        await contents.delete(self.server.services, self.caller, self.job(number))

    async def hang_up(self, number: int) -> None:
        await contents.end_stream(self.server.services, self.job(number), (number % 11) / 10)

    async def grant(self, number: int) -> None:
        async with self.server.services.database.transaction() as session:
            await credits.grant(session, self.caller.account_id, 1 + number % 20)
        self.granted += 1 + number % 20

    async def do(self, step: Step) -> None:
        """One step; what a caller or worker may be told is no fault."""
        try:
            await getattr(self, step[0])(step[1])
        except (ProductError, tasks.LeaseLost) as told:
            assert not isinstance(told, ProductError) or told.status < 500


LEDGER = text(
    """
    SELECT entry.job_id, jobs.status, jobs.credits_charged, jobs.credits_reserved,
           count(*) FILTER (WHERE entry.kind = 'reserve') AS reservations,
           count(*) FILTER (WHERE entry.kind = 'settle') AS settlements,
           count(*) FILTER (WHERE entry.kind = 'release') AS releases,
           -sum(entry.amount) AS cost,
           -sum(entry.amount) FILTER (WHERE entry.kind = 'reserve') AS held
      FROM credit_entries entry LEFT JOIN jobs ON jobs.id = entry.job_id
     WHERE entry.account_id = :account AND entry.job_id IS NOT NULL
     GROUP BY entry.job_id, jobs.status, jobs.credits_charged, jobs.credits_reserved
    """
)


async def check(world: World) -> None:
    """Everything that must hold between any two steps."""
    async with world.server.services.database.transaction() as session:
        rows = (await session.execute(LEDGER, {"account": world.caller.account_id})).all()
        found = await credits.balance(session, world.caller.account_id)
        statement = text("SELECT sum(amount) FROM credit_entries WHERE account_id = :a")
        total = await session.scalar(statement, {"a": world.caller.account_id})
    assert {row.job_id for row in rows} == set(world.jobs)
    for row in rows:
        is_open = row.status in ("queued", "processing")
        assert row.reservations == 1
        assert row.settlements + row.releases == (0 if is_open else 1)
        if is_open:
            assert row.cost == row.held == row.credits_reserved
        elif row.status == "completed":
            assert (row.settlements, row.credits_charged) == (1, row.held) and row.cost == row.held
        elif row.status == "failed":
            assert (row.releases, row.cost, row.credits_charged) == (1, 0, None)
        elif row.status == "canceled":
            assert row.cost == (row.credits_charged or 0) and 0 <= row.cost <= row.held
        else:
            assert 0 <= row.cost <= row.held  # the job was deleted
    opened = sum(row.held for row in rows if row.status in ("queued", "processing"))
    assert found.available == total == world.granted - sum(row.cost for row in rows)
    assert found.available >= 0
    assert found.reserved == opened
    assert sum(row.status in ("queued", "processing") for row in rows) <= OPEN_JOBS


async def play(server: Server, batches: list[list[Step]]) -> None:
    member = await server.new_member("Ada", grant=GRANT)
    async with member.client:
        world = World(server, Caller(member.account_id, frozenset({"speech"})), await member.save_voice())
        for batch in batches:
            await asyncio.gather(*(world.do(step) for step in batch))
            await check(world)
        # at last a worker comes that lives: nothing stays held
        for number in range(len(world.jobs)):
            await world.do(("claim", number))
            await world.do(("complete", len(world.attempts) - 1))
        await check(world)
        assert (await member.balance())[1] == 0


one_step = st.tuples(st.sampled_from(STEPS), st.integers(0, 30))
some_batches = st.lists(st.lists(one_step, min_size=1, max_size=3), min_size=1, max_size=20)


def test_no_order_of_events_makes_the_ledger_wrong(fresh_database_url: str, tmp_path: Path) -> None:
    chosen = settings_for(fresh_database_url, tmp_path, max_open_jobs=OPEN_JOBS, job_max_attempts=ATTEMPTS)
    with asyncio.Runner() as runner:
        opening = open_services(chosen)
        services = runner.run(opening.__aenter__())
        server = Server(create_app(chosen), services)

        @settings(
            max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
        )
        @given(some_batches)
        def sequences(batches: list[list[Step]]) -> None:
            runner.run(play(server, batches))

        try:
            sequences()
        finally:
            runner.run(opening.__aexit__(None, None, None))
