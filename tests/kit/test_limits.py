"""Rate limits on the real application and database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.server import Member, Server, settings_for
from voicechanger.kit.rate_limits import limiter as service
from voicechanger.settings import Settings

PER_MINUTE = 6


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    return settings_for(fresh_database_url, tmp_path, requests_per_minute=PER_MINUTE)


async def _wind(server: Server, seconds: float) -> None:
    """Let time pass, as the limits see it."""
    async with server.services.database.transaction() as session:
        await session.execute(
            text("UPDATE rate_limits SET full_at = full_at - :s * interval '1 second'"), {"s": seconds}
        )


async def test_every_answer_tells_what_remains(member: Member) -> None:
    answers = [await member.client.get("/v1/jobs") for _ in range(3)]
    assert [a.headers["ratelimit-limit"] for a in answers] == [str(PER_MINUTE)] * 3
    assert [int(a.headers["ratelimit-remaining"]) for a in answers] == [5, 4, 3]
    assert [0 < int(a.headers["ratelimit-reset"]) <= 60 for a in answers] == [True] * 3
    # errors tell it too
    refused = await member.client.get("/v1/jobs/00000000-0000-0000-0000-000000000000")
    assert refused.status_code == 404 and refused.headers["ratelimit-remaining"] == "2"


async def test_too_fast_is_refused_until_a_share_of_the_minute_has_passed(member: Member, server: Server) -> None:
    for _ in range(PER_MINUTE):
        assert (await member.client.get("/v1/jobs")).status_code == 200
    answer = await member.client.get("/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 60 / PER_MINUTE
    assert answer.headers["ratelimit-remaining"] == "0"
    await _wind(server, 60 / PER_MINUTE)
    assert (await member.client.get("/v1/jobs")).status_code == 200
    assert (await member.client.get("/v1/jobs")).status_code == 429


async def test_refused_requests_do_not_push_the_limit_away(member: Member, server: Server) -> None:
    for _ in range(PER_MINUTE + 20):
        await member.client.get("/v1/jobs")
    await _wind(server, 60)
    answer = await member.client.get("/v1/jobs")
    assert answer.status_code == 200 and answer.headers["ratelimit-remaining"] == str(PER_MINUTE - 1)


async def test_accounts_do_not_share(member: Member, other: Member) -> None:
    for _ in range(PER_MINUTE + 1):
        await member.client.get("/v1/jobs")
    assert (await other.client.get("/v1/jobs")).status_code == 200


async def test_no_more_than_the_limit_pass_at_once(member: Member) -> None:
    answers = await asyncio.gather(*(member.client.get("/v1/jobs") for _ in range(20)))
    assert sum(a.status_code == 200 for a in answers) == PER_MINUTE


async def test_wrong_keys_are_limited_by_address_and_right_ones_are_not(member: Member, server: Server) -> None:
    async with server.client(**{"X-API-Key": "nonsense"}) as client:
        codes = [(await client.get("/v1/jobs")).json()["code"] for _ in range(service.FAILURES_PER_MINUTE + 2)]
        assert codes == ["invalid_api_key"] * service.FAILURES_PER_MINUTE + ["too_many_failures"] * 2
        refused = await client.get("/v1/jobs")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    assert (await member.client.get("/v1/jobs")).status_code == 200


async def test_full_allowances_are_deleted(member: Member, server: Server) -> None:
    await member.client.get("/v1/jobs")
    async with server.services.database.transaction() as session:
        await service.delete_full(session)
        assert await session.scalar(text("SELECT count(*) FROM rate_limits")) == 1
    await _wind(server, 60)
    async with server.services.database.transaction() as session:
        await service.delete_full(session)
        assert await session.scalar(text("SELECT count(*) FROM rate_limits")) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "unknown"),
    ],
)
def test_network_of(address: str, network: str) -> None:
    assert service.network_of(address) == network


@pytest.mark.parametrize(
    ("owed", "remaining", "retry"), [(0.0, 6, 0), (10.0, 5, 0), (45.0, 1, 0), (50.5, 0, 1), (59.0, 0, 9), (60.0, 0, 10)]
)
def test_allowance(owed: float, remaining: int, retry: int) -> None:
    found = service.allowance(True, owed, PER_MINUTE)
    assert (found.remaining, found.retry_seconds) == (remaining, retry)
