"""Routes of webhooks."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, status

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.webhooks import service
from voicechanger.domains.webhooks.schemas import (
    DeliveryPage,
    DeliveryStatus,
    DeliveryView,
    NewWebhook,
    WebhookChange,
    WebhookPage,
    WebhookView,
    WebhookWithSecret,
)
from voicechanger.infra.container import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit

router = APIRouter(prefix="/v1/webhooks", tags=["Webhooks"])

_URL_ERRORS = ("invalid_webhook_url", "webhook_port_refused", "webhook_address_refused")


@router.post(
    "",
    summary="Create a webhook",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=errors(*_URL_ERRORS, "too_many_webhooks"),
)
async def create(request: Request, caller: SignedCaller, body: NewWebhook) -> WebhookWithSecret:
    """Create a webhook that sends events to a URL. Only this response contains the secret."""
    caller.require("webhooks")
    services = services_of(request)
    endpoint = await service.create(services, caller, body.url, list(body.events), body.description)
    return WebhookWithSecret.with_secret(endpoint, service.secret_shown(services, endpoint))


@router.get("", summary="List webhooks", openapi_extra=errors("invalid_cursor"))
async def page(request: Request, caller: SignedCaller, limit: Limit = 20, cursor: CursorText = None) -> WebhookPage:
    """List your webhooks, newest first."""
    caller.require("webhooks")
    found = await service.page_of(services_of(request), caller, limit, cursor)
    return WebhookPage(items=[WebhookView.of(endpoint) for endpoint in found.items], next_cursor=found.next_cursor)


@router.get("/{webhook_id}", summary="Get a webhook", openapi_extra=errors("webhook_not_found"))
async def show(request: Request, caller: SignedCaller, webhook_id: uuid.UUID) -> WebhookView:
    """Return one webhook, without its secret."""
    caller.require("webhooks")
    async with services_of(request).database.transaction() as session:
        return WebhookView.of(await service.find(session, caller, webhook_id))


@router.patch("/{webhook_id}", summary="Update a webhook", openapi_extra=errors("webhook_not_found", *_URL_ERRORS))
async def change(request: Request, caller: SignedCaller, webhook_id: uuid.UUID, body: WebhookChange) -> WebhookView:
    """Change the given fields of a webhook."""
    caller.require("webhooks")
    endpoint = await service.change(
        services_of(request),
        caller,
        webhook_id,
        url=body.url,
        events=None if body.events is None else list(body.events),
        description=body.description,
        enabled=body.enabled,
    )
    return WebhookView.of(endpoint)


@router.delete(
    "/{webhook_id}",
    summary="Delete a webhook",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("webhook_not_found"),
)
async def delete(request: Request, caller: SignedCaller, webhook_id: uuid.UUID) -> None:
    """Delete a webhook and its deliveries. Pending messages are not delivered."""
    caller.require("webhooks")
    await service.remove(services_of(request), caller, webhook_id)


@router.post(
    "/{webhook_id}/test",
    summary="Send a test message",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=errors("webhook_not_found", "webhook_disabled"),
)
async def send_test(request: Request, caller: SignedCaller, webhook_id: uuid.UUID) -> DeliveryView:
    """Send the event `webhook.test`. The attempts of the returned delivery show the result."""
    caller.require("webhooks")
    return DeliveryView.of(await service.send_test(services_of(request), caller, webhook_id))


@router.post("/{webhook_id}/rotate-secret", summary="Rotate the secret", openapi_extra=errors("webhook_not_found"))
async def rotate(request: Request, caller: SignedCaller, webhook_id: uuid.UUID) -> WebhookWithSecret:
    """Create a new secret. For 24 hours, messages are signed with the old secret too."""
    caller.require("webhooks")
    services = services_of(request)
    endpoint = await service.rotate(services, caller, webhook_id)
    return WebhookWithSecret.with_secret(endpoint, service.secret_shown(services, endpoint))


@router.get(
    "/{webhook_id}/deliveries", summary="List deliveries", openapi_extra=errors("webhook_not_found", "invalid_cursor")
)
async def deliveries(
    request: Request,
    caller: SignedCaller,
    webhook_id: uuid.UUID,
    limit: Limit = 20,
    cursor: CursorText = None,
    status: Annotated[DeliveryStatus | None, Query(description="Only deliveries with this status.")] = None,
) -> DeliveryPage:
    """List the deliveries of a webhook with all attempts, newest first. They are kept for 30 days."""
    caller.require("webhooks")
    found = await service.deliveries_of(services_of(request), caller, webhook_id, limit, cursor, status)
    return DeliveryPage(items=[DeliveryView.of(delivery) for delivery in found.items], next_cursor=found.next_cursor)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    summary="Send a message again",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=errors("webhook_not_found", "delivery_not_found", "webhook_disabled"),
)
async def replay(request: Request, caller: SignedCaller, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> DeliveryView:
    """Send a message again, with the same ID and body, as a new delivery."""
    caller.require("webhooks")
    return DeliveryView.of(await service.replay(services_of(request), caller, webhook_id, delivery_id))
