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
    """A new account without credits."""
    account = Account(name=name, email=email, password_hash=password_hash, is_admin=is_admin)
    session.add(account)
    await session.flush()
    return account


async def create_key(
    session: AsyncSession,
    account_id: uuid.UUID,
    name: str,
    *,
    scopes: list[str] | None = None,
    credit_cap: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which cannot be had again."""
    wanted = list(SCOPES) if scopes is None else scopes
    if not wanted or set(wanted) - set(SCOPES):
        raise InvalidRequest(
            FieldProblem("scopes", "unknown_scope", f"scopes must be one or more of: {', '.join(SCOPES)}.")
        )
    if expires_at is not None and expires_at <= now():
        raise InvalidRequest(FieldProblem("expires_at", "expiry_in_past", "expires_at must lie in the future."))
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
    """End a key of this account; NotFound for any other."""
    key = await store.key_of(session, account_id, key_id)
    if key is None:
        raise NotFound("There is no such key.", code="key_not_found")
    await store.revoke(session, key)


async def authenticate(session: AsyncSession, key_text: str) -> Caller:
    """The caller whose key this is.

    A malformed, unknown, revoked or expired key get the same answer, so that nothing can be probed.
    """
    parts = parse_key(key_text)
    found = await store.key_and_account(session, parts.prefix) if parts else None
    if parts is None or found is None or not parts.matches(found[0].secret_hash):
        raise Unauthenticated("This API key is not valid.", code="invalid_api_key")
    key, account = found
    moment = now()
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= moment):
        raise Unauthenticated("This API key is not valid.", code="invalid_api_key")
    if account.suspended_at is not None:
        raise Forbidden("This account is suspended.", code="account_suspended")
    await store.touch_key(session, key.id, moment)
    return Caller(account.id, frozenset(key.scopes), key.id, key.credit_cap, account.is_admin)


async def suspend(session: AsyncSession, account_id: uuid.UUID, *, suspended: bool = True) -> Account:
    """Stop an account from making requests, or let it again."""
    account = await store.account_by_id(session, account_id)
    if account is None:
        raise NotFound("There is no such account.", code="account_not_found")
    account.suspended_at = now() if suspended else None
    await session.flush()
    return account
