"""The account and its API keys over HTTP."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, status

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.accounts import issuing
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts.schemas import AccountView, KeyPage, KeyView, Limits, NewKey, NewKeyView
from voicechanger.domains.credits import service as credits
from voicechanger.infra.container import services_of
from voicechanger.kit.openapi import errors
from voicechanger.kit.paging import CursorText, Limit
from voicechanger.settings import Settings

router = APIRouter(prefix="/v1/account", tags=["Account"])


@router.get("", summary="Get your account")
async def show(request: Request, caller: SignedCaller) -> AccountView:
    """Return your balance, the credits reserved for open jobs, and the limits of this server."""
    caller.require("account")
    services = services_of(request)
    async with services.database.transaction() as session:
        account = await accounts.account(session, caller.account_id)
        balance = await credits.balance(session, caller.account_id)
    return AccountView(
        id=account.id,
        name=account.name,
        balance=balance.available,
        reserved=balance.reserved,
        limits=_limits(services.settings),
    )


def _limits(settings: Settings) -> Limits:
    return Limits.model_validate({name: getattr(settings, name) for name in Limits.model_fields})


@router.get("/keys", summary="List API keys", openapi_extra=errors("invalid_cursor"))
async def page(request: Request, caller: SignedCaller, limit: Limit = 20, cursor: CursorText = None) -> KeyPage:
    """List your API keys, newest first, including revoked keys."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        found = await issuing.page_of(session, caller, limit, cursor)
    return KeyPage(items=[KeyView.of(key) for key in found.items], next_cursor=found.next_cursor)


@router.post(
    "/keys",
    summary="Create an API key",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=errors("expiry_in_past", "expiry_too_late", "scope_too_wide", "key_is_capped", "too_many_keys"),
)
async def create(request: Request, caller: SignedCaller, body: NewKey) -> NewKeyView:
    """Create an API key and return it once. It cannot have more rights than the key of this request."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        key, text = await issuing.issue(session, caller, body)
    return NewKeyView.with_text(key, text)


@router.delete(
    "/keys/{key_id}",
    summary="Revoke an API key",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=errors("key_not_found", "key_is_stronger"),
)
async def revoke(request: Request, caller: SignedCaller, key_id: uuid.UUID) -> None:
    """Revoke a key. It stops working at once; its jobs continue."""
    caller.require("account")
    async with services_of(request).database.transaction() as session:
        await issuing.revoke(session, caller, key_id)
