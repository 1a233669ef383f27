"""Rules of webhooks: endpoints of an account and the messages that are sent to them."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.webhooks import store
from voicechanger.domains.webhooks.addresses import check_url
from voicechanger.domains.webhooks.signing import new_salt, secret_of
from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.infra.container import Services
from voicechanger.infra.queue.names import DELIVER_WEBHOOK, WEBHOOK_QUEUE
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.errors import Conflict, NotFound
from voicechanger.kit.paging import Page

EVENTS: Final = ("job.completed", "job.failed", "job.canceled", "voice.ready", "voice.failed")
TEST_EVENT: Final = "webhook.test"
MAX_ENDPOINTS: Final = 20
OVERLAP: Final = timedelta(hours=24)
"""How long messages are signed with the old secret too after a rotation."""


async def emit(
    services: Services, session: AsyncSession, account_id: uuid.UUID, event: str, data: dict[str, Any]
) -> None:
    """Enqueue an event for an account's endpoints in the caller's transaction; `data` is plain JSON."""
    if event not in EVENTS:
        raise ValueError(f"{event} is not a webhook event")
    message = _Message(event, data)
    for endpoint in await store.listening(session, account_id, event):
        await _send(services, session, endpoint, message)


class _Message:
    def __init__(self, event: str, data: dict[str, Any]) -> None:
        self.event = event
        self.id = f"msg_{uuid.uuid4().hex}"
        body = {"type": event, "timestamp": now().isoformat(), "data": data}
        self.payload = json.dumps(body, ensure_ascii=False, separators=(",", ":"))


async def _send(
    services: Services, session: AsyncSession, endpoint: WebhookEndpoint, message: _Message
) -> WebhookDelivery:
    return await _enqueue(services, session, endpoint.id, message.event, message.id, message.payload)


async def _enqueue(
    services: Services, session: AsyncSession, endpoint_id: uuid.UUID, event: str, message_id: str, payload: str
) -> WebhookDelivery:
    delivery = WebhookDelivery(
        id=uuid.uuid4(),
        endpoint_id=endpoint_id,
        event=event,
        message_id=message_id,
        payload=payload,
        status="pending",
        attempts=[],
        next_attempt_at=now(),
    )
    session.add(delivery)
    await session.flush()
    await services.queue.enqueue(session, DELIVER_WEBHOOK, WEBHOOK_QUEUE, delivery_id=str(delivery.id))
    return delivery


def secret_shown(services: Services, endpoint: WebhookEndpoint) -> str:
    """Return the secret that signs the messages of an endpoint."""
    return secret_of(services.settings.secret(), endpoint.id, endpoint.salt)


def secrets_in_force(services: Services, endpoint: WebhookEndpoint) -> list[str]:
    """Return the current secret, and for 24 hours after a rotation also the previous one."""
    found = [secret_shown(services, endpoint)]
    if endpoint.old_salt is not None and endpoint.old_salt_until is not None and endpoint.old_salt_until > now():
        found.append(secret_of(services.settings.secret(), endpoint.id, endpoint.old_salt))
    return found


async def create(services: Services, caller: Caller, url: str, events: list[str], description: str) -> WebhookEndpoint:
    """Create an endpoint; raise InvalidRequest when the URL is not allowed, Conflict at the limit of endpoints."""
    endpoint = WebhookEndpoint(
        id=uuid.uuid4(),
        account_id=caller.account_id,
        url=_checked(services, url),
        description=description,
        events=list(dict.fromkeys(events)),
        salt=new_salt(),
    )
    async with services.database.transaction() as session:
        if await store.count(session, caller.account_id) >= MAX_ENDPOINTS:
            raise Conflict(
                f"The account has {MAX_ENDPOINTS} webhooks, the limit; delete one first.", code="too_many_webhooks"
            )
        session.add(endpoint)
    return endpoint


def _checked(services: Services, url: str) -> str:
    settings = services.settings
    return check_url(url, allow_http=settings.webhooks_allow_http, allow_private=settings.webhooks_allow_private)


async def find(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, *, lock: bool = False) -> WebhookEndpoint:
    """Return an endpoint of the caller; raise NotFound for endpoints of other accounts."""
    endpoint = await store.endpoint_of(session, caller.account_id, endpoint_id, lock=lock)
    if endpoint is None:
        raise NotFound("This webhook does not exist.", code="webhook_not_found")
    return endpoint


async def page_of(services: Services, caller: Caller, limit: int, cursor: str | None) -> Page[WebhookEndpoint]:
    """Return a page of the caller's endpoints, newest first."""
    async with services.database.transaction() as session:
        return await store.endpoints_of(session, caller.account_id, limit, cursor)


async def change(
    services: Services,
    caller: Caller,
    endpoint_id: uuid.UUID,
    *,
    url: str | None,
    events: list[str] | None,
    description: str | None,
    enabled: bool | None,
) -> WebhookEndpoint:
    """Change the given fields; enabling an endpoint resets its failures."""
    checked = None if url is None else _checked(services, url)
    async with services.database.transaction() as session:
        endpoint = await find(session, caller, endpoint_id, lock=True)
        endpoint.url = checked or endpoint.url
        endpoint.description = endpoint.description if description is None else description
        endpoint.events = list(dict.fromkeys(events)) if events else endpoint.events
        if enabled is not None and enabled != endpoint.enabled:
            endpoint.enabled = enabled
            endpoint.failing_since = None
            endpoint.disabled_reason = None if enabled else "Disabled by its owner."
        await session.flush()
    return endpoint


async def remove(services: Services, caller: Caller, endpoint_id: uuid.UUID) -> None:
    """Delete an endpoint and its deliveries; pending deliveries are not sent."""
    async with services.database.transaction() as session:
        await session.delete(await find(session, caller, endpoint_id, lock=True))


async def rotate(services: Services, caller: Caller, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Create a new secret; for 24 hours messages are signed with the old one too."""
    async with services.database.transaction() as session:
        endpoint = await find(session, caller, endpoint_id, lock=True)
        endpoint.old_salt, endpoint.salt = endpoint.salt, new_salt()
        endpoint.old_salt_until = now() + OVERLAP
        await session.flush()
    return endpoint


async def send_test(services: Services, caller: Caller, endpoint_id: uuid.UUID) -> WebhookDelivery:
    """Send a test message, whatever events the endpoint subscribes to."""
    async with services.database.transaction() as session:
        endpoint = _enabled(await find(session, caller, endpoint_id))
        message = _Message(TEST_EVENT, {"webhook_id": str(endpoint.id)})
        return await _send(services, session, endpoint, message)


def _enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if not endpoint.enabled:
        raise Conflict("This webhook is disabled. Enable it first.", code="webhook_disabled")
    return endpoint


async def deliveries_of(
    services: Services, caller: Caller, endpoint_id: uuid.UUID, limit: int, cursor: str | None, status: str | None
) -> Page[WebhookDelivery]:
    """Return a page of the deliveries to an endpoint, newest first."""
    async with services.database.transaction() as session:
        endpoint = await find(session, caller, endpoint_id)
        return await store.deliveries_of(session, endpoint.id, limit, cursor, status)


async def replay(services: Services, caller: Caller, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery:
    """Send a message again with the same ID and body, so that the receiver can recognize a duplicate."""
    async with services.database.transaction() as session:
        endpoint = _enabled(await find(session, caller, endpoint_id))
        past = await store.delivery_to(session, endpoint.id, delivery_id)
        if past is None:
            raise NotFound("This delivery does not exist.", code="delivery_not_found")
        return await _enqueue(services, session, endpoint.id, past.event, past.message_id, past.payload)


async def deliveries_by_status(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Return how many deliveries of all accounts are pending, or were created after `since`, by status."""
    return await store.count_recent_by_status(session, since)
