"""Cursor pagination: `limit` and `cursor` in, `items` and `next_cursor` out."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.kit.database import page
from voicechanger.kit.errors import FieldProblem, InvalidRequest

Row = TypeVar("Row", bound=Any)

Limit = Annotated[int, Query(ge=1, le=100, description="Items a page, 1 to 100.")]
CursorText = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]


def encode_cursor(created_at: datetime, item_id: uuid.UUID) -> str:
    """Opaque position after an item."""
    return base64.urlsafe_b64encode(f"{created_at.isoformat()}|{item_id}".encode()).decode().rstrip("=")


def encode_number(number: int) -> str:
    """Opaque position after an item that is told by a number."""
    return base64.urlsafe_b64encode(f"#{number}".encode()).decode().rstrip("=")


def decode_number(cursor: str | None) -> int | None:
    """The position that `encode_number` named; InvalidRequest when it is anything else."""
    if not cursor:
        return None
    try:
        mark, digits = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("#")
        number = int(digits)
    except (ValueError, binascii.Error) as error:
        raise _not_ours() from error
    if mark or not 0 <= number < 1 << 63:
        raise _not_ours()
    return number


def _not_ours() -> InvalidRequest:
    return InvalidRequest(
        FieldProblem("cursor", "invalid_cursor", "cursor must be the next_cursor of an earlier answer.")
    )


def decode_cursor(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    """The position that `encode_cursor` named; InvalidRequest when it is anything else."""
    if not cursor:
        return None
    try:
        when, item = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        moment = datetime.fromisoformat(when)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment, uuid.UUID(item)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise _not_ours() from error


async def paginate(
    session: AsyncSession, query: Select[Row], table: type[Any], limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """Return a page of a query on `table`, newest first, and the cursor of the next page."""
    found = list(await session.scalars(page(query, table, limit + 1, decode_cursor(cursor))))
    items = found[:limit]
    return items, encode_cursor(items[-1].created_at, items[-1].id) if len(found) > limit else None
