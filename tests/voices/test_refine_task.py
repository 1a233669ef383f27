"""A saved voice is bettered round by round behind other work, changes once, and only for the better."""

from __future__ import annotations

import uuid
from typing import cast

from tests.support.server import Member, Server
from tests.support.voices import VOICES, rows, saved, shown
from tests.support.work import BETTER_PITCH, ROUNDS, Listener, work
from tests.voices.test_enrolment import replace_clip, speak
from voicechanger.domains.runtime import Runtime
from voicechanger.domains.voices import refine_task
from voicechanger.domains.voices.tasks import voice_for_saved
from voicechanger.tts.engine import Engine
from voicechanger.tts.voice import Voice

BETTER = [0.5, 0.8]


async def voiceprint(server: Server) -> bytes | None:
    return (await rows(server, "SELECT refined_voiceprint FROM custom_voices"))[0][0]


async def test_a_better_voice_is_kept(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    assert ear.rounds == list(range(1, ROUNDS + 1))
    told = (await shown(member, voice_id))["refinement"]
    assert told == {"status": "better", "rounds": ROUNDS, "likeness_before": 0.5, "likeness_after": 0.8}
    kept = await voiceprint(server)
    assert kept is not None and Voice.from_bytes(kept).pitch_median == BETTER_PITCH


async def test_a_voice_that_does_not_become_better_stays_as_it_was(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = [0.5, 0.4]
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["status"] == "no_better"
    assert await voiceprint(server) is None


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
    await rows(server, 'UPDATE custom_voices SET refinement = \'{"status": "waiting"}\' RETURNING 1')
    await enqueue_again(server)
    order = "SELECT task_name, args->>'job_id' FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id"
    assert await rows(server, order) == [("speech.run", job_id), ("voices.refine", None)]


async def test_a_replaced_clip_ends_the_rounds_of_the_old_one(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    ear.likenesses = BETTER
    await work(server, ear)
    changed = await replace_clip(member, voice_id)
    assert changed["refinement"] is None and await voiceprint(server) is None
    await work(server, ear)
    assert (await shown(member, voice_id))["refinement"]["rounds"] == ROUNDS


async def test_a_deleted_voice_is_not_refined(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    await work(server, ear)
    await rows(server, 'UPDATE custom_voices SET refinement = \'{"status": "waiting"}\' RETURNING 1')
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
    undone = (
        "UPDATE custom_voices SET refined_voiceprint = NULL, refinement ="
        " jsonb_set(jsonb_set(jsonb_set(refinement, '{status}', '\"waiting\"'), '{state,rounds}', '1'),"
        " '{state,done}', 'false') RETURNING 1"
    )
    await rows(server, undone)
    ear.rounds.clear()
    await enqueue_again(server)
    await work(server, ear)
    assert ear.rounds == [2]
    assert (await shown(member, voice_id))["refinement"]["status"] == "better"


async def test_a_recording_that_is_gone_ends_the_rounds(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    await work(server, ear)
    await rows(server, 'UPDATE custom_voices SET refinement = \'{"status": "waiting"}\' RETURNING 1')
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
    older = '{"status": "waiting", "state": {"encoder_version": "1", "rounds": 1, "colour": []}}'
    await rows(server, f"UPDATE custom_voices SET refinement = '{older}' RETURNING 1")
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
    speaking = [await voice_for_saved(runtime(server, new), *await ids(server)) for _ in range(2)]
    assert [voice.encoder_version for voice in speaking] == ["1", "1"]
    assert speaking[0].pitch_median == BETTER_PITCH
    assert (await shown(member, voice_id))["refinement"]["status"] == "waiting"
    await work(server, new)
    assert new.rounds == [1, 2]
    assert (await voice_for_saved(runtime(server, new), *await ids(server))).encoder_version == "2"
    await work(server, new)
    assert new.rounds == [1, 2]


async def test_an_older_refinement_goes_when_the_new_encoder_finds_no_better(member: Member, server: Server) -> None:
    voice_id, old, new = await saved(member, generate_preview="false"), Listener("1"), Listener("2")
    old.likenesses = BETTER
    await work(server, old)
    await voice_for_saved(runtime(server, new), *await ids(server))
    await work(server, new)
    assert (await shown(member, voice_id))["refinement"]["status"] == "no_better"
    voice = await voice_for_saved(runtime(server, new), *await ids(server))
    assert (voice.encoder_version, voice.pitch_median) == ("2", 0.0)
    await work(server, new)
    assert new.rounds == [1, 2]


def runtime(server: Server, engine: Listener) -> Runtime:
    return Runtime(server.services, cast(Engine, engine))


async def ids(server: Server) -> tuple[uuid.UUID, uuid.UUID]:
    """Account and id of the only voice."""
    account_id, voice_id = (await rows(server, "SELECT account_id, id FROM custom_voices"))[0]
    return account_id, voice_id


async def enqueue_again(server: Server) -> None:
    """What the sweeper does for a voice whose entry was lost long ago."""
    await rows(server, "UPDATE custom_voices SET updated_at = now() - interval '10 minutes' RETURNING 1")
    async with server.services.database.transaction() as session:
        await refine_task.enqueue_lost(server.services)(session)


async def test_no_rounds_where_the_server_does_not_refine(member: Member, server: Server) -> None:
    voice_id, ear = await saved(member, generate_preview="false"), Listener()
    settings = server.services.settings
    object.__setattr__(server.services, "settings", settings.model_copy(update={"refine_voices": False}))
    await work(server, ear)
    assert ear.rounds == []
    assert (await shown(member, voice_id))["refinement"] is None
