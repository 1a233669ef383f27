"""Error codes of webhooks."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "webhook_not_found": ErrorCode(404, "The webhook does not exist."),
    "delivery_not_found": ErrorCode(404, "The delivery does not exist."),
    "webhook_disabled": ErrorCode(409, "The webhook is disabled. Enable it first."),
    "too_many_webhooks": ErrorCode(409, "The account has reached its limit of webhooks."),
    "invalid_webhook_url": ErrorCode(422, "`url` is not an address that webhooks can be sent to."),
    "webhook_port_refused": ErrorCode(422, "The port of `url` is not allowed."),
    "webhook_address_refused": ErrorCode(422, "`url` does not lead to a public address."),
}
