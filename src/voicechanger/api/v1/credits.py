"""Routes of the ledger and of usage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.credits import service
from voicechanger.domains.credits.schemas import Bucket, LedgerEntry, LedgerPage, Usage, UsageBucket
from voicechanger.domains.credits.usage import usage
from voicechanger.infra.container import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit

router = APIRouter(prefix="/v1/account", tags=["Account"])


@router.get("/ledger", summary="List credit entries", openapi_extra=errors("invalid_cursor"))
async def ledger(request: Request, caller: SignedCaller, limit: Limit = 20, cursor: CursorText = None) -> LedgerPage:
    """List the entries of your ledger, newest first."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        found = await service.page_of(session, caller.account_id, limit, cursor)
    return LedgerPage(items=[LedgerEntry.of(entry) for entry in found.items], next_cursor=found.next_cursor)


@router.get("/usage", summary="Get usage", openapi_extra=errors("usage_span_too_long"))
async def show_usage(
    request: Request,
    caller: SignedCaller,
    bucket: Annotated[Bucket, Query(description="Length of a bucket; months are calendar months in UTC.")] = "day",
    start: Annotated[
        AwareDatetime | None, Query(description="Start of the span; by default 24 hours, 30 days or 1 year before end.")
    ] = None,
    end: Annotated[AwareDatetime | None, Query(description="End of the span; by default now.")] = None,
) -> Usage:
    """Return credits, jobs, characters and seconds of each bucket, by the time at which the jobs ended."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        rows = await usage(session, caller.account_id, bucket, start, end)
    return Usage(bucket=bucket, items=[UsageBucket.of(row) for row in rows])
