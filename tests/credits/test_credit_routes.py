"""The ledger and usage over HTTP, against jobs that end in every way."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.server import CREDITS, Member
from voicechanger.domains.credits import service as credits
from voicechanger.kit.database import now

LEDGER = "/v1/account/ledger"
USAGE = "/v1/account/usage"


async def accept(member: Member, words: str) -> str:
    form = {"text": words, "custom_voice_id": str(await member.save_voice())}
    return str((await member.client.post("/v1/voice-cloning/tts", data=form)).json()["job_id"])


async def complete(member: Member, words: str, seconds: float) -> str:
    """A job that is completed as a worker does it, without the sound."""
    job_id = await accept(member, words)
    async with member.server.services.database.transaction() as session:
        await credits.settle(session, uuid.UUID(job_id), characters=len(words), seconds=seconds)
        await session.execute(
            text(
                "UPDATE jobs SET status = 'completed', duration_seconds = :seconds, finished_at = now() WHERE id = :id"
            ),
            {"seconds": seconds, "id": job_id},
        )
    return job_id


async def get(member: Member, path: str, **params: Any) -> Any:
    answer = await member.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_ledger_adds_up_and_comes_in_pages(member: Member, other: Member) -> None:
    await complete(member, "Hello.", 1.5)
    canceled = await accept(member, "Hello there.")
    await member.client.post(f"/v1/jobs/{canceled}/cancel")
    await complete(other, "Not mine.", 1.0)
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await get(member, LEDGER, limit=2, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    told = [(item["kind"], item["amount"]) for item in reversed(items)]
    assert told == [("grant", CREDITS), ("reserve", -6), ("settle", 0), ("reserve", -12), ("release", 12)]
    assert sum(item["amount"] for item in items) == (await member.balance())[0] == CREDITS - 6
    assert items[0]["job_id"] == canceled and items[0]["key_id"] is not None


@pytest.mark.parametrize("cursor", ["x", "%", "LTE", "MjAyNg", "I" * 200])
async def test_a_cursor_that_is_not_ours(member: Member, cursor: str) -> None:
    answer = await member.client.get(LEDGER, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_usage_counts_what_ended(member: Member, other: Member) -> None:
    await complete(member, "Hello.", 1.5)
    deleted = await complete(member, "Hello there.", 2.25)
    await member.client.post(f"/v1/jobs/{await accept(member, 'Never.')}/cancel")
    await accept(member, "Still open.")
    await complete(other, "Not mine.", 9.0)
    for bucket, count in (("hour", 25), ("day", 31), ("month", 13)):
        told = await get(member, USAGE, bucket=bucket)
        assert (told["bucket"], len(told["items"])) == (bucket, count)
        assert all(item["jobs"] == item["credits"] == 0 for item in told["items"][:-1])
        last = {key: value for key, value in told["items"][-1].items() if key != "start"}
        assert last == {"credits": 18, "jobs": 2, "jobs_released": 1, "characters": 18, "seconds": 3.75}
    # the ledger keeps what a deleted job used
    await member.client.delete(f"/v1/jobs/{deleted}")
    last = (await get(member, USAGE))["items"][-1]
    assert (last["credits"], last["jobs"], last["characters"], last["seconds"]) == (18, 2, 18, 3.75)


async def test_buckets_are_those_of_utc(member: Member) -> None:
    span = {"start": "2026-01-30T23:30:00-02:00", "end": "2026-03-01T00:00:00Z"}
    months = (await get(member, USAGE, bucket="month", **span))["items"]
    assert [item["start"] for item in months] == [f"2026-0{month}-01T00:00:00Z" for month in (1, 2, 3)]
    days = (await get(member, USAGE, bucket="day", **span))["items"]
    assert (days[0]["start"], len(days)) == ("2026-01-31T00:00:00Z", 30)


async def test_a_span_may_lie_in_the_past(member: Member) -> None:
    await complete(member, "Hello.", 1.0)
    end = now() - timedelta(days=2)
    items = (await get(member, USAGE, end=end.isoformat()))["items"]
    assert sum(item["jobs"] for item in items) == 0
    assert datetime.fromisoformat(items[-1]["start"]).astimezone(UTC).date() == end.date()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"bucket": "week"}, "field_invalid"),
        ({"start": "yesterday"}, "field_invalid"),
        ({"start": "2026-01-01T00:00:00"}, "field_invalid"),
        ({"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, "usage_span_too_long"),
        ({"bucket": "hour", "start": "2020-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, "usage_span_too_long"),
        ({"start": "0001-01-01T00:00:00Z"}, "usage_span_too_long"),
        ({"end": "0001-01-01T00:00:00Z"}, "usage_span_too_long"),
        ({"end": "9999-12-31T23:59:59Z"}, "field_invalid"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "usage_span_too_long"),
        ({"start": "9999-12-31T23:59:59-14:00"}, "usage_span_too_long"),
    ],
)
async def test_spans_that_are_refused(member: Member, params: dict[str, str], code: str | None) -> None:
    answer = await member.client.get(USAGE, params=params)
    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert answer.json()["code"] == code
