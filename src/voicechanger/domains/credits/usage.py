"""What an account used, by hour, day or month."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.credits import store
from voicechanger.domains.credits.store import UsageRow
from voicechanger.kit.database import now
from voicechanger.kit.errors import FieldProblem, InvalidRequest

MAX_BUCKETS: Final = 1_000
_LENGTH: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=28)}
_DEFAULT: Final = {"hour": timedelta(hours=24), "day": timedelta(days=30), "month": timedelta(days=365)}
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The bucket that holds a later moment may end after the last year that a datetime can hold."""


async def usage(
    session: AsyncSession, account_id: uuid.UUID, bucket: str, start: datetime | None, end: datetime | None
) -> list[UsageRow]:
    """One row a bucket, from the one that holds `start` to the one before or at `end`; InvalidRequest when too many."""
    until = end or now()
    if until >= _LATEST:
        raise InvalidRequest(FieldProblem("end", "field_invalid", "end must be before the year 9999."))
    if start is None:
        start = max(_EARLIEST, until) - _DEFAULT[bucket]
    if not _EARLIEST - _DEFAULT["month"] <= start < until or (until - start) / _LENGTH[bucket] > MAX_BUCKETS:
        message = f"Give a span that begins before it ends and holds at most {MAX_BUCKETS} buckets."
        raise InvalidRequest(*(FieldProblem(field, "usage_span_too_long", message) for field in ("start", "end")))
    return await store.usage(session, account_id, bucket, start, until)
