"""Error codes of credits."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "insufficient_credits": ErrorCode(402, "The account has too few credits; see `required` and `available`."),
    "key_cap_reached": ErrorCode(402, "The credit cap of the key is reached."),
    "usage_span_too_long": ErrorCode(422, "The span has too many buckets, or ends before it starts."),
    "amount_zero": ErrorCode(422, "An amount of credits must not be 0.", in_reference=False),
}
