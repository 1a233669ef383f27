"""Idempotency-Key on the real application and database."""

from __future__ import annotations

import asyncio
import io
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.datastructures import FormData, UploadFile

from tests.support.server import CREDITS, Member, Server
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import service as speech
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.idempotency import guard as service
from voicechanger.kit.idempotency import store

TTS = "/v1/voice-cloning/tts"


async def _jobs(server: Server) -> int:
    async with server.services.database.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM jobs")) or 0)


async def _keys(server: Server) -> int:
    async with server.services.database.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM idempotency_keys")) or 0)


async def test_the_same_request_again_gets_the_first_answer(member: Member, server: Server) -> None:
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}
    first = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    again = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await _jobs(server) == 1
    assert await member.balance() == (CREDITS - 12, 12)


async def test_another_body_under_the_same_key_is_refused(member: Member, server: Server) -> None:
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}
    await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    answer = await member.client.post(TTS, data={**form, "text": "Bye."}, headers={"Idempotency-Key": "order-1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await _jobs(server) == 1


async def test_two_accounts_may_use_the_same_key(member: Member, other: Member, server: Server) -> None:
    for one in (member, other):
        form = {"text": "Hello.", "custom_voice_id": str(await one.save_voice())}
        answer = await one.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
        assert answer.status_code == 202 and "idempotent-replayed" not in answer.headers
    assert await _jobs(server) == 2


async def test_a_refused_request_keeps_nothing(server: Server) -> None:
    poor = await server.new_member("Poor", grant=5)
    form = {"text": "Hello there.", "custom_voice_id": str(await poor.save_voice())}
    for _ in range(2):
        answer = await poor.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
        assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_credits")
    assert await _keys(server) == 0
    async with server.services.database.transaction() as session:
        await credits.grant(session, poor.account_id, 50)
    assert (await poor.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})).status_code == 202


async def test_many_at_once_make_one_job(member: Member, server: Server) -> None:
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}

    async def send() -> tuple[int, str]:
        answer = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
        return answer.status_code, answer.json().get("job_id") or answer.json()["code"]

    answers = await asyncio.gather(*(send() for _ in range(8)))
    accepted = {what for status, what in answers if status == 202}
    assert len(accepted) == 1
    assert {what for status, what in answers if status != 202} <= {"idempotency_in_flight"}
    assert await _jobs(server) == 1


async def test_a_repeated_sync_request_joins_the_first(member: Member, server: Server) -> None:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice()), "async_mode": "false"}
    first = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    assert first.json()["status"] == "timeout_waiting"
    caller = Caller(member.account_id, frozenset())
    await speech.cancel(server.services, caller, uuid.UUID(first.json()["job_id"]))
    again = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    assert (again.status_code, again.json()["code"]) == (409, "job_canceled")
    assert again.json()["job_id"] == first.json()["job_id"]
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "tab\there", "naïve".encode("latin-1"), " padded"])
async def test_a_bad_key_is_refused(member: Member, server: Server, key: str | bytes) -> None:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    answer = await member.client.post(
        TTS, data=form, headers=[(b"Idempotency-Key", key if isinstance(key, bytes) else key.encode())]
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_idempotency_key")
    assert await _jobs(server) == 0


async def test_the_longest_key_is_taken(member: Member) -> None:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    assert (await member.client.post(TTS, data=form, headers={"Idempotency-Key": "~" * 255})).status_code == 202


async def test_a_request_in_flight_holds_its_key_until_its_lease_ends(member: Member, server: Server) -> None:
    """The first process dies between taking the key and accepting the job."""
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    mark = await service.fingerprint_of(TTS, FormData(form))
    async with server.services.database.transaction() as session:
        lost = await store.acquire(
            session, member.account_id, "order-1", mark, now() + timedelta(minutes=1), timedelta(days=1)
        )
    answer = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_flight")
    assert int(answer.headers["retry-after"]) > 0
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE idempotency_keys SET lease_until = now() - interval '1 second'"))
    assert (await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})).status_code == 202
    # the first process was only slow: it must not be accepted as well
    assert lost is not None
    async with server.services.database.transaction() as session:
        kept = await store.store_answer(session, member.account_id, "order-1", lost, status=202, body={}, headers={})
    assert kept is False


async def test_an_outlived_key_is_new_again_and_swept(member: Member, server: Server) -> None:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'"))
    again = await member.client.post(TTS, data=form, headers={"Idempotency-Key": "order-1"})
    assert again.status_code == 202 and "idempotent-replayed" not in again.headers
    assert await _jobs(server) == 2
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'"))
        await service.delete_expired(session)
    assert await _keys(server) == 0


async def test_files_count_by_their_bytes(server: Server) -> None:
    async def mark(data: bytes, name: str) -> bytes:
        return await service.fingerprint_of(TTS, FormData([("audio_ref", UploadFile(io.BytesIO(data), filename=name))]))

    assert await mark(b"one", "a.wav") == await mark(b"one", "b.wav")
    assert await mark(b"one", "a.wav") != await mark(b"two", "a.wav")
    assert await mark(b"one", "a.wav") != await service.fingerprint_of(TTS, FormData({"audio_ref": "one"}))
