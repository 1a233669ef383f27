"""What `POST /v1/voice-cloning/tts` accepts and refuses, on the real application and database."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.server import CREDITS, Member, Server

TTS = "/v1/voice-cloning/tts"


def fields(voice: uuid.UUID, **changes: str | None) -> dict[str, str]:
    """A good form, changed."""
    form: dict[str, str | None] = {"text": "Hello there.", "custom_voice_id": str(voice), **changes}
    return {name: value for name, value in form.items() if value is not None}


async def test_a_job_its_reservation_and_its_entry_are_written_together(member: Member, server: Server) -> None:
    voice = await member.save_voice()
    answer = await member.client.post(TTS, data=fields(voice))
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{body['job_id']}"
    assert body == {
        "mode": "async",
        "job_id": body["job_id"],
        "status": "queued",
        "queued": True,
        "credits_reserved": len("Hello there."),
    }
    assert await member.balance() == (CREDITS - 12, 12)
    async with server.services.database.transaction() as session:
        entry = (await session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).one()
    assert entry.task_name == "speech.run" and entry.args == {"job_id": body["job_id"]}


async def test_sync_mode_answers_timeout_waiting_and_the_job_goes_on(member: Member) -> None:
    voice = await member.save_voice()
    answer = await member.client.post(TTS, data=fields(voice, async_mode="false"))
    assert answer.status_code == 202
    body = answer.json()
    assert (body["mode"], body["status"]) == ("sync", "timeout_waiting")
    job = (await member.client.get(f"/v1/jobs/{body['job_id']}")).json()
    assert job["status"] == "queued" and job["position"] == 0


BAD: list[tuple[dict[str, str | None], str, str]] = [
    ({"text": None}, "text", "text_missing"),
    ({"text": ""}, "text", "text_empty"),
    ({"text": " \n\t "}, "text", "text_empty"),
    ({"text": "…?! 🎉"}, "text", "text_not_speakable"),
    ({"text": "a" * 100_000}, "text", "text_too_long"),
    ({"text": "a\x00b"}, "text", "text_control_characters"),
    ({"text": "a\x1bb"}, "text", "text_control_characters"),
    ({"speed": "nan"}, "speed", "invalid_speed"),
    ({"speed": "inf"}, "speed", "invalid_speed"),
    ({"speed": "0.2"}, "speed", "invalid_speed"),
    ({"speed": "fast"}, "speed", "invalid_speed"),
    ({"duration": "-1"}, "duration", "invalid_duration"),
    ({"duration": "0"}, "duration", "invalid_duration"),
    ({"duration": "601"}, "duration", "invalid_duration"),
    ({"async_mode": "maybe"}, "async_mode", "invalid_async_mode"),
    ({"async_mode": "True"}, "async_mode", "invalid_async_mode"),
    ({"format": "m4a"}, "format", "unsupported_format"),
    ({"language": "klingon"}, "language", "unsupported_language"),
    ({"custom_voice_id": "no-uuid"}, "custom_voice_id", "invalid_custom_voice_id"),
    ({"pitch": "2"}, "pitch", "unknown_field"),
]


@pytest.mark.parametrize(("change", "field", "code"), BAD, ids=[f"{c}-{i}" for i, (_, _, c) in enumerate(BAD)])
async def test_a_bad_field_is_named_and_nothing_is_written(
    member: Member, server: Server, change: dict[str, str | None], field: str, code: str
) -> None:
    voice = await member.save_voice()
    answer = await member.client.post(TTS, data=fields(voice, **change))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert [item["field"] for item in problem["errors"]] == [field]
    await _nothing_written(member, server)


async def _nothing_written(member: Member, server: Server) -> None:
    assert await member.balance() == (CREDITS, 0)
    async with server.services.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM jobs")) == 0
        assert await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


async def test_neither_voice_field_names_both(member: Member) -> None:
    problem = (await member.client.post(TTS, data={"text": "Hello."})).json()
    assert problem["code"] == "voice_missing"
    assert {item["field"] for item in problem["errors"]} == {"audio_ref", "custom_voice_id"}


async def test_both_voice_fields_name_both(member: Member) -> None:
    voice = await member.save_voice()
    answer = await member.client.post(TTS, data=fields(voice), files={"audio_ref": ("a.wav", b"RIFF")})
    assert answer.json()["code"] == "voice_ambiguous"
    assert {item["field"] for item in answer.json()["errors"]} == {"audio_ref", "custom_voice_id"}


async def test_several_problems_come_in_one_answer(member: Member) -> None:
    problem = (await member.client.post(TTS, data={"text": "", "speed": "9"})).json()
    assert problem["code"] == "invalid_request"
    assert {item["code"] for item in problem["errors"]} == {"text_empty", "invalid_speed", "voice_missing"}


async def test_another_accounts_voice_and_an_unknown_one_look_the_same(member: Member, other: Member) -> None:
    theirs = await other.save_voice()
    for voice in (theirs, uuid.uuid4()):
        answer = await member.client.post(TTS, data=fields(voice))
        assert (answer.status_code, answer.json()["code"]) == (404, "voice_not_found")


async def test_another_accounts_job_is_not_found(member: Member, other: Member) -> None:
    job = (await member.client.post(TTS, data=fields(await member.save_voice()))).json()["job_id"]
    for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/result"):
        answer = await other.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


KEYS: list[tuple[dict[str, str], str]] = [
    ({}, "missing_api_key"),
    ({"X-API-Key": "nonsense"}, "invalid_api_key"),
    ({"X-API-Key": "vc_0123456789_" + "a" * 44}, "invalid_api_key"),
    ({"Authorization": "Bearer nonsense"}, "invalid_api_key"),
    ({"Authorization": "Basic abc"}, "missing_api_key"),
]


@pytest.mark.parametrize(("headers", "code"), KEYS)
async def test_no_key_and_a_wrong_key(server: Server, headers: dict[str, str], code: str) -> None:
    async with server.client(**headers) as client:
        answer = await client.post(TTS, data={"text": "Hello."})
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_bearer_token_works_too(server: Server, member: Member) -> None:
    voice = await member.save_voice()
    async with server.client(Authorization=f"Bearer {member.key}") as client:
        assert (await client.post(TTS, data=fields(voice))).status_code == 202


async def test_too_few_credits(server: Server) -> None:
    poor = await server.new_member("Poor", grant=5)
    answer = await poor.client.post(TTS, data=fields(await poor.save_voice()))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (402, "insufficient_credits")
    assert (problem["required"], problem["available"]) == (12, 5)


async def test_a_body_over_the_cap_is_refused_while_it_streams(member: Member) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="audio_ref"; filename="a.wav"\r\n\r\n'
        while sent < 3_000_000_000:
            sent += 1_000_000
            yield b"\0" * 1_000_000

    answer = await member.client.post(
        TTS, content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert sent < 60_000_000


@pytest.mark.parametrize(
    ("kind", "body", "code", "status"),
    [
        ("application/json", b"{}", "unsupported_media_type", 415),
        ("multipart/form-data; boundary=x", b"nonsense", "malformed_form", 422),
        ("multipart/form-data", b"", "malformed_form", 422),
    ],
)
async def test_bodies_that_are_no_form(member: Member, kind: str, body: bytes, code: str, status: int) -> None:
    answer = await member.client.post(TTS, content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_cancel_gives_the_credits_back_once(member: Member) -> None:
    job = (await member.client.post(TTS, data=fields(await member.save_voice()))).json()["job_id"]
    for _ in range(2):
        answer = await member.client.post(f"/v1/jobs/{job}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
        assert await member.balance() == (CREDITS, 0)
