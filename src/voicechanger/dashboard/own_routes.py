"""Routes that only the dashboard uses: the signed-in person's sessions and password, and the administrator's view."""

from __future__ import annotations

import uuid
from datetime import datetime

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from voicechanger.dashboard.auth import Administrator, SignedInCaller, cookie_of
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts import sign_in
from voicechanger.domains.accounts.schemas import KeyView
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import statistics as jobs
from voicechanger.infra.container import services_of
from voicechanger.infra.queue import workers
from voicechanger.kit.errors import Forbidden
from voicechanger.kit.rate_limits.limiter import Attempts, refund_attempt, spend_attempt
from voicechanger.kit.validation import StoredText

router = APIRouter(prefix="/v1", include_in_schema=False)

_ACCOUNTS_SHOWN = 200
_GUESSES_PER_MINUTE = 5
"""Wrong old passwords of one account."""


class SessionView(BaseModel):
    """A signed-in browser."""

    id: uuid.UUID
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool


class PasswordChange(BaseModel):
    """A new password."""

    old_password: StoredText = Field(max_length=400)
    new_password: StoredText = Field(max_length=400)
    revoke_keys: bool = False
    """Whether the account's API keys end too."""


class LiveKeys(BaseModel):
    """The API keys that still work after a change of the password."""

    keys: list[KeyView]


@router.get("/account/sessions")
async def sessions(request: Request, caller: SignedInCaller) -> list[SessionView]:
    """List the signed-in person's sessions that have not expired."""
    token = request.cookies[cookie_of(request)]
    async with services_of(request).database.transaction() as session:
        rows = await sign_in.sessions_of(session, caller.account_id)
    return [
        SessionView(
            id=row.id,
            browser=row.browser,
            address=row.address,
            created_at=row.created_at,
            seen_at=row.seen_at,
            current=row.token_hash == sign_in.hash_token(token),
        )
        for row in rows
    ]


@router.delete("/account/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_session(request: Request, caller: SignedInCaller, session_id: uuid.UUID) -> None:
    """Sign a browser out."""
    async with services_of(request).database.transaction() as session:
        await sign_in.end_session(session, caller.account_id, session_id)


@router.post("/account/password")
async def change_password(request: Request, caller: SignedInCaller, body: PasswordChange) -> LiveKeys:
    """Set a new password, end every other session and return the keys that still work."""
    token = request.cookies[cookie_of(request)]
    database = services_of(request).database
    attempts = Attempts.of("password", str(caller.account_id), most=_GUESSES_PER_MINUTE)
    await spend_attempt(database, attempts)
    async with database.transaction() as session:
        live = await sign_in.change_password(
            session,
            caller.account_id,
            body.old_password,
            body.new_password,
            token,
            revoke_keys=body.revoke_keys,
        )
    await refund_attempt(database, attempts)
    return LiveKeys(keys=[KeyView.of(key) for key in live])


class AccountView(BaseModel):
    """An account, as the administrator sees it."""

    id: uuid.UUID
    name: str
    email: str | None
    is_admin: bool
    suspended: bool
    available: int
    created_at: datetime


class WorkerView(BaseModel):
    """A worker process."""

    host: str
    pid: int
    version: str
    ready: bool
    seen_at: datetime


class Health(BaseModel):
    """Open jobs and workers."""

    queued: int
    processing: int
    oldest_queued_at: datetime | None
    workers: list[WorkerView]


class Grant(BaseModel):
    """Credits to add, or to take away when negative."""

    amount: int = Field(ge=-1_000_000_000, le=1_000_000_000)
    note: StoredText = Field("", max_length=200)


class Suspension(BaseModel):
    """Whether the account is suspended."""

    suspended: bool


@router.get("/admin/accounts")
async def list_accounts(request: Request, caller: Administrator) -> list[AccountView]:
    """List the newest accounts and their credits."""
    async with services_of(request).database.transaction() as session:
        found = await accounts.newest_accounts(session, _ACCOUNTS_SHOWN)
        available = await credits.available_by_account(session, [account.id for account in found])
    return [
        AccountView(
            id=account.id,
            name=account.name,
            email=account.email,
            is_admin=account.is_admin,
            suspended=account.suspended_at is not None,
            available=available[account.id],
            created_at=account.created_at,
        )
        for account in found
    ]


@router.post("/admin/accounts/{account_id}/credits", status_code=status.HTTP_204_NO_CONTENT)
async def grant_credits(request: Request, caller: Administrator, account_id: uuid.UUID, body: Grant) -> None:
    """Add credits to an account."""
    async with services_of(request).database.transaction() as session:
        account = await accounts.account(session, account_id)
        await credits.grant(session, account.id, body.amount, body.note or "granted by the administrator")


@router.post("/admin/accounts/{account_id}/suspension", status_code=status.HTTP_204_NO_CONTENT)
async def suspend_account(request: Request, caller: Administrator, account_id: uuid.UUID, body: Suspension) -> None:
    """Suspend an account, or lift its suspension."""
    if account_id == caller.account_id:
        raise Forbidden("You cannot suspend your own account.", code="own_account")
    async with services_of(request).database.transaction() as session:
        await accounts.suspend(session, account_id, suspended=body.suspended)


@router.get("/admin/health")
async def show_health(request: Request, caller: Administrator) -> Health:
    """Show how many jobs wait and which workers run."""
    async with services_of(request).database.transaction() as session:
        counts = await jobs.open_by_status(session)
        oldest = await jobs.oldest_queued_at(session)
        rows = await workers.all_workers(session)
    return Health(
        queued=counts.get("queued", 0),
        processing=counts.get("processing", 0),
        oldest_queued_at=oldest,
        workers=[WorkerView(host=w.host, pid=w.pid, version=w.version, ready=w.ready, seen_at=w.seen_at) for w in rows],
    )
