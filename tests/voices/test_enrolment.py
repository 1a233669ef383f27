"""How a voice is learned, changed and deleted while work is under way; the encoder here hears but cannot speak."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import CREDITS, Member, Server
from tests.support.voices import EXAMPLES, REFERENCE, VOICES, files_of, rows, saved, shown
from tests.support.work import Listener, hurry, work
from voicechanger.domains.voices import tasks
from voicechanger.domains.voices.previews import keep_preview

TTS = "/v1/voice-cloning/tts"
OTHER = next(path for path in sorted((EXAMPLES / "speakers").rglob("*")) if path.suffix in (".wav", ".flac"))
TEXT = "Hello there."


async def speak(member: Member, voice_id: str) -> str:
    answer = await member.client.post(TTS, data={"text": TEXT, "custom_voice_id": voice_id})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


async def job_of(member: Member, job_id: str) -> dict[str, Any]:
    return dict((await member.client.get(f"/v1/jobs/{job_id}")).json())


async def replace_clip(member: Member, voice_id: str, clip: Path = OTHER) -> dict[str, Any]:
    answer = await member.client.patch(f"{VOICES}/{voice_id}", files={"ref_audio": ("new.wav", clip.read_bytes())})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_voice_becomes_ready_and_its_preview_is_accepted(member: Member, server: Server) -> None:
    hook = {"url": "https://example.com/hook", "events": ["voice.ready", "voice.failed"]}
    assert (await member.client.post("/v1/webhooks", json=hook)).status_code == 201
    voice_id, ear = await saved(member), Listener()
    await work(server, ear)
    voice = await shown(member, voice_id)
    assert (voice["status"], voice["failure"], ear.heard) == ("ready", None, 1)
    assert await rows(server, "SELECT event FROM webhook_deliveries") == [("voice.ready",)]
    preview = await job_of(member, voice["preview_job_id"])
    assert (preview["kind"], preview["custom_voice_id"], preview["credits_reserved"]) == ("preview", voice_id, 0)
    listed = (await member.client.get("/v1/jobs", params={"kind": "speech"})).json()["items"]
    assert listed == []
    # it was run as well, and ended, for the encoder cannot speak: one reservation, one ending
    kinds = await rows(server, "SELECT kind, amount FROM credit_entries WHERE job_id IS NOT NULL ORDER BY id")
    assert kinds == [("reserve", 0), ("release", 0)]
    assert await member.balance() == (CREDITS, 0)


async def test_no_preview_when_none_is_wanted(member: Member, server: Server) -> None:
    voice_id = await saved(member, generate_preview="false")
    await work(server, Listener())
    voice = await shown(member, voice_id)
    assert (voice["status"], voice["preview_job_id"]) == ("ready", None)
    assert await rows(server, "SELECT id FROM jobs") == []
    assert (await replace_clip(member, voice_id))["preview_job_id"] is None


async def test_a_preview_needs_no_credits(server: Server) -> None:
    poor = await server.new_member("Poor", grant=-5)
    voice_id = await saved(poor)
    await work(server, Listener())
    assert (await shown(poor, voice_id))["status"] == "ready"


async def test_a_refused_clip_fails_the_voice_plainly_and_a_new_one_mends_it(member: Member, server: Server) -> None:
    voice_id = await saved(member)
    await work(server, Listener(refuses=True))
    voice = await shown(member, voice_id)
    assert voice["status"] == "failed"
    assert voice["failure"] == {"code": "clip_no_speech", "message": "The recording holds no speech."}
    answer = await member.client.post(TTS, data={"text": TEXT, "custom_voice_id": voice_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "voice_failed")
    changed = await replace_clip(member, voice_id)
    assert (changed["status"], changed["failure"]) == ("processing", None)
    await work(server, Listener())
    assert (await shown(member, voice_id))["status"] == "ready"


async def test_an_unexpected_error_ends_in_a_failed_voice(member: Member, server: Server) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    voice_id = await saved(member)
    await work(server, Listener(before=broken))
    assert (await shown(member, voice_id))["failure"]["code"] == "enrolment_failed"


async def test_the_profile_is_made_once_and_anew_for_another_encoder(member: Member, server: Server) -> None:
    voice_id = await saved(member, generate_preview="false")
    first, second = Listener("1"), Listener("2")
    await work(server, first)
    for _ in range(2):
        await speak(member, voice_id)
    await work(server, first)
    assert first.heard == 1
    await speak(member, voice_id)
    await work(server, second)
    assert second.heard == 1
    assert await rows(server, "SELECT encoder_version FROM voice_profiles") == [("2",)]


async def test_a_lost_enrolment_is_taken_up_again(member: Member, server: Server) -> None:
    voice_id = await saved(member)
    await rows(server, "DELETE FROM procrastinate_jobs RETURNING 1")
    await rows(server, "UPDATE custom_voices SET updated_at = now() - interval '2 minutes' RETURNING 1")
    for _ in range(2):  # the second finds the entry of the first
        async with server.services.database.transaction() as session:
            await tasks.enqueue_orphans(server.services)(session)
    assert await rows(server, "SELECT count(*) FROM procrastinate_jobs") == [(1,)]
    await work(server, Listener())
    assert (await shown(member, voice_id))["status"] == "ready"


async def test_a_deleted_voice_leaves_nothing_behind(member: Member, server: Server) -> None:
    voice_id = await saved(member, generate_preview="false")
    await work(server, Listener())
    assert (await member.client.delete(f"{VOICES}/{voice_id}")).status_code == 204
    assert (await member.client.get(f"{VOICES}/{voice_id}")).status_code == 404
    assert files_of(server) == []
    for table in ("custom_voices", "voice_profiles"):
        assert await rows(server, f"SELECT 1 FROM {table}") == []
    await hurry(server)
    await work(server, queues=("light",))
    assert await rows(server, "SELECT 1 FROM procrastinate_jobs") == []


async def test_a_queued_job_of_a_deleted_voice_fails_plainly(member: Member, server: Server) -> None:
    voice_id = await saved(member, generate_preview="false")
    ear = Listener()
    await work(server, ear)
    job_id = await speak(member, voice_id)
    await member.client.delete(f"{VOICES}/{voice_id}")
    await work(server, ear)
    job = await job_of(member, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "voice_deleted")
    assert await member.balance() == (CREDITS, 0)


async def test_it_fails_even_when_the_same_clip_is_saved_under_another_name(member: Member, server: Server) -> None:
    first = await saved(member, "First", generate_preview="false")
    await saved(member, "Second", generate_preview="false")
    await work(server, Listener())
    job_id = await speak(member, first)
    await member.client.delete(f"{VOICES}/{first}")
    # the other voice still needs the profile
    assert await rows(server, "SELECT count(*) FROM voice_profiles") == [(1,)]
    await work(server, Listener())
    assert (await job_of(member, job_id))["error"]["code"] == "voice_deleted"


async def test_a_voice_deleted_while_it_is_learned_keeps_no_profile(member: Member, server: Server) -> None:
    voice_id, loop = await saved(member), asyncio.get_running_loop()

    def delete() -> None:
        deleting = asyncio.run_coroutine_threadsafe(member.client.delete(f"{VOICES}/{voice_id}"), loop)
        assert deleting.result(30).status_code == 204

    await work(server, Listener(before=delete))
    for table in ("custom_voices", "voice_profiles", "jobs"):
        assert await rows(server, f"SELECT 1 FROM {table}") == []


async def test_an_open_job_keeps_the_clip_that_it_was_accepted_with(member: Member, server: Server) -> None:
    voice_id = await saved(member, generate_preview="false")
    await work(server, Listener())
    job_id = await speak(member, voice_id)
    assert (await replace_clip(member, voice_id))["status"] == "processing"
    clips = await rows(server, "SELECT jobs.clip_key, custom_voices.clip_key FROM jobs, custom_voices")
    assert clips[0][0] != clips[0][1]
    await hurry(server)
    await work(server, queues=("light",))
    assert len(files_of(server, "clips")) == 2
    # once the job has ended, the old clip and its profile go
    await work(server, Listener())
    assert (await job_of(member, job_id))["status"] == "failed"  # the encoder cannot speak
    await hurry(server)
    await work(server, queues=("light",))
    assert [path.name for path in files_of(server, "clips")] == [clips[0][1].rsplit("/", 1)[1]]
    assert await rows(server, "SELECT count(*) FROM voice_profiles") == [(1,)]


async def test_a_new_recording_without_a_statement_is_noted(member: Member) -> None:
    voice_id = await saved(member)
    assert (await replace_clip(member, voice_id))["consent"]["recording_replaced_at"] is not None
    answer = await member.client.patch(
        f"{VOICES}/{voice_id}", data={"consent": "Mine as well."}, files={"ref_audio": ("a.wav", REFERENCE)}
    )
    consent = answer.json()["consent"]
    assert (consent["statement"], consent["recording_replaced_at"]) == ("Mine as well.", None)


async def test_a_refused_new_recording_changes_nothing(member: Member, server: Server) -> None:
    voice_id = await saved(member)
    before, files = await shown(member, voice_id), files_of(server)
    answer = await member.client.patch(
        f"{VOICES}/{voice_id}", data={"name": "New"}, files={"ref_audio": ("a.wav", b"nothing to hear")}
    )
    assert answer.status_code == 422
    assert (await shown(member, voice_id), files_of(server)) == (before, files)


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_preview_is_kept_only_while_it_is_wanted(
    member: Member, server: Server, tmp_path: Path, wanted: bool
) -> None:

    voice_id = await saved(member)
    job_id = (await shown(member, voice_id))["preview_job_id"]
    if not wanted:
        await replace_clip(member, voice_id)
    (tmp_path / "preview.mp3").write_bytes(b"ID3 sound")

    kept = await keep_preview(server.services, uuid.UUID(job_id), uuid.UUID(voice_id), tmp_path / "preview.mp3")
    url = (await shown(member, voice_id))["preview_audio_url"]
    assert (kept, url is not None, len(files_of(server, "previews"))) == (wanted, wanted, int(wanted))
    if url:
        heard = await member.client.get(url)
        assert (heard.content, heard.headers["content-type"]) == (b"ID3 sound", "audio/mpeg")
        await member.client.delete(f"{VOICES}/{voice_id}")
        assert (await member.client.get(url)).status_code == 404
