"""The first administrator: whoever holds the one-time token that the owner of the machine was shown."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts import passwords, service, store
from voicechanger.domains.accounts.sign_in import hash_token, normalize_email
from voicechanger.domains.accounts.tables import Account
from voicechanger.kit.database import Database, now
from voicechanger.kit.errors import Conflict, Forbidden

LIFETIME: Final = timedelta(hours=24)
"""How long a token works."""


async def is_needed(session: AsyncSession) -> bool:
    """Return whether no administrator can sign in yet."""
    return not await store.any_administrator(session)


async def new_token(session: AsyncSession) -> str:
    """Return a token that makes one administrator; earlier tokens stop working."""
    token = secrets.token_urlsafe(32)
    await store.replace_setup_token(session, hash_token(token), now() + LIFETIME)
    return token


async def claim(database: Database, token: str, email: str, password: str, name: str) -> Account:
    """Make the holder of a token administrator, and use the token up.

    They get the first account, with its credits and keys, as long as nobody can sign in to it; else a new one.  Raises
    Forbidden for a token that is unknown, used or expired, Conflict when the address is taken.
    """
    address = normalize_email(email)
    hashed = await passwords.hash_password(password)
    async with database.transaction() as session:
        if not await store.use_setup_token(session, hash_token(token)):
            raise Forbidden(
                "This link is not valid, was used or has expired; `voicechanger accounts admin-link` prints a new one.",
                code="setup_token_invalid",
            )
        return await make_administrator(session, address, hashed, name)


async def make_administrator(session: AsyncSession, address: str, password_hash: str, name: str) -> Account:
    """Make an account that can sign in and administer; raise Conflict when the address is taken."""
    if await store.account_by_email(session, address) is not None:
        raise Conflict("There is an account with this address already; use another.", code="address_taken")
    first = await store.first_account(session)
    if first is not None and first.is_admin and first.password_hash is None:
        first.email, first.password_hash = address, password_hash
        first.name = name.strip()[:200] or first.name
        await session.flush()
        return first
    return await service.create_account(
        session, name.strip()[:200] or address, email=address, password_hash=password_hash, is_admin=True
    )
