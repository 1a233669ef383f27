"""API keys that their owner creates and revokes.  A key never creates one that may do more than itself."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts import service, store
from voicechanger.domains.accounts.schemas import NewKey
from voicechanger.domains.accounts.tables import ApiKey
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import Conflict, FieldProblem, Forbidden, InvalidRequest
from voicechanger.kit.paging import Page

MAX_LIVE_KEYS: Final = 200


async def issue(session: AsyncSession, caller: Caller, wanted: NewKey) -> tuple[ApiKey, str]:
    """Create a key; return it and its text.  Raise Forbidden when it could do more than the key that requests it."""
    await lock_account(session, caller.account_id)
    if await store.live_keys(session, caller.account_id) >= MAX_LIVE_KEYS:
        raise Conflict(
            f"An account may have {MAX_LIVE_KEYS} API keys that are not revoked; revoke one.", code="too_many_keys"
        )
    if caller.credit_cap is not None:
        raise Forbidden(
            "A key with a credit cap may not create keys, because the cap would not apply to them.",
            code="key_is_capped",
        )
    scopes: list[str] = sorted(caller.scopes if wanted.scopes is None else set(wanted.scopes))
    wider = sorted(set(scopes) - caller.scopes)
    if wider:
        raise Forbidden(f"This key may not grant scopes that it lacks: {', '.join(wider)}.", code="scope_too_wide")
    expires_at = await _within_own(session, caller, wanted.expires_at)
    return await service.create_key(
        session,
        caller.account_id,
        wanted.name,
        scopes=scopes,
        credit_cap=wanted.credit_cap,
        expires_at=expires_at,
    )


async def _within_own(session: AsyncSession, caller: Caller, wanted: datetime | None) -> datetime | None:
    """Return the requested expiry; raise InvalidRequest when it is later than that of the requesting key."""
    own = await store.key_of(session, caller.account_id, caller.key_id) if caller.key_id else None
    if own is None or own.expires_at is None:
        return wanted
    if wanted is not None and wanted > own.expires_at:
        raise InvalidRequest(
            FieldProblem(
                "expires_at", "expiry_too_late", f"`expires_at` must be {own.expires_at.isoformat()} or earlier."
            )
        )
    return wanted or own.expires_at


async def page_of(session: AsyncSession, caller: Caller, limit: int, cursor: str | None) -> Page[ApiKey]:
    """Return a page of the keys of the caller's account, newest first."""
    return await store.page_of_keys(session, caller.account_id, limit, cursor)


async def revoke(session: AsyncSession, caller: Caller, key_id: uuid.UUID) -> None:
    """Revoke a key at once; raise NotFound for any other account's, Forbidden for one stronger than the caller's."""
    own = await store.key_of(session, caller.account_id, caller.key_id) if caller.key_id else None
    target = await store.key_of(session, caller.account_id, key_id)
    if own is not None and target is not None and own.id != target.id and not _within(own, target):
        raise Forbidden(
            "This key may not revoke one that may do more; use that key itself or the dashboard.",
            code="key_is_stronger",
        )
    await service.revoke_key(session, caller.account_id, key_id)


def _within(own: ApiKey, target: ApiKey) -> bool:
    """Return whether a key may do no more than another one."""
    if own.credit_cap is not None or set(target.scopes) - set(own.scopes):
        return False
    return own.expires_at is None or (target.expires_at is not None and target.expires_at <= own.expires_at)
