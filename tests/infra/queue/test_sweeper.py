"""Chores fail alone: whatever one raises, the others run, the failure is counted, and the worker goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.server import Server
from voicechanger.infra.queue.chores import Chore, chore_name
from voicechanger.kit.errors import Unavailable
from voicechanger.worker.process import chores_of
from voicechanger.worker.sweeper import Sweeper

ERRORS = [
    Unavailable("The file could not be deleted.", code="storage_unavailable"),
    OSError("No space left on device"),
    ValueError("a mistake in our code, with a user's text in it"),
]


def sweeper_of(server: Server, *chores: Chore) -> Sweeper:
    return Sweeper(server.services.database, server.services.queue.app, chores)


async def failures(server: Server) -> list[tuple[Any, ...]]:
    async with server.services.database.transaction() as session:
        return [
            tuple(row) for row in await session.execute(text("SELECT chore, count, last_error FROM chore_failures"))
        ]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_chore_that_raises_fails_alone(server: Server, error: Exception) -> None:
    ran: list[str] = []

    async def failing(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO rate_limits VALUES ('half done', now(), true)"))
        raise error

    async def later(session: AsyncSession) -> None:
        ran.append("later")

    with structlog.testing.capture_logs() as logs:
        sweeper = sweeper_of(server, failing, later)
        await sweeper.sweep()
        await sweeper.sweep()
    assert ran == ["later", "later"]
    assert [line["chore"] for line in logs if line["event"] == "chore_failed"] == [chore_name(failing)] * 2
    assert await failures(server) == [(chore_name(failing), 2, type(error).__name__)]
    async with server.services.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM rate_limits")) == 0


async def test_a_statement_that_the_database_refuses_fails_alone(server: Server) -> None:
    async def failing(session: AsyncSession) -> None:
        await session.execute(text("SELECT 1 / 0"))

    await sweeper_of(server, failing).sweep()
    assert [row[1] for row in await failures(server)] == [1]


async def test_the_sweeper_outlives_chores_that_raise(server: Server) -> None:
    async def failing(session: AsyncSession) -> None:
        raise RuntimeError("no")

    running = asyncio.create_task(sweeper_of(server, failing).run())
    try:
        async with asyncio.timeout(60):
            while not await failures(server):
                await asyncio.sleep(0.05)
        assert not running.done()
    finally:
        running.cancel()


async def test_failures_are_in_the_metrics(server: Server) -> None:
    async def failing(session: AsyncSession) -> None:
        raise RuntimeError("no")

    await sweeper_of(server, failing).sweep()
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        page = (await client.get("/metrics")).text
    assert f'voicechanger_chore_failures_total{{chore="{chore_name(failing)}"}} 1.0' in page


def test_every_chore_has_a_name_of_its_own(server: Server) -> None:
    names = [chore_name(chore) for chore in chores_of(server.services)]
    assert len(set(names)) == len(names)
    assert "jobs.chores.delete_expired" in names
