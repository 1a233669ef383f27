"""Custom voices over HTTP: saved, listed, changed and deleted, on the real application, database and clip check."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from tests.support.server import Member, Server, settings_for
from tests.support.voices import CONSENT, REFERENCE, VOICES, create, files_of, rows
from voicechanger.domains.voices.previews import PREVIEW_SCRIPT
from voicechanger.settings import Settings


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """Few voices, so that the limit can be reached."""
    return settings_for(fresh_database_url, tmp_path, max_voices=3)


async def test_a_voice_is_saved_with_its_figures_and_consent(member: Member, server: Server) -> None:
    answer = await create(member)
    assert answer.status_code == 201, answer.text
    voice = answer.json()
    assert answer.headers["location"] == f"{VOICES}/{voice['id']}"
    assert (voice["name"], voice["status"], voice["failure"]) == ("Ada", "processing", None)
    assert voice["image_url"] is None and voice["preview_audio_url"] is None
    assert voice["consent"]["statement"] == CONSENT and voice["consent"]["by"] == "api_key"
    assert voice["consent"]["key_id"] is not None
    assert 3 <= voice["clip"]["seconds"] <= 60 and 0 < voice["clip"]["speech_share"] <= 1
    shown = await member.client.get(f"{VOICES}/{voice['id']}")
    assert shown.json() == voice
    tasks = await rows(server, "SELECT task_name, queue_name, args->>'voice_id' FROM procrastinate_jobs")
    assert tasks == [("voices.enrol", "speech", voice["id"])]


async def test_the_list_has_pages_a_search_and_the_script(member: Member) -> None:
    for name in ("Ada", "100% Bob_", "Éva"):
        assert (await create(member, name)).status_code == 201
    first = (await member.client.get(VOICES, params={"limit": 2})).json()
    assert [item["name"] for item in first["items"]] == ["Éva", "100% Bob_"]
    assert first["preview_script_text"] == PREVIEW_SCRIPT
    rest = (await member.client.get(VOICES, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert ([item["name"] for item in rest["items"]], rest["next_cursor"]) == (["Ada"], None)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ad", ["Ada"]),
        ("ADA", ["Ada"]),
        ("%", ["100% Bob_"]),
        ("_", ["100% Bob_"]),
        ("/", []),
        ("éV", ["Éva"]),
        ("x", []),
    ],
)
async def test_a_search_takes_wildcards_for_letters(member: Member, q: str, found: list[str]) -> None:
    for name in ("Ada", "100% Bob_", "Éva"):
        await member.save_voice(name)
    items = (await member.client.get(VOICES, params={"q": q})).json()["items"]
    assert [item["name"] for item in items] == found


async def test_another_accounts_voice_is_not_found(member: Member, other: Member) -> None:
    theirs = await other.save_voice()
    for voice in (theirs, uuid.uuid4()):
        path = f"{VOICES}/{voice}"
        for answer in (
            await member.client.get(path),
            await member.client.patch(path, data={"name": "Mine"}),
            await member.client.delete(path),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "voice_not_found")
    assert (await member.client.get(VOICES)).json()["items"] == []


REFUSED: list[tuple[dict[str, str | None], str, str]] = [
    ({"name": None}, "name", "name_missing"),
    ({"name": "  "}, "name", "name_missing"),
    ({"name": "x" * 101}, "name", "name_too_long"),
    ({"name": "a\x00b"}, "name", "name_control_characters"),
    ({"name": "a\nb"}, "name", "name_control_characters"),
    ({"generate_preview": "maybe"}, "generate_preview", "invalid_generate_preview"),
    ({"consent": None}, "consent", "consent_required"),
    ({"consent": " "}, "consent", "consent_required"),
    ({"consent": "false"}, "consent", "consent_required"),
    ({"consent": "x" * 2001}, "consent", "consent_too_long"),
    ({"consent": "yes\x00"}, "consent", "consent_unreadable"),
    ({"colour": "red"}, "colour", "unknown_field"),
]


@pytest.mark.parametrize(("change", "field", "code"), REFUSED)
async def test_fields_that_are_refused(
    member: Member, server: Server, change: dict[str, str | None], field: str, code: str
) -> None:
    answer = await create(member, **{"name": "Ada", **change})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [item["field"] for item in answer.json()["errors"]] == [field]
    assert await rows(server, "SELECT id FROM custom_voices") == []


async def test_a_missing_recording(member: Member) -> None:
    answer = await member.client.post(VOICES, data={"name": "Ada", "consent": "true"}, files={"image": ("a.png", b"x")})
    assert answer.json()["code"] == "ref_audio_missing"


@pytest.mark.parametrize(("clip", "code"), [(b"not audio at all", "clip_not_audio"), (REFERENCE[:30_000], None)])
async def test_a_refused_recording_leaves_nothing(
    member: Member, server: Server, clip: bytes, code: str | None
) -> None:
    answer = await create(member, clip=clip)
    problem = answer.json()
    assert answer.status_code == 422 and problem["code"].startswith("clip_")
    assert code in (None, problem["code"])
    assert problem["errors"][0]["field"] == "ref_audio"
    assert await rows(server, "SELECT id FROM custom_voices") == []
    assert files_of(server) == []


async def test_without_the_demand_consent_may_be_left_out(fresh_database_url: str, tmp_path: Path) -> None:
    from voicechanger.api.app import create_app
    from voicechanger.infra.container import open_services

    settings = settings_for(fresh_database_url, tmp_path, consent_required=False)
    async with open_services(settings) as services:
        app = create_app(settings)
        app.state.services = services
        made = await Server(app, services).new_member("Ada")
        async with made.client:
            answer = await create(made, consent=None)
    assert (answer.status_code, answer.json()["consent"]) == (201, None)


async def test_a_name_is_taken_once(member: Member, other: Member) -> None:
    first = (await create(member, "Ada")).json()["id"]
    answer = await create(member, " ADA ")
    assert (answer.status_code, answer.json()["code"]) == (409, "voice_name_taken")
    assert (await create(other, "Ada")).status_code == 201
    second = (await create(member, "Bob")).json()["id"]
    answer = await member.client.patch(f"{VOICES}/{second}", data={"name": "ada"})
    assert (answer.status_code, answer.json()["code"]) == (409, "voice_name_taken")
    answer = await member.client.patch(f"{VOICES}/{first}", data={"name": "ADA"})
    assert (answer.status_code, answer.json()["name"]) == (200, "ADA")


async def test_many_at_once_do_not_exceed_the_limit(member: Member, server: Server) -> None:
    await member.save_voice("Ada")
    await member.save_voice("Bob")
    answers = await asyncio.gather(*(create(member, f"New {number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"too_many_voices"}
    assert len(await rows(server, "SELECT id FROM custom_voices")) == 3
    assert len([path for path in files_of(server) if path.suffix == ".flac"]) == 3


async def test_a_key_without_the_scope(member: Member, server: Server) -> None:
    from voicechanger.domains.accounts import service as accounts

    async with server.services.database.transaction() as session:
        _, key = await accounts.create_key(session, member.account_id, "narrow", scopes=["speech"])
    async with server.client(**{"X-API-Key": key}) as client:
        answer = await client.get(VOICES)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_nothing_to_change(member: Member) -> None:
    voice = await member.save_voice()
    for form in ({}, {"consent": "true"}):
        answer = await member.client.patch(f"{VOICES}/{voice}", data=form, files={"x": b""} if not form else None)
        assert answer.status_code == 422
    answer = await member.client.patch(f"{VOICES}/{voice}", data={"consent": "true"})
    assert answer.json()["code"] == "nothing_to_change"


async def test_a_repeated_create_makes_one_voice(member: Member) -> None:
    member.client.headers["Idempotency-Key"] = "voice-1"
    first, second = await create(member), await create(member)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["idempotent-replayed"] == "true"
    other = await create(member, "Another")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_several_recordings_make_one_voice(member: Member) -> None:
    form = {"name": "Ada", "consent": CONSENT}
    twice = [("ref_audio", ("a.wav", REFERENCE)), ("ref_audio", ("b.wav", REFERENCE))]
    once = (await create(member, "Grace")).json()["clip"]["seconds"]
    answer = await member.client.post(VOICES, data=form, files=twice)
    assert answer.status_code == 201, answer.text
    assert answer.json()["clip"]["seconds"] == pytest.approx(2 * once, abs=0.01)
    changed = await member.client.patch(f"{VOICES}/{answer.json()['id']}", files=twice)
    assert changed.status_code == 200


async def test_more_recordings_than_are_taken_are_refused(member: Member) -> None:
    form = {"name": "Ada", "consent": CONSENT}
    six = [("ref_audio", (f"{i}.wav", REFERENCE)) for i in range(6)]
    answer = await member.client.post(VOICES, data=form, files=six)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_files")
    bad = [("ref_audio", ("a.wav", REFERENCE)), ("ref_audio", ("b.wav", b"no audio"))]
    refused = (await member.client.post(VOICES, data=form, files=bad)).json()
    assert refused["errors"][0]["field"] == "ref_audio" and "Recording 2 of 2" in refused["detail"]


async def test_other_fields_are_still_given_once(member: Member) -> None:
    files = [("ref_audio", ("a.wav", REFERENCE)), ("image", ("a.png", b"x")), ("image", ("b.png", b"x"))]
    answer = await member.client.post(VOICES, data={"name": "Ada", "consent": CONSENT}, files=files)
    assert answer.json()["code"] == "repeated_field"
