"""Pages of a list: every row once, in order, whatever is written in between; and cursors that are invalid."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.support.server import Member, Server
from voicechanger.domains.accounts.tables import ApiKey
from voicechanger.kit.errors import InvalidRequest
from voicechanger.kit.paging import highest_first, newest_first, paginate

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
QUERY = select(ApiKey).where(ApiKey.name == "row")


def key(member: Member, created_at: datetime) -> ApiKey:
    return ApiKey(
        account_id=member.account_id,
        name="row",
        prefix=uuid.uuid4().hex[:10],
        secret_hash=b"",
        scopes=["jobs"],
        created_at=created_at,
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_hold_every_row_once_in_order(member: Member, server: Server, limit: int) -> None:
    # some were created at the same time
    rows = [key(member, BEGAN + timedelta(seconds=number // 3)) for number in range(7)]
    async with server.services.database.transaction() as session:
        session.add_all(rows)
    expected = sorted(((row.created_at, row.id) for row in rows), reverse=True)
    seen: list[tuple[datetime, uuid.UUID]] = []
    sizes: list[int] = []
    cursor: str | None = None
    while True:
        async with server.services.database.transaction() as session:
            page = await paginate(session, QUERY, newest_first(ApiKey), limit, cursor)
            seen += [(row.created_at, row.id) for row in page.items]
            # rows that come later do not move the ones that are still to be listed
            session.add(key(member, BEGAN + timedelta(days=1)))
        sizes.append(len(page.items))
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == expected
    assert sizes[:-1] == [limit] * (len(sizes) - 1) and sizes[-1] > 0


@pytest.mark.parametrize("cursor", ["x", "%", "LTE", "MjAyNg", "I" * 200, "MjAyNi0wMS0wMVQwMDowMDowMHx4", "\x00", "é"])
@pytest.mark.parametrize("order", [newest_first(ApiKey), highest_first(ApiKey)], ids=["moment", "number"])  # type: ignore[arg-type]
async def test_an_invalid_cursor(server: Server, cursor: str, order: object) -> None:
    async with server.services.database.transaction() as session:
        with pytest.raises(InvalidRequest) as caught:
            await paginate(session, QUERY, order, 10, cursor)  # type: ignore[arg-type]
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("cursor", "invalid_cursor")]
    assert caught.value.message == "`cursor` is invalid; send the `next_cursor` of the previous page."
