"""All SQL on accounts, API keys and sign-ins."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts.tables import Account, ApiKey, SetupToken, SignIn
from voicechanger.kit.database import now
from voicechanger.kit.paging import Page, newest_first, paginate

_LONGEST_SIGN_IN = timedelta(days=30)
_LAST_USED_INTERVAL = timedelta(seconds=60)
"""`last_used_at` is written at most this often, so that a busy key does not rewrite its row on every call."""


async def account_by_id(session: AsyncSession, account_id: uuid.UUID) -> Account | None:
    """Return one account."""
    return await session.get(Account, account_id)


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """Return the account with a lower-case e-mail address."""
    return await session.scalar(select(Account).where(Account.email == email))


async def first_account(session: AsyncSession) -> Account | None:
    """Return the oldest account."""
    return await session.scalar(select(Account).order_by(Account.created_at).limit(1))


async def key_and_account(session: AsyncSession, prefix: str) -> tuple[ApiKey, Account] | None:
    """Return the key with this prefix and its owner."""
    row = (
        await session.execute(
            select(ApiKey, Account).join(Account, Account.id == ApiKey.account_id).where(ApiKey.prefix == prefix)
        )
    ).first()
    return (row[0], row[1]) if row else None


async def keys_of(session: AsyncSession, account_id: uuid.UUID) -> list[ApiKey]:
    """Return every key of an account, newest first."""
    rows = await session.scalars(
        select(ApiKey).where(ApiKey.account_id == account_id).order_by(ApiKey.created_at.desc())
    )
    return list(rows)


async def key_of(session: AsyncSession, account_id: uuid.UUID, key_id: uuid.UUID) -> ApiKey | None:
    """Return one key of an account."""
    return await session.scalar(select(ApiKey).where(ApiKey.account_id == account_id, ApiKey.id == key_id))


async def touch_key(session: AsyncSession, key_id: uuid.UUID, moment: datetime) -> None:
    """Record that a key was used."""
    await session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < moment - _LAST_USED_INTERVAL),
        )
        .values(last_used_at=moment)
    )


async def revoke(session: AsyncSession, key: ApiKey) -> None:
    """Revoke a key at once."""
    key.revoked_at = key.revoked_at or now()
    await session.flush()


async def revoke_all(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Revoke every key of an account at once."""
    await session.execute(
        update(ApiKey).where(ApiKey.account_id == account_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now())
    )


async def any_administrator(session: AsyncSession) -> bool:
    """Return whether any administrator can sign in on the dashboard."""
    query = select(Account.id).where(Account.password_hash.is_not(None), Account.is_admin)
    return await session.scalar(query.limit(1)) is not None


async def use_setup_token(session: AsyncSession, token_hash: bytes) -> bool:
    """Delete a token that has not expired; return whether there was one.  Of several at once, one gets it."""
    query = delete(SetupToken).where(SetupToken.token_hash == token_hash, SetupToken.expires_at > now())
    return await session.scalar(query.returning(SetupToken.token_hash)) is not None


async def replace_setup_token(session: AsyncSession, token_hash: bytes, expires_at: datetime) -> None:
    """Store the hash of a new token; every earlier one stops working."""
    await session.execute(delete(SetupToken))
    session.add(SetupToken(token_hash=token_hash, expires_at=expires_at))
    await session.flush()


async def live_keys(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return how many keys of an account are not revoked."""
    count = await session.scalar(
        select(func.count()).select_from(ApiKey).where(ApiKey.account_id == account_id, ApiKey.revoked_at.is_(None))
    )
    return int(count or 0)


async def page_of_keys(session: AsyncSession, account_id: uuid.UUID, limit: int, cursor: str | None) -> Page[ApiKey]:
    """Return a page of an account's keys, newest first."""
    query = select(ApiKey).where(ApiKey.account_id == account_id)
    return await paginate(session, query, newest_first(ApiKey), limit, cursor)


async def newest_accounts(session: AsyncSession, limit: int) -> list[Account]:
    """Return the newest accounts, newest first."""
    return list(await session.scalars(select(Account).order_by(Account.created_at.desc()).limit(limit)))


async def account_and_sign_in(session: AsyncSession, token_hash: bytes) -> tuple[Account, SignIn] | None:
    """Return the account that is signed in with a token, and its sign-in; None when it is unknown or has expired."""
    query = (
        select(Account, SignIn)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.token_hash == token_hash, SignIn.expires_at > now(), SignIn.created_at > now() - _LONGEST_SIGN_IN)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def sign_ins_of(session: AsyncSession, account_id: uuid.UUID) -> list[SignIn]:
    """Return the sign-ins of an account that have not expired, the last used first."""
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at > now())
    return list(await session.scalars(query.order_by(SignIn.seen_at.desc())))


async def sign_in_of(session: AsyncSession, account_id: uuid.UUID, sign_in_id: uuid.UUID) -> SignIn | None:
    """Return one sign-in of an account."""
    return await session.scalar(select(SignIn).where(SignIn.account_id == account_id, SignIn.id == sign_in_id))


async def delete_sign_in(session: AsyncSession, token_hash: bytes) -> None:
    """Delete the sign-in with a token."""
    await session.execute(delete(SignIn).where(SignIn.token_hash == token_hash))


async def delete_other_sign_ins(session: AsyncSession, account_id: uuid.UUID, token_hash: bytes) -> None:
    """Delete every sign-in of an account except the one with a token."""
    await session.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.token_hash != token_hash))
