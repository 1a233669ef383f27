"""Decoding an upload costs processor time: it is done for those who may use it, and no more at once than is useful."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.server import Member, Server
from voicechanger.domains.clips import upload

TTS = "/v1/voice-cloning/tts"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many decoders run, noted at each start; none of them ends by itself for a moment."""
    running: list[int] = []
    now = 0

    async def child(*arguments: Any) -> dict[str, Any]:
        nonlocal now
        now += 1
        running.append(now)
        await asyncio.sleep(0.2)
        now -= 1
        return {"ok": False, "code": "clip_silent", "message": "The recording is silent."}

    monkeypatch.setattr(upload, "_run_child", child)
    return running


async def sent(member: Member) -> Any:
    return await member.client.post(TTS, data={"text": "Hello."}, files={"audio_ref": ("a.wav", b"RIFF")})


async def test_nothing_is_decoded_for_an_account_without_credits(server: Server, decoded: list[int]) -> None:
    poor = await server.new_member("Poor", grant=0)
    answer = await sent(poor)
    assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_credits")
    assert decoded == []


async def test_as_many_decoders_as_processors(
    member: Member, decoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_DECODERS", asyncio.Semaphore(2))
    answers = await asyncio.gather(*(sent(member) for _ in range(6)))
    assert {answer.json()["code"] for answer in answers} == {"clip_silent"}
    assert len(decoded) == 6 and max(decoded) == 2


async def test_who_waits_too_long_is_told_when_to_come_back(
    member: Member, decoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_DECODERS", asyncio.Semaphore(1))
    monkeypatch.setattr(upload, "_QUEUE_SECONDS", 0.05)
    answers = await asyncio.gather(*(sent(member) for _ in range(3)))
    busy = [answer for answer in answers if answer.status_code == 503]
    assert [answer.json()["code"] for answer in busy] == ["decoders_busy"] * 2
    assert all("Retry-After" in answer.headers for answer in busy)
