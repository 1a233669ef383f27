"""Paginate lists: `limit` and `cursor` in the request, `items` and `next_cursor` in the response."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeVar

from fastapi import Query
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped

from voicechanger.kit.errors import FieldProblem, InvalidRequest
from voicechanger.kit.validation import StoredText

Limit = Annotated[int, Query(ge=1, le=100, description="Items per page, 1 to 100.")]
CursorText = Annotated[StoredText | None, Query(max_length=200, description="`next_cursor` of the previous page.")]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None
    """Start of the next page; None on the last page."""


@dataclass(frozen=True, slots=True)
class Order(Generic[Item]):
    """The columns that order a list, highest first, and the conversion of a position to a cursor."""

    columns: Sequence[InstrumentedAttribute[Any]]
    encode: Callable[[Item], str]
    decode: Callable[[str], tuple[Any, ...]]
    """Raises ValueError for a text that `encode` does not return."""


class _Dated(Protocol):
    created_at: Mapped[datetime]
    id: Mapped[uuid.UUID]


class _Numbered(Protocol):
    id: Mapped[int]


def newest_first(table: type[_Dated]) -> Order[Any]:
    """Order rows by creation time, newest first, then by ID, highest first."""
    columns: Any = (table.created_at, table.id)
    return Order(columns, lambda row: f"{row.created_at.isoformat()}|{row.id}", _decode_moment)


def highest_first(table: type[_Numbered]) -> Order[Any]:
    """Order rows by number, highest first."""
    columns: Any = (table.id,)
    return Order(columns, lambda row: f"#{row.id}", _decode_number)


async def paginate(
    session: AsyncSession, query: Select[Item], order: Order[Any], limit: int, cursor: str | None
) -> Page[Item]:
    """Return at most `limit` rows of a query after `cursor`; raise InvalidRequest when the cursor is invalid."""
    if cursor:
        query = query.where(tuple_(*order.columns) < _position(order, cursor))
    query = query.order_by(*(column.desc() for column in order.columns)).limit(limit + 1)
    found = list(await session.scalars(query))
    items = found[:limit]
    return Page(items, _opaque(order.encode(items[-1])) if len(found) > limit else None)


def _opaque(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _position(order: Order[Any], cursor: str) -> tuple[Any, ...]:
    try:
        return order.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, binascii.Error, OverflowError) as error:
        raise InvalidRequest(
            FieldProblem(
                "cursor", "invalid_cursor", "`cursor` is invalid; send the `next_cursor` of the previous page."
            )
        ) from error


def _decode_moment(position: str) -> tuple[datetime, uuid.UUID]:
    when, item = position.split("|")
    moment = datetime.fromisoformat(when)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment, uuid.UUID(item)


def _decode_number(position: str) -> tuple[int]:
    mark, digits = position.split("#")
    number = int(digits)
    if mark or not 0 <= number < 1 << 63:
        raise ValueError("not a number of a row")
    return (number,)
