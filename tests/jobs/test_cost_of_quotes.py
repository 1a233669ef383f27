"""A quote is free: it runs once, for a caller who waits, and an account waits for a few."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from tests.support.server import Member, Server, settings_for
from tests.support.work import Listener, work
from voicechanger.infra.queue.names import QUOTE_SPEECH
from voicechanger.settings import Settings
from voicechanger.tts.errors import TextError
from voicechanger.worker.sweeper import STALLED_SECONDS, Sweeper

QUOTE = "/v1/voice-cloning/quote"


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Any) -> Settings:
    """A caller who waits for as long as the test may take."""
    return settings_for(fresh_database_url, tmp_path, sync_wait_seconds=60, max_open_quotes=2)


class Planner(Listener):
    """An engine whose plan never ends unless it is stopped, or refuses at once."""

    def __init__(self, *, endless: bool) -> None:
        super().__init__()
        self.began, self.stopped = threading.Event(), threading.Event()
        self._endless = endless

    def neutral_voice(self) -> Any:
        """A voice of zeros."""
        return self._voice()

    def plan(self, script: Any, voice: Any, target: Any, going: Callable[[], None]) -> Any:
        """Go on until `going` raises."""
        self.began.set()
        if not self._endless:
            raise TextError("text_not_speakable", "Planned.")
        try:
            while not self.stopped.wait(0.01):
                going()
        finally:
            self.stopped.set()


async def entries(server: Server, statement: str = "SELECT count(*) FROM procrastinate_jobs", **values: Any) -> Any:
    async with server.services.database.transaction() as session:
        result = await session.execute(text(statement), values)
        return result.scalar() if result.returns_rows else None


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.02)


def asking(member: Member) -> asyncio.Task[Any]:
    return asyncio.create_task(member.client.post(QUOTE, data={"text": "Hello there."}))


async def waiting(server: Server, count: int) -> None:
    async def there() -> bool:
        return await entries(server) == count

    await until(there)


async def leave(server: Server, member: Member, left: asyncio.Event) -> None:
    """Ask for a quote as a client whose connection closes when `left` is set."""
    body = urlencode({"text": "Hello there."}).encode()
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    headers = [(b"x-api-key", member.key.encode()), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": QUOTE,
        "raw_path": QUOTE.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    await server.app(scope, receive, send)


async def test_a_quote_that_killed_its_worker_is_not_handed_on(member: Member, server: Server) -> None:
    call = asking(member)
    await waiting(server, 1)
    await entries(
        server,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :s * interval '1 second')"
        " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)",
        s=STALLED_SECONDS + 1,
    )
    assert await Sweeper(server.services.database, server.services.queue.app, []).sweep() == 0
    assert await entries(server) == 0
    call.cancel()


async def test_an_account_waits_for_a_few_quotes(member: Member, other: Member, server: Server) -> None:
    calls = [asking(member), asking(member)]
    await waiting(server, 2)
    answer = await member.client.post(QUOTE, data={"text": "Hello there."})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_quotes")
    assert int(answer.headers["retry-after"]) > 0
    calls.append(asking(other))
    await waiting(server, 3)
    for call in calls:
        call.cancel()


async def test_quotes_past_their_deadline_make_room_and_are_not_planned(member: Member, server: Server) -> None:
    calls = [asking(member), asking(member)]
    await waiting(server, 2)
    await entries(server, "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{deadline}', '1')")
    calls.append(asking(member))
    await waiting(server, 3)
    await entries(server, "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{deadline}', '1')")
    engine = Planner(endless=False)
    await work(server, engine, ("light",))
    assert not engine.began.is_set() and await entries(server) == 0
    for call in calls:
        call.cancel()


async def test_a_quote_whose_caller_left_is_not_started(member: Member, server: Server) -> None:
    left = asyncio.Event()
    call = asyncio.create_task(leave(server, member, left))
    await waiting(server, 1)
    left.set()
    await call
    assert await entries(server) == 0


async def test_a_quote_whose_caller_leaves_is_stopped(member: Member, server: Server) -> None:
    left = asyncio.Event()
    engine = Planner(endless=True)
    call = asyncio.create_task(leave(server, member, left))
    await waiting(server, 1)
    working = asyncio.create_task(work(server, engine, ("light",)))
    try:
        await asyncio.to_thread(engine.began.wait, 60)
        left.set()
        await call
        await asyncio.wait_for(working, 60)
        await asyncio.to_thread(engine.stopped.wait, 60)
        assert await entries(server) == 0
    finally:
        engine.stopped.set()


async def test_a_plan_stops_at_its_deadline(member: Member, server: Server) -> None:
    call = asking(member)
    await waiting(server, 1)
    await entries(
        server,
        "UPDATE procrastinate_jobs SET args ="
        " jsonb_set(args, '{deadline}', to_jsonb(extract(epoch FROM now()) + 3)) WHERE task_name = :name",
        name=QUOTE_SPEECH,
    )
    engine = Planner(endless=True)
    await asyncio.wait_for(work(server, engine, ("light",)), 60)
    assert engine.began.is_set() and engine.stopped.is_set()
    call.cancel()
