"""All SQL on webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.infra.queue.names import DELIVER_WEBHOOK
from voicechanger.kit.database import now
from voicechanger.kit.paging import Page, newest_first, paginate

_LOST = text(
    """
    SELECT id FROM webhook_deliveries delivery
     WHERE status = 'pending' AND next_attempt_at < :before
       AND NOT EXISTS (
           SELECT 1 FROM procrastinate_jobs entry
            WHERE entry.task_name = :task AND entry.status IN ('todo', 'doing')
              AND entry.args->>'delivery_id' = delivery.id::text)
     LIMIT :batch
    """
)


async def endpoint_of(
    session: AsyncSession, account_id: uuid.UUID, endpoint_id: uuid.UUID, *, lock: bool = False
) -> WebhookEndpoint | None:
    """One endpoint of an account."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id, WebhookEndpoint.id == endpoint_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def count(session: AsyncSession, account_id: uuid.UUID) -> int:
    """How many endpoints an account has."""
    found = await session.scalar(
        select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id)
    )
    return int(found or 0)


async def endpoints_of(
    session: AsyncSession, account_id: uuid.UUID, limit: int, cursor: str | None
) -> Page[WebhookEndpoint]:
    """Return a page of an account's endpoints, newest first."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id)
    return await paginate(session, query, newest_first(WebhookEndpoint), limit, cursor)


async def listening(session: AsyncSession, account_id: uuid.UUID, event: str) -> list[WebhookEndpoint]:
    """Enabled endpoints of an account that want an event."""
    found = await session.scalars(
        select(WebhookEndpoint).where(
            WebhookEndpoint.account_id == account_id,
            WebhookEndpoint.enabled,
            WebhookEndpoint.events.contains([event]),
        )
    )
    return list(found)


async def deliveries_of(
    session: AsyncSession, endpoint_id: uuid.UUID, limit: int, cursor: str | None, status: str | None
) -> Page[WebhookDelivery]:
    """Return a page of the deliveries to an endpoint, newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    return await paginate(session, query, newest_first(WebhookDelivery), limit, cursor)


async def delivery_to(session: AsyncSession, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery | None:
    """One delivery to an endpoint."""
    return await session.scalar(
        select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.id == delivery_id)
    )


async def pending(
    session: AsyncSession, delivery_id: uuid.UUID, *, lock: bool = False
) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
    """A delivery that is still to be made, and its endpoint."""
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.status == "pending")
    )
    row = (await session.execute(query.with_for_update() if lock else query)).first()
    return (row[0], row[1]) if row else None


async def lost(session: AsyncSession, before: datetime, batch: int) -> list[uuid.UUID]:
    """Deliveries that are due and have no queue entry."""
    found = await session.scalars(_LOST, {"before": before, "task": DELIVER_WEBHOOK, "batch": batch})
    return list(found)


async def forget_old(session: AsyncSession, age: timedelta, batch: int) -> None:
    """Drop deliveries made or given up long ago."""
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < now() - age, WebhookDelivery.status != "pending")
        .limit(batch)
    )
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))


async def count_recent_by_status(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Return how many deliveries of all accounts are pending, or were created after `since`, by status."""
    query = (
        select(WebhookDelivery.status, func.count())
        .where(or_(WebhookDelivery.status == "pending", WebhookDelivery.created_at > since))
        .group_by(WebhookDelivery.status)
    )
    return {status: int(number) for status, number in await session.execute(query)}
