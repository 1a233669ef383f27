"""All SQL on webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.infra.queue.entries import no_entry
from voicechanger.infra.queue.names import DELIVER_WEBHOOK
from voicechanger.kit.database import now
from voicechanger.kit.paging import Page, newest_first, paginate


async def endpoint_of(
    session: AsyncSession, account_id: uuid.UUID, endpoint_id: uuid.UUID, *, lock: bool = False
) -> WebhookEndpoint | None:
    """Return one endpoint of an account."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id, WebhookEndpoint.id == endpoint_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def count(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return how many endpoints an account has."""
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
    """Return the enabled endpoints of an account that subscribe to an event."""
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
    """Return one delivery to an endpoint."""
    return await session.scalar(
        select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.id == delivery_id)
    )


async def pending(
    session: AsyncSession, delivery_id: uuid.UUID, *, lock: bool = False
) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
    """Return a pending delivery and its endpoint; None when it has ended."""
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.status == "pending")
    )
    row = (await session.execute(query.with_for_update() if lock else query)).first()
    return (row[0], row[1]) if row else None


async def without_entry(session: AsyncSession, before: datetime, limit: int) -> list[uuid.UUID]:
    """Return ids of deliveries that were due before a moment and have no queue entry left."""
    query = select(WebhookDelivery.id).where(
        WebhookDelivery.status == "pending",
        WebhookDelivery.next_attempt_at < before,
        no_entry(DELIVER_WEBHOOK, "delivery_id", WebhookDelivery.id),
    )
    return list(await session.scalars(query.limit(limit)))


async def delete_old(session: AsyncSession, age: timedelta, batch: int) -> None:
    """Delete deliveries that ended long ago."""
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
