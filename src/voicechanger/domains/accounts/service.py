"""Rules of accounts and API keys."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts import store
from voicechanger.domains.accounts.keys import SCOPES, new_key, parse_key
from voicechanger.domains.accounts.tables import Account, ApiKey
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.errors import FieldProblem, Forbidden, InvalidRequest, NotFound, Unauthenticated


async def create_account(
    session: AsyncSession,
    name: str,
    *,
    email: str | None = None,
    password_hash: str | None = None,
    is_admin: bool = False,
) -> Account:
    """Create an account without credits."""
    created = Account(name=name, email=email, password_hash=password_hash, is_admin=is_admin)
    session.add(created)
    await session.flush()
    return created


async def create_key(
    session: AsyncSession,
    account_id: uuid.UUID,
    name: str,
    *,
    scopes: list[str] | None = None,
    credit_cap: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create a key; return it and its text, which cannot be shown again."""
    wanted = list(SCOPES) if scopes is None else scopes
    if not wanted or set(wanted) - set(SCOPES):
        raise InvalidRequest(
            FieldProblem("scopes", "unknown_scope", f"`scopes` must be one or more of: {', '.join(SCOPES)}.")
        )
    if expires_at is not None and expires_at <= now():
        raise InvalidRequest(FieldProblem("expires_at", "expiry_in_past", "`expires_at` must be in the future."))
    parts = new_key()
    key = ApiKey(
        account_id=account_id,
        name=name,
        prefix=parts.prefix,
        secret_hash=parts.secret_hash,
        scopes=wanted,
        credit_cap=credit_cap,
        expires_at=expires_at,
    )
    session.add(key)
    await session.flush()
    return key, parts.text


async def revoke_key(session: AsyncSession, account_id: uuid.UUID, key_id: uuid.UUID) -> None:
    """Revoke a key of this account; raise NotFound for any other."""
    key = await store.key_of(session, account_id, key_id)
    if key is None:
        raise NotFound("There is no such key.", code="key_not_found")
    await store.revoke(session, key)


async def authenticate(session: AsyncSession, key_text: str) -> Caller:
    """Return the caller to whom an API key belongs; raise Unauthenticated or Forbidden.

    A malformed, an unknown, a revoked and an expired key get the same answer, so that keys cannot be probed.
    """
    parts = parse_key(key_text)
    found = await store.key_and_account(session, parts.prefix) if parts else None
    if parts is None or found is None or not parts.matches(found[0].secret_hash):
        raise Unauthenticated("This API key is not valid.", code="invalid_api_key")
    key, owner = found
    moment = now()
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= moment):
        raise Unauthenticated("This API key is not valid.", code="invalid_api_key")
    require_active(owner)
    await store.touch_key(session, key.id, moment)
    return Caller(owner.id, frozenset(key.scopes), key.id, key.credit_cap, owner.is_admin)


def require_active(account: Account) -> None:
    """Raise Forbidden when an account is suspended."""
    if account.suspended_at is not None:
        raise Forbidden("This account is suspended; ask the administrator of this server.", code="account_suspended")


async def account(session: AsyncSession, account_id: uuid.UUID) -> Account:
    """Return an account; raise NotFound when there is none with this id."""
    return _existing(await store.account_by_id(session, account_id))


async def first_account(session: AsyncSession) -> Account | None:
    """Return the oldest account, None when there is none."""
    return await store.first_account(session)


async def newest_accounts(session: AsyncSession, limit: int) -> list[Account]:
    """Return the newest accounts, newest first."""
    return await store.newest_accounts(session, limit)


async def keys_of(session: AsyncSession, account_id: uuid.UUID) -> list[ApiKey]:
    """Return every key of an account, newest first."""
    return await store.keys_of(session, account_id)


def _existing(found: Account | None) -> Account:
    if found is None:
        raise NotFound("There is no such account.", code="account_not_found")
    return found


async def suspend(session: AsyncSession, account_id: uuid.UUID, *, suspended: bool = True) -> Account:
    """Suspend an account, so that it can make no requests, or lift its suspension."""
    found = await account(session, account_id)
    found.suspended_at = now() if suspended else None
    await session.flush()
    return found
