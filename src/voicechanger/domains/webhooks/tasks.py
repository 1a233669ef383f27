"""Tasks of webhooks: attempt a delivery, record the attempt, schedule the next one."""

from __future__ import annotations

import asyncio
import random
import uuid
from datetime import timedelta
from typing import Final

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.runtime import runtime_of
from voicechanger.domains.webhooks import service, store
from voicechanger.domains.webhooks.sender import Outcome, Sender
from voicechanger.domains.webhooks.signing import signed_headers
from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import DELIVER_WEBHOOK, WEBHOOK_QUEUE
from voicechanger.kit.database import now

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

GAPS: Final = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
"""Seconds between attempts, about one day in total."""
_JITTER: Final = 0.2
DISABLED_AFTER: Final = timedelta(days=5)
"""An endpoint is disabled when all deliveries failed for this long."""
KEPT: Final = timedelta(days=30)
_LOST_AFTER: Final = timedelta(minutes=2)
_BATCH: Final = 200


@blueprint.task(name=DELIVER_WEBHOOK, queue=WEBHOOK_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def deliver(context: procrastinate.JobContext, delivery_id: str) -> None:
    """Attempt one delivery once; the transaction that records the attempt enqueues the next one."""
    services = runtime_of(context).services
    settings = services.settings
    sender = Sender(allow_http=settings.webhooks_allow_http, allow_private=settings.webhooks_allow_private)
    try:
        await attempt(services, sender, uuid.UUID(delivery_id))
    except asyncio.CancelledError:
        # the worker is stopping: another one delivers the message, possibly a second time, with the same ID
        raise TryAgain from None
    except OperationalError as error:
        raise TryAgain(30.0) from error


async def attempt(services: Services, sender: Sender, delivery_id: uuid.UUID) -> None:
    """Make one attempt and record it."""
    async with services.database.transaction() as session:
        found = await store.pending(session, delivery_id)
    if found is None:
        return
    delivery, endpoint = found
    if endpoint.enabled:
        secrets = service.secrets_in_force(services, endpoint)
        headers = signed_headers(secrets, delivery.message_id, now(), delivery.payload)
        outcome = await sender.post(endpoint.url, headers, delivery.payload)
    else:
        outcome = Outcome(None, "", "webhook_disabled", 0)
    await _record(services, delivery_id, len(delivery.attempts), outcome)


async def _record(services: Services, delivery_id: uuid.UUID, seen: int, outcome: Outcome) -> None:
    async with services.database.transaction() as session:
        found = await store.pending(session, delivery_id, lock=True)
        # another worker took over this delivery and has recorded its own attempt
        if found is None or len(found[0].attempts) != seen:
            return
        delivery, endpoint = found
        delivery.attempts = [*delivery.attempts, _entry(outcome)]
        if outcome.delivered:
            delivery.status, delivery.delivered_at, delivery.next_attempt_at = "delivered", now(), None
            endpoint.failing_since = None
            return
        log.info("webhook_failed", delivery_id=str(delivery_id), attempt=seen + 1, error=outcome.error)
        _disable_if_failing(endpoint, outcome)
        await _schedule_next(services, session, delivery, endpoint)


def _entry(outcome: Outcome) -> dict[str, object]:
    return {
        "at": now().isoformat(),
        "response_code": outcome.code,
        "response_excerpt": outcome.excerpt,
        "error": outcome.error,
        "milliseconds": outcome.milliseconds,
    }


def _disable_if_failing(endpoint: WebhookEndpoint, outcome: Outcome) -> None:
    """Disable an endpoint that responds with 410 Gone, or whose deliveries have failed for days."""
    if not endpoint.enabled:
        return
    began = endpoint.failing_since = endpoint.failing_since or now()
    reason = None
    if outcome.code == 410:
        reason = "The receiver responded with 410 Gone."
    elif now() - began >= DISABLED_AFTER:
        reason = f"All deliveries failed for {DISABLED_AFTER.days} days."
    if reason is not None:
        endpoint.enabled, endpoint.disabled_reason = False, reason
        log.warning("webhook_disabled", webhook_id=str(endpoint.id), reason=reason)


async def _schedule_next(
    services: Services, session: AsyncSession, delivery: WebhookDelivery, endpoint: WebhookEndpoint
) -> None:
    made = len(delivery.attempts)
    if not endpoint.enabled or made > len(GAPS):
        delivery.status, delivery.next_attempt_at = "failed", None
        return
    seconds = gap(made)
    delivery.next_attempt_at = now() + timedelta(seconds=seconds)
    await services.queue.enqueue(
        session, DELIVER_WEBHOOK, WEBHOOK_QUEUE, delay_seconds=seconds, delivery_id=str(delivery.id)
    )


def gap(made: int) -> float:
    """Return the seconds until the next attempt after `made` attempts, at least 1, with random jitter."""
    return GAPS[made - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # not a secret


def enqueue_lost(services: Services) -> Chore:
    """Return a chore that enqueues deliveries again that lost their queue entry."""

    async def chore(session: AsyncSession) -> None:
        for delivery_id in await store.without_entry(session, now() - _LOST_AFTER, _BATCH):
            await services.queue.enqueue(session, DELIVER_WEBHOOK, WEBHOOK_QUEUE, delivery_id=str(delivery_id))

    return chore


async def delete_old(session: AsyncSession) -> None:
    """Delete deliveries that ended long ago; a chore."""
    await store.delete_old(session, KEPT, _BATCH)
