"""API keys made and revoked by their owner.  A key never makes one that may do more than itself."""

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
from voicechanger.kit.paging import decode_cursor, encode_cursor

MAX_LIVE_KEYS: Final = 200


async def issue(session: AsyncSession, caller: Caller, wanted: NewKey) -> tuple[ApiKey, str]:
    """A new key and its text; Forbidden when it would be allowed more than the key that asks for it."""
    await lock_account(session, caller.account_id)
    if await store.live_keys(session, caller.account_id) >= MAX_LIVE_KEYS:
        raise Conflict(f"An account may have {MAX_LIVE_KEYS} live keys; revoke one.", code="too_many_keys")
    if caller.credit_cap is not None:
        raise Forbidden("A key with a credit cap may not make keys, for they would escape it.", code="key_is_capped")
    scopes: list[str] = sorted(caller.scopes if wanted.scopes is None else set(wanted.scopes))
    wider = sorted(set(scopes) - caller.scopes)
    if wider:
        raise Forbidden(f"This key may not give scopes that it lacks: {', '.join(wider)}.", code="scope_too_wide")
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
    """The expiry asked for, if it is no later than that of the key that asks."""
    own = await store.key_of(session, caller.account_id, caller.key_id) if caller.key_id else None
    if own is None or own.expires_at is None:
        return wanted
    if wanted is not None and wanted > own.expires_at:
        raise InvalidRequest(
            FieldProblem(
                "expires_at", "expiry_too_late", f"expires_at must be {own.expires_at.isoformat()} or earlier."
            )
        )
    return wanted or own.expires_at


async def page_of(
    session: AsyncSession, caller: Caller, limit: int, cursor: str | None
) -> tuple[list[ApiKey], str | None]:
    """Keys of the caller's account, the newest first, and the cursor of the next page."""
    found = await store.keys_page(session, caller.account_id, limit + 1, decode_cursor(cursor))
    page = found[:limit]
    return page, encode_cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None


async def revoke(session: AsyncSession, caller: Caller, key_id: uuid.UUID) -> None:
    """End a key at once; NotFound for any other account's."""
    await service.revoke_key(session, caller.account_id, key_id)
