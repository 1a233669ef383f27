"""Jobs as their owner sees them: lists, pages, ends, word times and links, without a worker."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.support.server import CREDITS, Member, Server
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs.tables import Job
from voicechanger.kit.database import now

TTS = "/v1/voice-cloning/tts"
TEXT = "Hello there. How are you?"
SPOKEN = {
    "words": [
        {"text": "Hello", "start": 0.25, "end": 0.5, "sentence": 0},
        {"text": "there.", "start": 0.5, "end": 0.875, "sentence": 0},
        {"text": "How", "start": 1.0, "end": 1.125, "sentence": 1},
        {"text": "are", "start": 1.125, "end": 1.25, "sentence": 1},
        {"text": "you?", "start": 1.25, "end": 1.5, "sentence": 1},
    ],
    "sentences": ["Hello there.", "How are you?"],
    "seconds": 1.75,
}
SOUND = b"RIFF, or so"


async def queued(member: Member, voice: uuid.UUID) -> str:
    answer = await member.client.post(TTS, data={"text": TEXT, "custom_voice_id": str(voice)})
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


async def change(server: Server, job_id: str, **values: Any) -> None:
    async with server.services.database.transaction() as session:
        await session.execute(update(Job).where(Job.id == uuid.UUID(job_id)).values(**values))


async def completed(server: Server, member: Member, voice: uuid.UUID) -> str:
    """A job whose recording is in storage, as a worker leaves it."""
    job_id = await queued(member, voice)
    folder = f"results/{member.account_id}/{job_id}/{uuid.uuid4()}"
    await server.services.storage.put_bytes(f"{folder}.wav", SOUND)
    await server.services.storage.put_bytes(f"{folder}.json", json.dumps(SPOKEN).encode())
    async with server.services.database.transaction() as session:
        charged = await credits.settle(session, uuid.UUID(job_id))
    await change(
        server,
        job_id,
        status="completed",
        progress=1.0,
        started_at=now(),
        finished_at=now(),
        result_key=f"{folder}.wav",
        timestamps_key=f"{folder}.json",
        result_bytes=len(SOUND),
        result_expires_at=now() + timedelta(hours=1),
        duration_seconds=1.75,
        effective_speed=1.0,
        detected_languages=["en-US"],
        credits_charged=charged,
    )
    return job_id


@pytest.fixture
async def voice(member: Member) -> uuid.UUID:
    return await member.save_voice()


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_pages_hold_every_job_once_the_newest_first(member: Member, server: Server, voice: uuid.UUID) -> None:
    made = [await queued(member, voice) for _ in range(7)]
    # two at the same moment: the cursor must not skip or repeat either
    moment = now() + timedelta(seconds=1)
    for job_id in made[2:4]:
        await change(server, job_id, created_at=moment)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await member.client.get("/v1/jobs", params=query)).json()
        assert len(page["items"]) <= 2
        seen += [job["id"] for job in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
        # a job that comes in between is newer than the cursor: it moves nothing
        if len(seen) == 4:
            await queued(member, voice)
    assert len(seen) == 7 and set(seen) == set(made)
    assert set(seen[:2]) == set(made[2:4]) and seen[2:] == [made[n] for n in (6, 5, 4, 1, 0)]


async def test_filters(member: Member, server: Server, other: Member, voice: uuid.UUID) -> None:
    done, waiting = await completed(server, member, voice), await queued(member, voice)
    await queued(other, await other.save_voice())

    async def ids(**query: str) -> list[str]:
        answer = await member.client.get("/v1/jobs", params=query)
        return [job["id"] for job in answer.json()["items"]]

    assert await ids() == [waiting, done]
    assert await ids(status="completed") == [done]
    assert await ids(status="queued", kind="speech") == [waiting]
    assert await ids(kind="preview") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "bm93fGlk"}, "invalid_cursor"),
        ({"status": "lost"}, "field_invalid"),
        ({"limit": "0"}, "field_invalid"),
        ({"limit": "101"}, "field_invalid"),
    ],
)
async def test_a_bad_query_is_refused(member: Member, query: dict[str, str], code: str) -> None:
    refused(await member.client.get("/v1/jobs", params=query), 422, code)


async def test_places_in_the_queue(member: Member, voice: uuid.UUID) -> None:
    made = [await queued(member, voice) for _ in range(3)]
    found = [(await member.client.get(f"/v1/jobs/{job_id}")).json()["position"] for job_id in made]
    assert found == [0, 1, 2]


async def test_a_result_is_linked_afresh_each_time(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await completed(server, member, voice)
    result = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()
    assert (result["mime_type"], result["size_bytes"], result["duration_seconds"]) == ("audio/wav", len(SOUND), 1.75)
    async with server.client() as anyone:
        assert (await anyone.get(result["download_url"])).content == SOUND


async def test_there_is_no_result_before_and_after(member: Member, server: Server, voice: uuid.UUID) -> None:
    waiting, done = await queued(member, voice), await completed(server, member, voice)
    await change(server, done, result_key=None, timestamps_key=None)
    for part in ("result", "timestamps"):
        early = await member.client.get(f"/v1/jobs/{waiting}/{part}")
        refused(early, 409, "job_not_completed")
        assert early.headers["retry-after"] and early.json()["job_status"] == "queued"
        refused(await member.client.get(f"/v1/jobs/{done}/{part}"), 410, "result_expired")


async def test_the_result_of_a_failed_job_is_its_error(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await queued(member, voice)
    error = {"error_code": "duration_out_of_reach", "error_message": "Too short.", "error_status": 422}
    await change(server, job_id, status="failed", error_extra={"shortest_seconds": 1.5}, **error)
    answer = await member.client.get(f"/v1/jobs/{job_id}/result")
    refused(answer, 422, "duration_out_of_reach")
    assert (answer.json()["shortest_seconds"], answer.json()["job_id"]) == (1.5, job_id)
    told = (await member.client.get(f"/v1/jobs/{job_id}")).json()["error"]
    assert told == {"code": "duration_out_of_reach", "message": "Too short."}


async def test_word_times_in_three_forms(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await completed(server, member, voice)
    address = f"/v1/jobs/{job_id}/timestamps"
    assert (await member.client.get(address)).json() == SPOKEN
    srt = await member.client.get(address, params={"format": "srt"})
    assert srt.headers["content-type"].startswith("application/x-subrip")
    assert srt.text.startswith("1\n00:00:00,250 --> ") and "How are you?" in srt.text
    vtt = await member.client.get(address, params={"format": "vtt"})
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert vtt.text.startswith("WEBVTT\n\n") and "00:00:01.500" in vtt.text
    refused(await member.client.get(address, params={"format": "ass"}), 422, "field_invalid")


async def test_an_ended_job_has_one_event(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await completed(server, member, voice)
    answer = await member.client.get(f"/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    name, data = answer.text.strip().splitlines()
    assert name == "event: completed"
    assert json.loads(data.removeprefix("data: ")) == (await member.client.get(f"/v1/jobs/{job_id}")).json()


async def test_an_ended_job_is_not_canceled(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await completed(server, member, voice)
    answer = await member.client.post(f"/v1/jobs/{job_id}/cancel")
    refused(answer, 409, "job_already_ended")
    assert answer.json()["job_status"] == "completed"
    assert await member.balance() == (CREDITS - len(TEXT), 0)


async def test_delete_removes_files_and_charges_stay(member: Member, server: Server, voice: uuid.UUID) -> None:
    job_id = await completed(server, member, voice)
    link = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()["download_url"]
    assert (await member.client.delete(f"/v1/jobs/{job_id}")).status_code == 204
    for part in ("", "/result", "/timestamps", "/events"):
        refused(await member.client.get(f"/v1/jobs/{job_id}{part}"), 404, "job_not_found")
    refused(await member.client.delete(f"/v1/jobs/{job_id}"), 404, "job_not_found")
    refused(await member.client.get(link), 404, "file_not_found")
    storage = server.services.storage
    assert [key async for key in storage.keys_under(f"results/{member.account_id}")] == []
    # the saved voice's recording is not the job's to remove
    assert [key async for key in storage.keys_under(f"clips/{member.account_id}")]
    assert await member.balance() == (CREDITS - len(TEXT), 0)


async def test_deleting_an_open_job_gives_its_credits_back(member: Member, voice: uuid.UUID) -> None:
    job_id = await queued(member, voice)
    assert (await member.client.delete(f"/v1/jobs/{job_id}")).status_code == 204
    assert await member.balance() == (CREDITS, 0)


async def test_another_accounts_job_can_neither_be_seen_nor_ended(
    member: Member, other: Member, server: Server, voice: uuid.UUID
) -> None:
    job_id = await completed(server, member, voice)
    for part in ("", "/result", "/timestamps", "/events"):
        refused(await other.client.get(f"/v1/jobs/{job_id}{part}"), 404, "job_not_found")
    refused(await other.client.post(f"/v1/jobs/{job_id}/cancel"), 404, "job_not_found")
    refused(await other.client.delete(f"/v1/jobs/{job_id}"), 404, "job_not_found")
