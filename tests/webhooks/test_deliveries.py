"""Webhooks from the event to the receiver, on the real application, database and queue."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from tests.support.receiver import Receiver, receiving
from tests.support.server import Member, Server, settings_for
from voicechanger.domains.webhooks import service, tasks
from voicechanger.domains.webhooks.sender import Outcome, Sender
from voicechanger.infra.queue.names import WEBHOOK_QUEUE
from voicechanger.settings import Settings
from voicechanger.tts.engine import Engine
from voicechanger.worker.process import register_tasks
from voicechanger.worker.runtime import runtime_for

HOOKS = "/v1/webhooks"


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    return settings_for(fresh_database_url, tmp_path, webhooks_allow_http=True, webhooks_allow_private=True)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def subscribe(member: Member, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    body = {"url": f"http://localhost:{receiver.port}/hook", "events": ["job.completed", "job.canceled"], **changes}
    answer = await member.client.post(HOOKS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def cancel_a_job(member: Member) -> str:
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    job = (await member.client.post("/v1/voice-cloning/tts", data=form)).json()["job_id"]
    assert (await member.client.post(f"/v1/jobs/{job}/cancel")).status_code == 200
    return job


async def work(server: Server) -> None:
    """Run what is due in the webhook queue, as a worker does."""
    app = server.services.queue.app
    register_tasks(app)
    await app.run_worker_async(
        queues=[WEBHOOK_QUEUE],
        wait=False,
        install_signal_handlers=False,
        delete_jobs="successful",
        additional_context={"runtime": runtime_for(server.services, cast(Engine, None))},
    )


async def hurry(server: Server) -> None:
    """Make every enqueued attempt due now."""
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at IS NOT NULL"))


async def deliveries(member: Member, hook: dict[str, Any]) -> list[dict[str, Any]]:
    return (await member.client.get(f"{HOOKS}/{hook['id']}/deliveries")).json()["items"]


async def test_an_ended_job_is_told_and_signed(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    job = await cancel_a_job(member)
    await work(server)
    got = receiver.received[0]
    message = Webhook(hook["secret"]).verify(got.body, got.headers)
    assert message["type"] == "job.canceled"
    assert (message["data"]["job_id"], message["data"]["status"]) == (job, "canceled")
    assert "Hello" not in got.body
    delivery = (await deliveries(member, hook))[0]
    assert (delivery["status"], delivery["message_id"]) == ("delivered", got.headers["webhook-id"])
    assert [a["response_code"] for a in delivery["attempts"]] == [204]
    assert delivery["next_attempt_at"] is None and delivery["payload"] == got.body


async def test_only_chosen_events_of_the_own_account(
    member: Member, other: Member, server: Server, receiver: Receiver
) -> None:
    await subscribe(member, receiver, events=["job.completed"])
    await subscribe(other, receiver)
    await cancel_a_job(member)
    await work(server)
    assert receiver.received == []


async def test_a_job_that_is_not_ended_tells_nothing(member: Member, server: Server, receiver: Receiver) -> None:
    """The delivery is written in the transaction that ends the job: rolled back, there is none."""
    hook = await subscribe(member, receiver)
    with pytest.raises(RuntimeError, match="rolled back"):
        async with server.services.database.transaction() as session:
            await service.emit(server.services, session, member.account_id, "job.completed", {})
            raise RuntimeError("rolled back")
    await work(server)
    assert receiver.received == [] and await deliveries(member, hook) == []


async def test_failures_are_tried_again_under_the_same_id(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    receiver.will("503 Busy", "later")
    receiver.will("302 Found", Location="http://localhost/")
    await cancel_a_job(member)
    for made in (1, 2, 3):
        await work(server)
        delivery = (await deliveries(member, hook))[0]
        assert len(delivery["attempts"]) == made
        assert (delivery["next_attempt_at"] is None) == (made == 3)
        await hurry(server)
    assert [a["response_code"] for a in delivery["attempts"]] == [503, 302, 204]
    assert delivery["attempts"][0]["response_excerpt"] == "later"
    assert delivery["status"] == "delivered"
    assert len({r.headers["webhook-id"] for r in receiver.received}) == 1
    view = (await member.client.get(f"{HOOKS}/{hook['id']}")).json()
    assert view["failing_since"] is None and "secret" not in view


async def test_after_a_day_of_failures_it_is_given_up(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    await cancel_a_job(member)
    for _ in range(len(tasks.GAPS) + 3):
        receiver.will("500 Oops")
        await work(server)
        await hurry(server)
    delivery = (await deliveries(member, hook))[0]
    assert (delivery["status"], len(delivery["attempts"])) == ("failed", len(tasks.GAPS) + 1)
    assert len(receiver.received) == len(tasks.GAPS) + 1
    assert (await member.client.get(f"{HOOKS}/{hook['id']}")).json()["enabled"] is True


def test_the_gaps_grow_and_make_a_day() -> None:
    assert list(tasks.GAPS) == sorted(tasks.GAPS)
    assert 22 * 3600 < sum(tasks.GAPS) < 26 * 3600
    for made, seconds in enumerate(tasks.GAPS, 1):
        assert seconds * 0.8 <= tasks.gap(made) <= seconds * 1.2


async def test_gone_disables_and_enabling_starts_afresh(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    receiver.will("410 Gone")
    await cancel_a_job(member)
    await work(server)
    view = (await member.client.get(f"{HOOKS}/{hook['id']}")).json()
    assert view["enabled"] is False and "410" in view["disabled_reason"]
    assert (await deliveries(member, hook))[0]["status"] == "failed"
    await cancel_a_job(member)
    assert len(await deliveries(member, hook)) == 1
    refused = await member.client.post(f"{HOOKS}/{hook['id']}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
    view = (await member.client.patch(f"{HOOKS}/{hook['id']}", json={"enabled": True})).json()
    assert (view["enabled"], view["disabled_reason"], view["failing_since"]) == (True, None, None)


async def test_days_of_failures_disable(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE webhook_endpoints SET failing_since = now() - interval '6 days'"))
    receiver.will("500 Oops")
    await cancel_a_job(member)
    await work(server)
    view = (await member.client.get(f"{HOOKS}/{hook['id']}")).json()
    assert view["enabled"] is False and "5 days" in view["disabled_reason"]


async def test_a_test_message_and_its_replay(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    sent = await member.client.post(f"{HOOKS}/{hook['id']}/test")
    assert (sent.status_code, sent.json()["status"], sent.json()["event"]) == (202, "pending", "webhook.test")
    await work(server)
    again = await member.client.post(f"{HOOKS}/{hook['id']}/deliveries/{sent.json()['id']}/replay")
    assert again.status_code == 202 and again.json()["id"] != sent.json()["id"]
    await work(server)
    first, second = receiver.received
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert {d["status"] for d in await deliveries(member, hook)} == {"delivered"}


async def test_the_old_secret_signs_for_a_day(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    fresh = (await member.client.post(f"{HOOKS}/{hook['id']}/rotate-secret")).json()
    assert fresh["secret"] != hook["secret"]
    await member.client.post(f"{HOOKS}/{hook['id']}/test")
    await work(server)
    for secret in (hook["secret"], fresh["secret"]):
        Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE webhook_endpoints SET old_salt_until = now() - interval '1 second'"))
    await member.client.post(f"{HOOKS}/{hook['id']}/test")
    await work(server)
    assert len(receiver.received[1].headers["webhook-signature"].split(" ")) == 1
    Webhook(fresh["secret"]).verify(receiver.received[1].body, receiver.received[1].headers)


async def test_no_secret_lies_in_the_database(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    async with server.services.database.transaction() as session:
        row = (await session.execute(text("SELECT row_to_json(e)::text FROM webhook_endpoints e"))).scalar_one()
    assert hook["secret"].removeprefix("whsec_") not in row


async def test_a_slower_twin_does_not_count(member: Member, server: Server, receiver: Receiver) -> None:
    """Two workers try the same delivery, one taken for dead: one attempt is recorded, one next one enqueued."""
    hook = await subscribe(member, receiver)
    receiver.will("500 Oops")
    receiver.will("500 Oops")
    await cancel_a_job(member)
    delivery = uuid.UUID((await deliveries(member, hook))[0]["id"])
    sender = cast(Sender, Together())
    await asyncio.gather(*(tasks.attempt(server.services, sender, delivery) for _ in range(2)))
    assert len(receiver.received) == 2
    assert len((await deliveries(member, hook))[0]["attempts"]) == 1


class Together:
    """A sender for two: each has looked at the delivery before the other records anything."""

    def __init__(self) -> None:
        self._sender = Sender(allow_http=True, allow_private=True)
        self._come, self._both = 0, asyncio.Event()

    async def post(self, url: str, headers: dict[str, str], payload: str) -> Outcome:
        self._come += 1
        if self._come == 2:
            self._both.set()
        await asyncio.wait_for(self._both.wait(), 30)
        return await self._sender.post(url, headers, payload)


async def test_a_delivery_without_a_queue_entry_is_found(member: Member, server: Server, receiver: Receiver) -> None:
    await subscribe(member, receiver)
    await cancel_a_job(member)
    chore = tasks.enqueue_lost(server.services)
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 hour'"))
        await chore(session)
        entries = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.deliver'"
        assert await session.scalar(text(entries)) == 1
        await session.execute(text("DELETE FROM procrastinate_jobs"))
        await chore(session)
        assert await session.scalar(text(entries)) == 1
    await work(server)
    assert len(receiver.received) == 1


async def test_old_deliveries_are_forgotten(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    await cancel_a_job(member)
    await work(server)
    async with server.services.database.transaction() as session:
        await tasks.delete_old(session)
    assert len(await deliveries(member, hook)) == 1
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE webhook_deliveries SET created_at = now() - interval '31 days'"))
        await tasks.delete_old(session)
    assert await deliveries(member, hook) == []


async def test_a_deleted_webhook_gets_nothing(member: Member, server: Server, receiver: Receiver) -> None:
    hook = await subscribe(member, receiver)
    await cancel_a_job(member)
    assert (await member.client.delete(f"{HOOKS}/{hook['id']}")).status_code == 204
    await work(server)
    assert receiver.received == []


async def test_payload_is_json_with_type_time_and_data(member: Member, server: Server, receiver: Receiver) -> None:
    await subscribe(member, receiver)
    await cancel_a_job(member)
    await work(server)
    assert set(json.loads(receiver.received[0].body)) == {"type", "timestamp", "data"}
