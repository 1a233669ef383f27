"""One job from claim to result, with the real model; and everything that can go wrong on the way."""

from __future__ import annotations

import asyncio
import errno
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import CREDITS, Member, Server
from tests.support.work import hurry, work
from voicechanger.domains.jobs import store, synthesis
from voicechanger.infra.queue.names import SPEECH_QUEUE
from voicechanger.infra.storage.objects import Storage
from voicechanger.tts.engine import Plan, SpeedTarget
from voicechanger.tts.errors import SynthesisError
from voicechanger.tts.kokoro.engine import KokoroEngine

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "reference.wav"
TTS = "/v1/voice-cloning/tts"


async def accepted(member: Member, text: str = "Hello there.", **fields: str) -> str:
    answer = await member.client.post(
        TTS, data={"text": text, "language": "en-us", **fields}, files={"audio_ref": ("a.wav", EXAMPLE.read_bytes())}
    )
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


async def shown(member: Member, job_id: str) -> dict[str, Any]:
    return (await member.client.get(f"/v1/jobs/{job_id}")).json()


async def run(server: Server, engine: Any) -> None:
    await work(server, engine, (SPEECH_QUEUE,))


def objects(server: Server, folder: str) -> list[Path]:
    root = server.services.storage.local_root
    assert root is not None
    return [path for path in (root / folder).rglob("*") if path.is_file()]


async def test_a_job_is_spoken_settled_and_linked(member: Member, server: Server, engine: KokoroEngine) -> None:
    job_id = await accepted(member)
    await run(server, engine)
    job = await shown(member, job_id)
    assert (job["status"], job["progress"], job["credits_charged"]) == ("completed", 1.0, 12)
    assert job["detected_languages"] == ["en-us"] and job["attempt"] == 1
    assert await member.balance() == (CREDITS - 12, 0)
    result = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()
    again = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()
    assert result["mime_type"] == "audio/wav" and again["expires_at"] >= result["expires_at"]
    sound = await member.client.get(result["download_url"])
    assert sound.content[:4] == b"RIFF" and len(sound.content) == result["size_bytes"]
    part = await member.client.get(result["download_url"], headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part.content == sound.content[:100]


async def test_an_unreachable_duration_is_refused_with_the_range(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    job_id = await accepted(member, "Hello there, how are you doing on this fine day?", duration="0.1")
    await run(server, engine)
    job = await shown(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "duration_out_of_reach")
    problem = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()
    assert problem["status"] == 422 and problem["shortest_seconds"] > 0.1
    assert await member.balance() == (CREDITS, 0)


async def test_letters_that_no_language_speaks_fail_the_job_and_cost_nothing(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    job_id = await accepted(member, "مرحبا بالعالم")
    await run(server, engine)
    job = await shown(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "unsupported_script")
    assert await member.balance() == (CREDITS, 0)


class Wrapped:
    """The real engine with one thing going wrong, or happening, as it speaks."""

    def __init__(self, engine: KokoroEngine, on_chunk: Any) -> None:
        self._engine, self._on_chunk = engine, on_chunk
        self.spoken: list[int] = []
        self.gains: list[float | None] = []
        self.began: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def speak(self, plan: Plan, *where: Any) -> Any:
        self.began = where
        for chunk in self._engine.speak(plan, *where):
            self.spoken.append(chunk.utterance)
            self.gains.append(chunk.gain)
            self._on_chunk(chunk)
            yield chunk


async def test_a_failed_sentence_fails_the_whole_job(member: Member, server: Server, engine: KokoroEngine) -> None:
    def broken(chunk: Any) -> None:
        if chunk.utterance == 1:
            raise SynthesisError("speech_not_finite", "Sentence 2 could not be spoken.", 1)

    job_id = await accepted(member, "One is fine. Two is not. Three is fine.")
    await run(server, Wrapped(engine, broken))
    job = await shown(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "speech_not_finite")
    assert objects(server, "results") == []
    assert await member.balance() == (CREDITS, 0)


async def test_a_canceled_jobs_worker_stops_and_settles_nothing(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    job_id = await accepted(member, "One is here. Two is here. Three is here. Four is here. Five is here. Six is here.")
    loop = asyncio.get_running_loop()

    def cancel(chunk: Any) -> None:
        if chunk.utterance == 0:
            answer = asyncio.run_coroutine_threadsafe(member.client.post(f"/v1/jobs/{job_id}/cancel"), loop).result(30)
            assert answer.json()["status"] == "canceled"

    await run(server, Wrapped(engine, cancel))
    assert (await shown(member, job_id))["status"] == "canceled"
    assert objects(server, "results") == []
    assert await member.balance() == (CREDITS, 0)


async def test_a_worker_taken_for_dead_can_neither_finish_nor_settle(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    job_id = await accepted(member)
    taken_over: list[uuid.UUID] = []
    loop = asyncio.get_running_loop()

    async def take_over() -> None:
        async with server.services.database.transaction() as session:
            job = await store.claim(session, uuid.UUID(job_id))
            assert job is not None and job.lease_token is not None
            taken_over.append(job.lease_token)

    def lose(chunk: Any) -> None:
        if not taken_over:
            asyncio.run_coroutine_threadsafe(take_over(), loop).result(30)

    await run(server, Wrapped(engine, lose))
    job = await shown(member, job_id)
    assert (job["status"], job["attempt"]) == ("processing", 2)  # the second worker's, untouched
    assert objects(server, "results") == []
    assert await member.balance() == (CREDITS - 12, 12)


async def test_a_full_disk_is_tried_again_and_then_told(
    member: Member, server: Server, engine: KokoroEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await accepted(member)

    def full(chunk: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for _ in range(server.services.settings.job_max_attempts):
        await run(server, Wrapped(engine, full))
        await hurry(server)
    job = await shown(member, job_id)
    assert (job["status"], job["error"]["code"], job["attempt"]) == ("failed", "disk_full", 3)
    assert await member.balance() == (CREDITS, 0)


async def test_a_storage_that_is_away_for_a_while_costs_only_time(
    member: Member, server: Server, engine: KokoroEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await accepted(member)
    put_file = Storage.put_file
    calls = 0

    async def away_once(self: Storage, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            from voicechanger.kit.errors import Unavailable

            raise Unavailable("The file could not be stored.", code="storage_unavailable")
        await put_file(self, *arguments)

    monkeypatch.setattr(Storage, "put_file", away_once)
    await run(server, engine)
    assert (await shown(member, job_id))["status"] == "queued"
    await hurry(server)
    await run(server, engine)
    assert (await shown(member, job_id))["status"] == "completed"
    assert await member.balance() == (CREDITS - 12, 0)


async def test_a_long_text_goes_on_after_its_last_finished_sentence(
    member: Member, server: Server, engine: KokoroEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "_RESUMABLE_CHARACTERS", 10)
    job_id = await accepted(member, "One is here. Two is here. Three is here. Four is here.")

    def dies(chunk: Any) -> None:
        if chunk.utterance == 2:
            raise OSError(errno.EIO, "the machine went down")

    first = Wrapped(engine, dies)
    await run(server, first)
    assert len(objects(server, "parts")) == 2
    await hurry(server)
    # a dictionary that was changed meanwhile is for later jobs: with another plan nothing could go on
    word = {"word": "three", "phonemes": "tɹˈi"}
    assert (await member.client.put("/v1/account/pronunciations", json=word)).status_code == 200
    second = Wrapped(engine, lambda chunk: None)
    await run(server, second)
    assert second.spoken == [2, 3] and second.began == (2, first.gains[1])
    assert second.gains[0] == first.gains[2]
    job = await shown(member, job_id)
    assert job["status"] == "completed" and objects(server, "parts") == []
    times = (await member.client.get(f"/v1/jobs/{job_id}/timestamps")).json()
    assert [word["text"] for word in times["words"]].count("here") == 4
    assert [word["start"] for word in times["words"]] == sorted(word["start"] for word in times["words"])


async def test_deleting_a_job_removes_text_reference_and_result(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    job_id = await accepted(member)
    await run(server, engine)
    link = (await member.client.get(f"/v1/jobs/{job_id}/result")).json()["download_url"]
    assert (await member.client.delete(f"/v1/jobs/{job_id}")).status_code == 204
    assert (await member.client.get(f"/v1/jobs/{job_id}")).status_code == 404
    assert (await member.client.get(link)).status_code == 404
    assert objects(server, "results") == [] and objects(server, "clips") == []


def test_the_same_text_and_voice_give_the_same_plan(engine: KokoroEngine) -> None:
    """What resuming relies on."""
    from voicechanger.tts.text.script_writer import write_script

    script = write_script("One is here. Two is here.", "en-us")
    voice = engine.neutral_voice()
    first, second = (engine.plan(script, voice, SpeedTarget()) for _ in range(2))
    assert first.samples == second.samples
    assert all((a == b).all() for a, b in zip(first.frames, second.frames, strict=True))
