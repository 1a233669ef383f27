"""The ledger and what was used, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.credits import service
from voicechanger.domains.credits.schemas import Bucket, LedgerEntry, LedgerPage, Usage, UsageBucket
from voicechanger.domains.credits.usage import usage
from voicechanger.infra.services import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit

router = APIRouter(prefix="/v1/account", tags=["Account"])


@router.get("/ledger", summary="List credit entries", openapi_extra=errors("invalid_cursor"))
async def ledger(request: Request, caller: SignedCaller, limit: Limit = 20, cursor: CursorText = None) -> LedgerPage:
    """Every movement of your credits, the newest first."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        found = await service.page_of(session, caller.account_id, limit, cursor)
    return LedgerPage(items=[LedgerEntry.of(entry) for entry in found.items], next_cursor=found.next_cursor)


@router.get("/usage", summary="Get what was used", openapi_extra=errors("usage_span_too_long"))
async def show_usage(
    request: Request,
    caller: SignedCaller,
    bucket: Annotated[Bucket, Query(description="Length of a bucket; months are the calendar's, in UTC.")] = "day",
    start: Annotated[
        AwareDatetime | None, Query(description="First moment; by default 24 hours, 30 days or a year before end.")
    ] = None,
    end: Annotated[AwareDatetime | None, Query(description="Last moment; by default now.")] = None,
) -> Usage:
    """Credits, jobs, characters and seconds by the time at which jobs ended."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        rows = await usage(session, caller.account_id, bucket, start, end)
    return Usage(bucket=bucket, items=[UsageBucket.of(row) for row in rows])
