"""Schemas of webhook requests and responses, as the OpenAPI document shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.webhooks.tables import WebhookDelivery, WebhookEndpoint
from voicechanger.kit.validation import StoredText

EventName = Literal["job.completed", "job.failed", "job.canceled", "voice.ready", "voice.failed"]
Events = Annotated[list[EventName], Field(min_length=1, max_length=20, description="Events to deliver.")]
Url = Annotated[
    StoredText,
    Field(
        min_length=1,
        max_length=2_000,
        description="https URL of the receiver, on the public Internet, with port 80, 443, 8080 or 8443.",
        examples=["https://example.com/hooks/speech"],
    ),
]
Description = Annotated[StoredText, Field(max_length=200, description="Your own note.")]


class NewWebhook(BaseModel):
    """A webhook endpoint to create."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Events = Field(default_factory=lambda: ["job.completed", "job.failed", "voice.ready", "voice.failed"])
    description: Description = ""


class WebhookChange(BaseModel):
    """The fields to change; absent fields stay as they are."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = Field(None, description="false stops deliveries; true starts them again.")


class WebhookView(BaseModel):
    """A webhook endpoint."""

    id: uuid.UUID = Field(description="ID of the webhook.")
    url: str = Field(description="URL of the receiver.")
    description: str = Field(description="Your own note.")
    events: list[str] = Field(description="Events that are delivered.")
    enabled: bool = Field(description="Whether events are delivered.")
    disabled_reason: str | None = Field(description="Why it is disabled; null while it is enabled.")
    failing_since: datetime | None = Field(description="First failure since the last success; null without one.")
    created_at: datetime = Field(description="When it was created.")
    updated_at: datetime = Field(description="When it was last changed.")

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> WebhookView:
        """Return the view of an endpoint."""
        return cls(**_plain(endpoint))


def _plain(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in WebhookView.model_fields}


class WebhookWithSecret(WebhookView):
    """A webhook endpoint with its secret, which is shown only in this response."""

    secret: str = Field(description="Secret that verifies signatures (Standard Webhooks); begins with whsec_.")

    @classmethod
    def with_secret(cls, endpoint: WebhookEndpoint, secret: str) -> WebhookWithSecret:
        """Return the view of a new endpoint, or of one with a new secret."""
        return cls(**_plain(endpoint), secret=secret)


class WebhookPage(BaseModel):
    """A page of webhooks, newest first."""

    items: list[WebhookView] = Field(description="The webhooks of this page.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class Attempt(BaseModel):
    """One attempt at a delivery."""

    at: datetime = Field(description="When the attempt started.")
    response_code: int | None = Field(description="HTTP status of the receiver's response; null without one.")
    response_excerpt: str = Field(description="The first 512 bytes of the receiver's response.")
    error: str | None = Field(description="Why the attempt failed; null if it succeeded.")
    milliseconds: int = Field(description="Duration of the attempt, in milliseconds.")


DeliveryStatus = Literal["pending", "delivered", "failed"]


class DeliveryView(BaseModel):
    """One message to one endpoint."""

    id: uuid.UUID = Field(description="ID of the delivery.")
    message_id: str = Field(description="Value of the webhook-id header: the same for each attempt and each replay.")
    event: str = Field(description="Name of the event, e.g. job.completed.")
    status: DeliveryStatus = Field(description="pending until the message is delivered or the attempts end.")
    attempts: list[Attempt] = Field(description="All attempts so far, oldest first.")
    next_attempt_at: datetime | None = Field(description="When the next attempt starts; null once delivered or failed.")
    created_at: datetime = Field(description="When the event happened.")
    delivered_at: datetime | None = Field(description="When the receiver accepted the message; null before.")
    payload: str = Field(description="Body of the request, as JSON text.")

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> DeliveryView:
        """Return the view of a delivery."""
        return cls.model_validate({name: getattr(delivery, name) for name in cls.model_fields})


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    items: list[DeliveryView] = Field(description="The deliveries of this page.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")
