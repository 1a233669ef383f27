"""A key can end itself and what is no stronger, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import Member, in_hours


async def made(member: Member, **wanted: Any) -> dict[str, Any]:
    answer = await member.client.post("/v1/account/keys", json={"name": "made", **wanted})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def revoke(member: Member, with_key: str, key_id: str) -> int:
    async with member.server.client(**{"X-API-Key": with_key}) as client:
        return (await client.delete(f"/v1/account/keys/{key_id}")).status_code


@pytest.mark.parametrize(
    "limits",
    [{"credit_cap": 100}, {"scopes": ["account"]}, {"expires_at": in_hours(1).isoformat()}],
    ids=["capped", "account scope", "expiring"],
)
async def test_a_weaker_key_revokes_itself_and_no_stronger_one(member: Member, limits: dict[str, Any]) -> None:
    weak, strong = await made(member, **limits), await made(member)
    assert await revoke(member, weak["key"], strong["id"]) == 403
    assert await revoke(member, strong["key"], strong["id"]) == 204
    assert await revoke(member, weak["key"], weak["id"]) == 204


async def test_a_key_revokes_what_may_do_no_more(member: Member) -> None:
    weak, narrow = await made(member, scopes=["account", "jobs"]), await made(member, scopes=["jobs"], credit_cap=5)
    assert await revoke(member, weak["key"], narrow["id"]) == 204
