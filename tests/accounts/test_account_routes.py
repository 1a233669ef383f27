"""The account and its keys over HTTP: nothing of another account, and no key that may do more than its maker."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.support.server import CREDITS, Member, Server
from voicechanger.domains.accounts import issuing
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts.keys import SCOPES
from voicechanger.kit.database import now

ACCOUNT = "/v1/account"
KEYS = "/v1/account/keys"


async def key_with(member: Member, **what: Any) -> str:
    """A key made behind the API."""
    async with member.server.services.database.transaction() as session:
        _, key = await accounts.create_key(session, member.account_id, "narrow", **what)
    return key


async def test_the_account_shows_balance_and_limits(member: Member, server: Server) -> None:
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}
    assert (await member.client.post("/v1/voice-cloning/tts", data=form)).status_code == 202
    shown = (await member.client.get(ACCOUNT)).json()
    assert (shown["name"], shown["id"]) == ("Ada", str(member.account_id))
    assert (shown["balance"], shown["reserved"]) == (CREDITS - 12, 12)
    settings = server.services.settings
    assert shown["limits"] == {name: getattr(settings, name) for name in shown["limits"]}
    assert shown["limits"]["max_voices"] == settings.max_voices
    assert shown["limits"]["max_pronunciations"] == settings.max_pronunciations


async def test_a_new_key_works_is_shown_once_and_dies_at_once(member: Member, server: Server) -> None:
    answer = await member.client.post(KEYS, json={"name": " laptop ", "scopes": ["account", "jobs"]})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], set(made["scopes"]), made["credit_cap"]) == ("laptop", {"account", "jobs"}, None)
    async with server.client(**{"X-API-Key": made["key"]}) as client:
        assert (await client.get(ACCOUNT)).status_code == 200
        assert (await client.get("/v1/custom-voices")).json()["code"] == "scope_missing"
        listed = (await member.client.get(KEYS)).json()["items"]
        assert made["key"] not in str(listed) and listed[0]["id"] == made["id"]
        assert listed[0]["last_used_at"] is not None
        assert (await member.client.delete(f"{KEYS}/{made['id']}")).status_code == 204
        assert (await client.get(ACCOUNT)).json()["code"] == "invalid_api_key"
    assert (await member.client.get(KEYS)).json()["items"][0]["revoked_at"] is not None


async def test_keys_come_in_pages(member: Member) -> None:
    for number in range(4):
        await member.client.post(KEYS, json={"name": f"key {number}"})
    names: list[str] = []
    cursor = None
    while True:
        page = (await member.client.get(KEYS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["key 3", "key 2", "key 1", "key 0", "test"]


async def test_another_accounts_key_is_not_found(member: Member, other: Member) -> None:
    theirs = (await other.client.post(KEYS, json={"name": "theirs"})).json()["id"]
    for key in (theirs, uuid.uuid4()):
        answer = await member.client.delete(f"{KEYS}/{key}")
        assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")
    assert theirs not in str((await member.client.get(KEYS)).json())


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "name", "field_missing"),
        ({"name": "  "}, "name", "field_invalid"),
        ({"name": "x" * 101}, "name", "field_invalid"),
        ({"name": "a\u0000b"}, "name", "field_invalid"),
        ({"name": "a", "scopes": []}, "scopes", "field_invalid"),
        ({"name": "a", "scopes": ["root"]}, "scopes.0", "field_invalid"),
        ({"name": "a", "credit_cap": -1}, "credit_cap", "field_invalid"),
        ({"name": "a", "credit_cap": 1 << 40}, "credit_cap", "field_invalid"),
        ({"name": "a", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "expiry_in_past"),
        ({"name": "a", "expires_at": "2101-01-01T00:00:00"}, "expires_at", "field_invalid"),
        ({"name": "a", "colour": "red"}, "colour", "unknown_field"),
    ],
)
async def test_what_is_refused(member: Member, body: dict[str, Any], field: str, code: str) -> None:
    answer = await member.client.post(KEYS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == field


async def test_a_key_gives_no_scope_that_it_lacks(member: Member, server: Server) -> None:
    narrow = await key_with(member, scopes=["account", "jobs"])
    async with server.client(**{"X-API-Key": narrow}) as client:
        answer = await client.post(KEYS, json={"name": "wider", "scopes": ["jobs", "speech"]})
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_too_wide")
        assert set((await client.post(KEYS, json={"name": "same"})).json()["scopes"]) == {"account", "jobs"}
    assert set((await member.client.post(KEYS, json={"name": "all"})).json()["scopes"]) == set(SCOPES)


async def test_a_key_without_the_scope_sees_nothing(member: Member, server: Server) -> None:
    narrow = await key_with(member, scopes=["speech"])
    async with server.client(**{"X-API-Key": narrow}) as client:
        for path in (ACCOUNT, KEYS, f"{ACCOUNT}/ledger", f"{ACCOUNT}/usage"):
            assert (await client.get(path)).json()["code"] == "scope_missing"


async def test_a_capped_key_makes_none(member: Member, server: Server) -> None:
    capped = await key_with(member, credit_cap=100)
    async with server.client(**{"X-API-Key": capped}) as client:
        answer = await client.post(KEYS, json={"name": "free", "credit_cap": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "key_is_capped")


async def test_a_key_is_not_outlived_by_those_that_it_makes(member: Member, server: Server) -> None:
    end = now() + timedelta(hours=1)
    brief = await key_with(member, expires_at=end)
    async with server.client(**{"X-API-Key": brief}) as client:
        late = {"name": "late", "expires_at": (end + timedelta(seconds=1)).isoformat()}
        answer = await client.post(KEYS, json=late)
        assert (answer.status_code, answer.json()["code"]) == (422, "expiry_too_late")
        made = (await client.post(KEYS, json={"name": "same"})).json()
    assert made["expires_at"] == end.isoformat().replace("+00:00", "Z")


async def test_many_at_once_do_not_exceed_the_limit(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "MAX_LIVE_KEYS", 3)
    answers = await asyncio.gather(*(member.client.post(KEYS, json={"name": "k"}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
