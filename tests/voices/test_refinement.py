"""A saved voice is refined round by round behind other work, changes once, and only for the better."""

from __future__ import annotations

from typing import cast

from sqlalchemy import text

from tests.support.server import Member, Server
from tests.support.voices import VOICES, rows, saved, shown
from tests.support.work import BETTER_PITCH, ROUNDS, Listener, work
from tests.voices.test_enrolment import replace_clip, speak
from voicechanger.domains.jobs import synthesis
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.voices import refine_tasks
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.engine import Engine
from voicechanger.tts.voice import Voice
from voicechanger.worker.runtime import runtime_for

BETTER = [0.5, 0.8]


WAITING = "UPDATE voice_refinements SET status = 'waiting', state = NULL RETURNING 1"


async def refined_profile(server: Server) -> bytes | None:
    found = await rows(server, "SELECT data FROM voice_profiles WHERE refined")
    return found[0][0] if found else None


async def test_a_better_voice_is_kept(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    assert ear.rounds == list(range(1, ROUNDS + 1))
    told = (await shown(member, voice_id))["refinement"]
    assert told == {"status": "better", "rounds": ROUNDS, "likeness_before": 0.5, "likeness_after": 0.8}
    kept = await refined_profile(server)
    assert kept is not None and Voice.from_bytes(kept).pitch_median == BETTER_PITCH


async def test_a_voice_that_does_not_become_better_stays_as_it_was(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = [0.5, 0.4]
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["status"] == "no_better"
    assert await refined_profile(server) is None


async def test_a_better_voice_gets_a_new_preview_and_the_old_one_goes(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    previews = await rows(server, "SELECT id FROM jobs WHERE kind = 'preview' ORDER BY created_at")
    assert len(previews) == 2
    assert (await shown(member, voice_id))["preview_job_id"] == str(previews[1][0])


async def test_jobs_come_before_rounds(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    await work(server, ear)
    job_id = await speak(member, voice_id)
    await rows(server, WAITING)
    await enqueue_again(server)
    order = "SELECT task_name, args->>'job_id' FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id"
    assert await rows(server, order) == [("speech.run", job_id), ("voices.refine", None)]


async def test_a_replaced_clip_ends_the_rounds_of_the_old_one(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    changed = await replace_clip(member, voice_id)
    assert changed["refinement"] is None and await refined_profile(server) is None
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["rounds"] == ROUNDS


async def test_a_deleted_voice_is_not_refined(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    await work(server, ear)
    await rows(server, WAITING)
    await enqueue_again(server)
    assert len(await rows(server, "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'voices.refine'")) == 1
    assert (await member.client.delete(f"{VOICES}/{voice_id}")).status_code == 204
    ear.rounds.clear()
    await work(server, ear)
    assert ear.rounds == []


async def test_a_lost_round_is_taken_up_where_it_was(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    await rows(server, "DELETE FROM voice_profiles WHERE refined RETURNING 1")
    await keep_state(server, Refinement("1", rounds=1, likeness_before=0.5, likeness_after=0.5).to_bytes())
    ear.rounds.clear()
    await enqueue_again(server)
    await work(server, ear)
    assert ear.rounds == [2]
    assert (await shown(member, voice_id))["refinement"]["status"] == "better"


async def test_a_recording_that_is_gone_ends_the_rounds(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    await work(server, ear)
    await rows(server, WAITING)
    await server.services.storage.delete((await rows(server, "SELECT clip_key FROM custom_voices"))[0][0])
    await enqueue_again(server)
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["status"] == "failed"


async def test_a_round_that_breaks_ends_the_rounds(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = []  # the next one asked for is an IndexError
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["status"] == "failed"
    assert await rows(server, "SELECT status FROM procrastinate_jobs WHERE task_name = 'voices.refine'") == [
        ("failed",)
    ]


async def test_rounds_of_another_version_begin_anew(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    await keep_state(server, b'{"encoder_version": "1", "rounds": 1, "colour": []}')
    ear.rounds.clear()
    await enqueue_again(server)
    await work(server, ear)
    assert ear.rounds == [1, 2]
    assert (await shown(member, voice_id))["refinement"]["status"] == "better"


async def test_a_voice_that_an_older_encoder_refined_is_refined_anew_and_speaks_as_before_till_then(
    member: Member, server: Server
) -> None:
    voice_id, old, new = await saved(member, generate_preview="false"), Listener("1"), Listener("2")
    old.likenesses = new.likenesses = BETTER
    await work(server, old)
    speaking = [await speaking_voice(server, new) for _ in range(2)]
    assert [voice.encoder_version for voice in speaking] == ["1", "1"]
    assert speaking[0].pitch_median == BETTER_PITCH
    assert (await shown(member, voice_id))["refinement"]["status"] == "waiting"
    await work(server, new)
    assert new.rounds == [1, 2]
    assert (await speaking_voice(server, new)).encoder_version == "2"
    await work(server, new)
    assert new.rounds == [1, 2]


async def test_an_older_refinement_goes_when_the_new_encoder_finds_no_better(member: Member, server: Server) -> None:
    voice_id, old, new = await saved(member, generate_preview="false"), Listener("1"), Listener("2")
    old.likenesses = BETTER
    await work(server, old)
    await speaking_voice(server, new)
    await work(server, new)
    assert (await shown(member, voice_id))["refinement"]["status"] == "no_better"
    voice = await speaking_voice(server, new)
    assert (voice.encoder_version, voice.pitch_median) == ("2", 0.0)
    await work(server, new)
    assert new.rounds == [1, 2]


async def keep_state(server: Server, state: bytes) -> None:
    """Make the voice wait for the round after this state."""
    update = text("UPDATE voice_refinements SET status = 'waiting', state = :state")
    async with server.services.database.transaction() as session:
        await session.execute(update, {"state": state})


async def speaking_voice(server: Server, engine: Listener) -> Voice:
    """The voice that a job of the only saved voice speaks with."""
    query = "SELECT account_id, id, clip_key, clip_sha256 FROM custom_voices"
    account_id, voice_id, key, sha256 = (await rows(server, query))[0]
    job = Job(account_id=account_id, custom_voice_id=voice_id, clip_key=key, clip_sha256=sha256)
    return await synthesis._voice(runtime_for(server.services, cast(Engine, engine)), job)


async def enqueue_again(server: Server) -> None:
    """What the sweeper does for a voice whose entry was lost long ago."""
    await rows(server, "UPDATE custom_voices SET updated_at = now() - interval '10 minutes' RETURNING 1")
    async with server.services.database.transaction() as session:
        await refine_tasks.enqueue_lost(server.services)(session)


async def test_no_rounds_where_the_server_does_not_refine(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    settings = server.services.settings
    object.__setattr__(server.services, "settings", settings.model_copy(update={"refine_voices": False}))
    await work(server, ear)
    assert ear.rounds == []
    assert (await shown(member, voice_id))["refinement"] is None
