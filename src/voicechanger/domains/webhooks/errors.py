"""Error codes of webhooks."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "webhook_not_found": ErrorCode(404, "There is no such webhook."),
    "delivery_not_found": ErrorCode(404, "There is no such delivery."),
    "webhook_disabled": ErrorCode(409, "The webhook is disabled; enable it first."),
    "too_many_webhooks": ErrorCode(409, "The account has as many webhooks as allowed."),
    "invalid_webhook_url": ErrorCode(422, "url is not an address to which webhooks can be sent."),
    "webhook_port_refused": ErrorCode(422, "The port of url is not allowed."),
    "webhook_address_refused": ErrorCode(422, "url does not name a host on the public Internet."),
}
