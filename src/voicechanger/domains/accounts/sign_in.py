"""Signing in on the dashboard: server-side sessions behind an opaque cookie, and the token against forged requests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts import passwords, store
from voicechanger.domains.accounts.keys import SCOPES
from voicechanger.domains.accounts.service import create_account
from voicechanger.domains.accounts.tables import Account, SignIn
from voicechanger.domains.credits import service as credits
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.errors import Conflict, FieldProblem, Forbidden, InvalidRequest, NotFound, Unauthenticated

COOKIE: Final = "voicechanger_session"
LIFETIME: Final = timedelta(days=14)
"""Since it was last used."""
_SEEN_STEP = timedelta(minutes=5)
"""`seen_at` is written at most this often."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Who is at the other end."""

    name: str
    address: str


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def csrf_token(secret: bytes, token: str) -> str:
    """What a page of this session must send with every change; useless without the cookie."""
    return hmac.new(secret, b"voicechanger csrf " + token.encode(), "sha256").hexdigest()


def clean_email(email: str) -> str:
    """Lower case, trimmed; InvalidRequest when it is no address."""
    text = email.strip().lower()
    local, _, domain = text.rpartition("@")
    if not local or "." not in domain or len(text) > 320 or any(c.isspace() for c in text):
        raise InvalidRequest(FieldProblem("email", "invalid_email", "Give a valid e-mail address."))
    return text


async def sign_up(
    session: AsyncSession, email: str, password: str, name: str, *, signup_credits: int, first_is_admin: bool
) -> Account:
    """A new account.  Conflict when the address is taken.

    `first_is_admin` makes the first person who signs up the administrator: for a server that only its owner reaches.
    """
    address = clean_email(email)
    hashed = await passwords.hash_password(password)
    if await store.account_by_email(session, address) is not None:
        raise Conflict("This address cannot be used to sign up.", code="sign_up_refused")
    first = first_is_admin and not await store.any_password(session)
    account = await create_account(
        session, name.strip()[:200] or address, email=address, password_hash=hashed, is_admin=first
    )
    if signup_credits:
        await credits.grant(session, account.id, signup_credits, "sign-up")
    return account


async def verify(session: AsyncSession, email: str, password: str) -> Account:
    """The account of a right pair; one and the same error, after the same time, for every wrong one."""
    account = await store.account_by_email(session, email.strip().lower())
    if not await passwords.matches(password, account.password_hash if account else None) or account is None:
        raise Unauthenticated("The address or the password is wrong.", code="sign_in_failed")
    if account.suspended_at is not None:
        raise Forbidden("This account is suspended.", code="account_suspended")
    return account


async def start(session: AsyncSession, account_id: uuid.UUID, browser: Browser) -> str:
    """A new session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            account_id=account_id,
            token_hash=_hash(token),
            browser=browser.name[:200],
            address=browser.address[:64],
            expires_at=now() + LIFETIME,
        )
    )
    await session.flush()
    return token


async def account_of(session: AsyncSession, token: str) -> tuple[Account, SignIn] | None:
    """Who is signed in with a token; None when it is unknown or has expired."""
    row = (
        await session.execute(
            select(Account, SignIn)
            .join(SignIn, SignIn.account_id == Account.id)
            .where(SignIn.token_hash == _hash(token), SignIn.expires_at > now())
        )
    ).first()
    if row is None:
        return None
    account, sign_in = row
    if sign_in.seen_at < now() - _SEEN_STEP:
        sign_in.seen_at, sign_in.expires_at = now(), now() + LIFETIME
    return account, sign_in


async def caller_from_cookie(
    session: AsyncSession, token: str, *, changes: bool, csrf: str | None, same_origin: bool, secret: bytes
) -> Caller:
    """The signed-in caller.

    A change needs the page's token, or the browser's own word that a page of this very origin asks for it
    (Fetch Metadata, Sec-Fetch-Site), so that no other site can make one.
    """
    found = await account_of(session, token)
    if found is None:
        raise Unauthenticated("You are signed out.", code="signed_out")
    account, _ = found
    if account.suspended_at is not None:
        raise Forbidden("This account is suspended.", code="account_suspended")
    if (
        changes
        and not same_origin
        and not hmac.compare_digest(csrf_token(secret, token).encode(), (csrf or "").encode())
    ):
        raise Forbidden("This request did not come from the dashboard.", code="csrf_failed")
    return Caller(account.id, frozenset(SCOPES), None, None, account.is_admin)


async def sessions_of(session: AsyncSession, account_id: uuid.UUID) -> list[SignIn]:
    """Live sessions of an account, the last used first."""
    rows = await session.scalars(
        select(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at > now()).order_by(SignIn.seen_at.desc())
    )
    return list(rows)


async def end(session: AsyncSession, token: str) -> None:
    """Sign out."""
    await session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))


async def end_one(session: AsyncSession, account_id: uuid.UUID, sign_in_id: uuid.UUID) -> None:
    """End one session of an account; NotFound for any other."""
    sign_in = await session.scalar(select(SignIn).where(SignIn.account_id == account_id, SignIn.id == sign_in_id))
    if sign_in is None:
        raise NotFound("There is no such session.", code="session_not_found")
    await session.delete(sign_in)


async def change_password(session: AsyncSession, account: Account, old: str, new: str, keep_token: str) -> None:
    """Set a new password and end every other session."""
    if not await passwords.matches(old, account.password_hash):
        raise InvalidRequest(FieldProblem("old_password", "password_wrong", "The old password is wrong."))
    account.password_hash = await passwords.hash_password(new)
    await session.execute(delete(SignIn).where(SignIn.account_id == account.id, SignIn.token_hash != _hash(keep_token)))
