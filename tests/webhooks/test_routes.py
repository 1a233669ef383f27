"""The webhook routes under their default settings."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.server import Member, Server
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.webhooks import service

HOOKS = "/v1/webhooks"
GOOD = {"url": "https://example.com/hook", "events": ["job.completed"]}


async def test_create_list_change_delete(member: Member) -> None:
    made = await member.client.post(HOOKS, json={**GOOD, "description": "mine"})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    hook = made.json()["id"]
    listed = (await member.client.get(HOOKS)).json()
    assert [item["id"] for item in listed["items"]] == [hook] and listed["next_cursor"] is None
    assert "secret" not in listed["items"][0]
    changed = await member.client.patch(
        f"{HOOKS}/{hook}", json={"url": "https://example.com/new", "events": ["voice.ready", "voice.ready"]}
    )
    view = changed.json()
    assert (view["url"], view["events"], view["description"]) == ("https://example.com/new", ["voice.ready"], "mine")
    assert (await member.client.get(f"{HOOKS}/{hook}")).json() == view
    assert (await member.client.delete(f"{HOOKS}/{hook}")).status_code == 204
    assert (await member.client.get(f"{HOOKS}/{hook}")).json()["code"] == "webhook_not_found"


async def test_pages(member: Member) -> None:
    made = [(await member.client.post(HOOKS, json=GOOD)).json()["id"] for _ in range(3)]
    first = (await member.client.get(HOOKS, params={"limit": 2})).json()
    second = (await member.client.get(HOOKS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


BAD: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://example.com/"}, "invalid_webhook_url"),
    ({"url": "https://10.0.0.1/"}, "webhook_address_refused"),
    ({"url": "https://example.com:22/"}, "webhook_port_refused"),
    ({"events": ["job.started"]}, "field_invalid"),
    ({"events": []}, "field_invalid"),
    ({"surprise": 1}, "unknown_field"),
]


@pytest.mark.parametrize(("change", "code"), BAD)
async def test_a_bad_body_is_refused(member: Member, change: dict[str, Any], code: str) -> None:
    answer = await member.client.post(HOOKS, json={**GOOD, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert (await member.client.get(HOOKS)).json()["items"] == []


async def test_another_accounts_webhook_is_not_found(member: Member, other: Member) -> None:
    hook = (await member.client.post(HOOKS, json=GOOD)).json()["id"]
    calls = [
        other.client.get(f"{HOOKS}/{hook}"),
        other.client.patch(f"{HOOKS}/{hook}", json={"enabled": False}),
        other.client.delete(f"{HOOKS}/{hook}"),
        other.client.post(f"{HOOKS}/{hook}/test"),
        other.client.post(f"{HOOKS}/{hook}/rotate-secret"),
        other.client.get(f"{HOOKS}/{hook}/deliveries"),
        other.client.post(f"{HOOKS}/{hook}/deliveries/{uuid.uuid4()}/replay"),
    ]
    for call in calls:
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found")
    mine = await member.client.post(f"{HOOKS}/{hook}/deliveries/{uuid.uuid4()}/replay")
    assert (mine.status_code, mine.json()["code"]) == (404, "delivery_not_found")


async def test_too_many(member: Member) -> None:
    for _ in range(service.MAX_ENDPOINTS):
        await member.client.post(HOOKS, json=GOOD)
    answer = await member.client.post(HOOKS, json=GOOD)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


async def test_the_scope_is_needed(member: Member, server: Server) -> None:
    async with server.services.database.transaction() as session:
        _, key = await accounts.create_key(session, member.account_id, "speaks", scopes=["speech"])
    async with server.client(**{"X-API-Key": key}) as client:
        answer = await client.get(HOOKS)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_unknown_events_are_not_emitted(member: Member, server: Server) -> None:
    async with server.services.database.transaction() as session:
        with pytest.raises(ValueError, match=r"job\.begun"):
            await service.emit(server.services, session, member.account_id, "job.begun", {})
