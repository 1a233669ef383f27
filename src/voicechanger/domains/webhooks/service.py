"""Rules of webhooks: endpoints of an account, and messages to them."""

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
from voicechanger.infra.queue.names import DELIVER_WEBHOOK, WEBHOOK_QUEUE
from voicechanger.infra.services import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.errors import Conflict, NotFound
from voicechanger.kit.paging import Page

EVENTS: Final = ("job.completed", "job.failed", "job.canceled", "voice.ready", "voice.failed")
TEST_EVENT: Final = "webhook.test"
MAX_ENDPOINTS: Final = 20
OVERLAP: Final = timedelta(hours=24)
"""How long the secret before a rotation goes on signing beside the new one."""


async def emit(
    services: Services, session: AsyncSession, account_id: uuid.UUID, event: str, data: dict[str, Any]
) -> None:
    """Tell an account's endpoints of an event, when the caller's transaction commits; `data` is plain JSON."""
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
    """The secret with which an endpoint's messages are signed."""
    return secret_of(services.settings.secret(), endpoint.id, endpoint.salt)


def secrets_in_force(services: Services, endpoint: WebhookEndpoint) -> list[str]:
    """The secret, and for a day after a rotation the one before it."""
    found = [secret_shown(services, endpoint)]
    if endpoint.old_salt is not None and endpoint.old_salt_until is not None and endpoint.old_salt_until > now():
        found.append(secret_of(services.settings.secret(), endpoint.id, endpoint.old_salt))
    return found


async def create(services: Services, caller: Caller, url: str, events: list[str], description: str) -> WebhookEndpoint:
    """A new endpoint; InvalidRequest for an address that may not be reached, Conflict when there are too many."""
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
            raise Conflict(f"An account may have {MAX_ENDPOINTS} webhooks; delete one.", code="too_many_webhooks")
        session.add(endpoint)
    return endpoint


def _checked(services: Services, url: str) -> str:
    settings = services.settings
    return check_url(url, allow_http=settings.webhooks_allow_http, allow_private=settings.webhooks_allow_private)


async def find(session: AsyncSession, caller: Caller, endpoint_id: uuid.UUID, *, lock: bool = False) -> WebhookEndpoint:
    """An endpoint of the caller; NotFound for any other account's."""
    endpoint = await store.endpoint_of(session, caller.account_id, endpoint_id, lock=lock)
    if endpoint is None:
        raise NotFound("There is no such webhook.", code="webhook_not_found")
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
    """Change what is given; enabling one that was disabled gives it a fresh start."""
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
    """Delete an endpoint and its log; what was not delivered yet is not."""
    async with services.database.transaction() as session:
        await session.delete(await find(session, caller, endpoint_id, lock=True))


async def rotate(services: Services, caller: Caller, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Give an endpoint a new secret; the old one goes on signing beside it for a day."""
    async with services.database.transaction() as session:
        endpoint = await find(session, caller, endpoint_id, lock=True)
        endpoint.old_salt, endpoint.salt = endpoint.salt, new_salt()
        endpoint.old_salt_until = now() + OVERLAP
        await session.flush()
    return endpoint


async def send_test(services: Services, caller: Caller, endpoint_id: uuid.UUID) -> WebhookDelivery:
    """Send a test message, whatever events the endpoint has chosen."""
    async with services.database.transaction() as session:
        endpoint = _enabled(await find(session, caller, endpoint_id))
        message = _Message(TEST_EVENT, {"webhook_id": str(endpoint.id)})
        return await _send(services, session, endpoint, message)


def _enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if not endpoint.enabled:
        raise Conflict("This webhook is disabled; enable it first.", code="webhook_disabled")
    return endpoint


async def deliveries_of(
    services: Services, caller: Caller, endpoint_id: uuid.UUID, limit: int, cursor: str | None, status: str | None
) -> Page[WebhookDelivery]:
    """Return a page of the deliveries to an endpoint, newest first."""
    async with services.database.transaction() as session:
        endpoint = await find(session, caller, endpoint_id)
        return await store.deliveries_of(session, endpoint.id, limit, cursor, status)


async def replay(services: Services, caller: Caller, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery:
    """Send a message once more: the same id and body, so that a receiver that has it can tell."""
    async with services.database.transaction() as session:
        endpoint = _enabled(await find(session, caller, endpoint_id))
        past = await store.delivery_to(session, endpoint.id, delivery_id)
        if past is None:
            raise NotFound("There is no such delivery.", code="delivery_not_found")
        return await _enqueue(services, session, endpoint.id, past.event, past.message_id, past.payload)


async def deliveries_by_status(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Return how many deliveries of all accounts are pending, or were created after `since`, by status."""
    return await store.count_recent_by_status(session, since)
