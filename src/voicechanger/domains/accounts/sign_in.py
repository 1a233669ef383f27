"""Signing in on the dashboard: server-side sessions behind an opaque cookie, and the token against forged requests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.accounts import passwords, service, store
from voicechanger.domains.accounts.keys import SCOPES
from voicechanger.domains.accounts.tables import Account, ApiKey, SignIn
from voicechanger.domains.credits import service as credits
from voicechanger.kit.browser_request import BrowserRequest
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import Database, now
from voicechanger.kit.errors import FieldProblem, Forbidden, InvalidRequest, NotFound, Unauthenticated

LIFETIME: Final = timedelta(days=14)
"""How long a session lasts after its last use."""
LONGEST: Final = timedelta(days=30)
"""How long a session lasts at most, however often it is used."""
_SEEN_INTERVAL = timedelta(minutes=5)
"""`seen_at` is written at most this often."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that signs in, for the list of sessions."""

    name: str
    address: str


def hash_token(token: str) -> bytes:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def csrf_token(secret: bytes, token: str) -> str:
    """Return what a page of this session must send with every change; it is useless without the cookie."""
    return hmac.new(secret, b"voicechanger csrf " + token.encode(), "sha256").hexdigest()


def normalize_email(email: str) -> str:
    """Return the address in lower case without spaces around it; raise InvalidRequest when it is not an address."""
    text = email.strip().lower()
    local, _, domain = text.rpartition("@")
    if not local or "." not in domain or len(text) > 320 or any(c.isspace() for c in text):
        raise InvalidRequest(
            FieldProblem("email", "invalid_email", "`email` must be an e-mail address such as ada@example.org.")
        )
    return text


def cookie_name(base_url: str) -> str:
    """Return the name of the session's cookie; under https no other host and no plain connection can set it."""
    return "__Host-voicechanger_session" if base_url.startswith("https:") else "voicechanger_session"


async def sign_up(database: Database, email: str, password: str, name: str, *, signup_credits: int) -> None:
    """Create an account that can sign in, unless the address is taken.

    Nothing shows the caller which of the two happened, and both take as long, so that nobody learns who has an account.
    """
    address = normalize_email(email)
    hashed = await passwords.hash_password(password)
    shown = name.strip()[:200] or address[:200]
    try:
        async with database.transaction() as session:
            taken = await store.account_by_email(session, address) is not None
            account = await service.create_account(
                session, shown, email=None if taken else address, password_hash=hashed
            )
            if signup_credits:
                await credits.grant(session, account.id, signup_credits, "sign-up")
            if taken:
                await session.rollback()
    except IntegrityError:
        # another request took the address in the meantime
        return


async def verify(database: Database, email: str, password: str) -> Account:
    """Return the account of a correct pair; every wrong pair gets the same error after the same time.

    No connection is held while the password is hashed.
    """
    async with database.transaction() as session:
        account = await store.account_by_email(session, email.strip().lower())
    if not await passwords.matches(password, account.password_hash if account else None) or account is None:
        raise Unauthenticated("The e-mail address or the password is wrong.", code="sign_in_failed")
    service.require_active(account)
    return account


async def start_session(session: AsyncSession, account_id: uuid.UUID, browser: Browser) -> str:
    """Start a session and return the token for its cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            account_id=account_id,
            token_hash=hash_token(token),
            browser=browser.name.replace("\0", "")[:200],
            address=browser.address[:64],
            expires_at=now() + LIFETIME,
        )
    )
    await session.flush()
    return token


async def _account_of(session: AsyncSession, token: str) -> Account | None:
    """Return the account that is signed in with a token and extend its session; None when it has expired."""
    found = await store.account_and_sign_in(session, hash_token(token))
    if found is None:
        return None
    account, sign_in = found
    if sign_in.seen_at < now() - _SEEN_INTERVAL:
        sign_in.seen_at, sign_in.expires_at = now(), min(now() + LIFETIME, sign_in.created_at + LONGEST)
    return account


async def caller_of_session(session: AsyncSession, token: str) -> Caller | None:
    """Return who is signed in with a token; None when it is unknown or expired, or the account is suspended."""
    account = await _account_of(session, token)
    return None if account is None or account.suspended_at is not None else _caller(account)


async def caller_from_cookie(session: AsyncSession, request: BrowserRequest, secret: bytes) -> Caller:
    """Return the signed-in caller; raise Unauthenticated without a live session, Forbidden for a forged request.

    A request that may change something needs the page's token, or the browser's statement that a page of this very
    origin sent it (Fetch Metadata), so that no other site can cause one.
    """
    account = await _account_of(session, request.token)
    if account is None:
        raise Unauthenticated("You are signed out; sign in on the dashboard.", code="signed_out")
    service.require_active(account)
    expected = csrf_token(secret, request.token).encode()
    if request.changes and not request.same_origin and not hmac.compare_digest(expected, (request.csrf or "").encode()):
        raise Forbidden("This request did not come from the dashboard.", code="csrf_failed")
    return _caller(account)


def _caller(account: Account) -> Caller:
    return Caller(account.id, frozenset(SCOPES), None, None, account.is_admin)


async def sessions_of(session: AsyncSession, account_id: uuid.UUID) -> list[SignIn]:
    """Return the sessions of an account that have not expired, the last used first."""
    return await store.sign_ins_of(session, account_id)


async def sign_out(session: AsyncSession, token: str) -> None:
    """End the session of a token."""
    await store.delete_sign_in(session, hash_token(token))


async def end_session(session: AsyncSession, account_id: uuid.UUID, sign_in_id: uuid.UUID) -> None:
    """End one session of an account; raise NotFound for any other."""
    sign_in = await store.sign_in_of(session, account_id, sign_in_id)
    if sign_in is None:
        raise NotFound("There is no such session.", code="session_not_found")
    await session.delete(sign_in)


async def change_password(
    session: AsyncSession, account_id: uuid.UUID, old: str, new: str, keep_token: str, *, revoke_keys: bool = False
) -> list[ApiKey]:
    """Set a new password, end every session except the one of `keep_token`, and return the keys that still work.

    `revoke_keys` ends those too.
    """
    account = await service.account(session, account_id)
    if not await passwords.matches(old, account.password_hash):
        raise InvalidRequest(FieldProblem("old_password", "password_wrong", "The old password is wrong."))
    account.password_hash = await passwords.hash_password(new)
    await store.delete_other_sign_ins(session, account.id, hash_token(keep_token))
    if revoke_keys:
        await store.revoke_all(session, account.id)
    return [key for key in await store.keys_of(session, account.id) if key.revoked_at is None]
