"""What the webhook routes take and answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.kit.validation import StoredText

EventName = Literal["job.completed", "job.failed", "job.canceled", "voice.ready", "voice.failed"]
Events = Annotated[list[EventName], Field(min_length=1, max_length=20, description="Events that are delivered.")]
Url = Annotated[
    StoredText,
    Field(
        min_length=1,
        max_length=2_000,
        description="https address of the receiver, on the open Internet, port 80, 443, 8080 or 8443.",
        examples=["https://example.com/hooks/speech"],
    ),
]
Description = Annotated[StoredText, Field(max_length=200, description="For yourself.")]


class NewWebhook(BaseModel):
    """An endpoint to be told of events."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Events = Field(default_factory=lambda: ["job.completed", "job.failed", "voice.ready", "voice.failed"])
    description: Description = ""


class WebhookChange(BaseModel):
    """What is to be changed; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = Field(None, description="false stops deliveries, true starts them afresh.")


class WebhookView(BaseModel):
    """An endpoint."""

    id: uuid.UUID = Field(description="Id of the webhook.")
    url: str = Field(description="Address of the receiver.")
    description: str = Field(description="For yourself.")
    events: list[str] = Field(description="Events that are delivered.")
    enabled: bool = Field(description="Whether anything is delivered.")
    disabled_reason: str | None = Field(description="Why it is disabled; null while it is enabled.")
    failing_since: datetime | None = Field(description="First failure since the last success.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was last changed.")

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> WebhookView:
        """The view of an endpoint."""
        return cls(**_plain(endpoint))


def _plain(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in WebhookView.model_fields}


class WebhookWithSecret(WebhookView):
    """An endpoint and its secret, which is shown now and not again."""

    secret: str = Field(description="Verifies signatures (Standard Webhooks); whsec_…")

    @classmethod
    def with_secret(cls, endpoint: WebhookEndpoint, secret: str) -> WebhookWithSecret:
        """The view of a new or rotated endpoint."""
        return cls(**_plain(endpoint), secret=secret)


class WebhookPage(BaseModel):
    """A page of endpoints, the newest first."""

    items: list[WebhookView] = Field(description="The webhooks of this page.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")


class Attempt(BaseModel):
    """One attempt at a delivery."""

    at: datetime = Field(description="When it was made.")
    response_code: int | None = Field(description="HTTP status of the receiver's answer; null without one.")
    response_excerpt: str = Field(description="The first 512 bytes of the receiver's answer.")
    error: str | None = Field(description="Why it does not count as delivered; null for success.")
    milliseconds: int = Field(description="How long it took, in milliseconds.")


DeliveryStatus = Literal["pending", "delivered", "failed"]


class DeliveryView(BaseModel):
    """One message to one endpoint."""

    id: uuid.UUID = Field(description="Id of the delivery.")
    message_id: str = Field(description="The webhook-id header: the same for every attempt and replay.")
    event: str = Field(description="What happened, e.g. job.completed.")
    status: DeliveryStatus = Field(description="pending until it is delivered or given up.")
    attempts: list[Attempt] = Field(description="Every attempt so far, the oldest first.")
    next_attempt_at: datetime | None = Field(description="Null once delivered or given up.")
    created_at: datetime = Field(description="When it happened.")
    delivered_at: datetime | None = Field(description="When the receiver took it; null before.")
    payload: str = Field(description="The body that is sent, as JSON text.")

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> DeliveryView:
        """The view of a delivery."""
        return cls.model_validate({name: getattr(delivery, name) for name in cls.model_fields})


class DeliveryPage(BaseModel):
    """A page of deliveries, the newest first."""

    items: list[DeliveryView] = Field(description="The deliveries of this page.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")
