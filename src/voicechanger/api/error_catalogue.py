"""Every error code that a caller may meet, merged from the parts that declare them.

`docs/guide/errors.md` lists the same codes; tests compare both with what the source raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voicechanger.api.openai import errors as openai
from voicechanger.domains.accounts import errors as accounts
from voicechanger.domains.clips import errors as clips
from voicechanger.domains.credits import errors as credits
from voicechanger.domains.jobs import errors as jobs
from voicechanger.domains.pronunciations import errors as pronunciations
from voicechanger.domains.voices import errors as voices
from voicechanger.domains.webhooks import errors as webhooks
from voicechanger.infra.storage import errors as storage
from voicechanger.kit import errors as kit
from voicechanger.kit.errors import ErrorCode, ErrorCodes

_FILES: ErrorCodes = {
    "range_not_satisfiable": ErrorCode(416, "The file is shorter than the requested range.", in_reference=False),
}

ALWAYS: Final = (
    "missing_api_key",
    "invalid_api_key",
    "signed_out",
    "csrf_failed",
    "account_suspended",
    "scope_missing",
    "rate_limited",
    "too_many_failures",
    "internal_error",
    "database_unavailable",
)
"""Codes that every route with an API key may answer."""


def merge(parts: Iterable[ErrorCodes]) -> dict[str, ErrorCode]:
    """Merge the codes of several parts; raise ValueError when two parts declare the same code."""
    merged: dict[str, ErrorCode] = {}
    for part in parts:
        twice = merged.keys() & part.keys()
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
        merged.update(part)
    return merged


CATALOGUE: Final = merge(
    (
        kit.ERRORS,
        storage.ERRORS,
        accounts.ERRORS,
        credits.ERRORS,
        pronunciations.ERRORS,
        webhooks.ERRORS,
        clips.ERRORS,
        jobs.ERRORS,
        voices.ERRORS,
        openai.ERRORS,
        _FILES,
    )
)
