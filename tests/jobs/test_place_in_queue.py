"""`position` counts in the order in which workers take jobs, not by age."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.server import Member, Server
from tests.support.work import Listener, work
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.tables import Job

TTS = "/v1/voice-cloning/tts"


async def accepted(member: Member, voice_id: Any) -> str:
    answer = await member.client.post(TTS, data={"text": "Hello there.", "custom_voice_id": str(voice_id)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


async def position(member: Member, job_id: str) -> int | None:
    found: int | None = (await member.client.get(f"/v1/jobs/{job_id}")).json()["position"]
    return found


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of jobs in the order in which a worker claims them."""
    order: list[str] = []
    claim = store.claim

    async def noted(session: AsyncSession, job_id: uuid.UUID) -> Job | None:
        order.append(str(job_id))
        return await claim(session, job_id)

    monkeypatch.setattr(store, "claim", noted)
    return order


async def test_the_position_is_the_order_of_work(
    member: Member, other: Member, server: Server, taken: list[str]
) -> None:
    voice, others = await member.save_voice(), await other.save_voice()
    first = [await accepted(member, voice) for _ in range(4)]
    late = await accepted(other, others)
    # an account with one open job goes before the second job of an account with four
    assert await position(other, late) == 1
    assert [await position(member, job_id) for job_id in first] == [0, 2, 3, 4]
    await work(server, Listener(), ("speech",))
    assert taken == [first[0], late, *first[1:]]


async def test_a_page_of_jobs_tells_the_same_positions(member: Member, server: Server) -> None:
    voice = await member.save_voice()
    made = [await accepted(member, voice) for _ in range(3)]
    items = (await member.client.get("/v1/jobs")).json()["items"]
    assert {item["id"]: item["position"] for item in items} == {job_id: n for n, job_id in enumerate(made)}


async def test_an_ended_job_has_no_position(member: Member) -> None:
    job_id = await accepted(member, await member.save_voice())
    await member.client.post(f"/v1/jobs/{job_id}/cancel")
    assert await position(member, job_id) is None
