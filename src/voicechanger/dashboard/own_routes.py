"""What only the dashboard needs: the signed-in person's sessions and password, and the administrator's view."""

from __future__ import annotations

import uuid
from datetime import datetime

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from voicechanger.api.auth import SignedCaller
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts import sign_in, store
from voicechanger.domains.accounts.tables import Account
from voicechanger.domains.credits import service as credits
from voicechanger.domains.credits.tables import CreditEntry
from voicechanger.domains.jobs.tables import Job
from voicechanger.infra.queue.tables import Worker
from voicechanger.infra.services import services_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import Forbidden, NotFound, Unauthenticated

router = APIRouter(prefix="/v1", include_in_schema=False)


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

    old_password: str = Field(max_length=400)
    new_password: str = Field(max_length=400)


def _token(request: Request) -> str:
    token = request.cookies.get(sign_in.COOKIE)
    if not token:
        raise Unauthenticated("Sign in on the dashboard for this.", code="signed_out")
    return token


@router.get("/account/sessions")
async def sessions(request: Request, caller: SignedCaller) -> list[SessionView]:
    """Live sessions of the signed-in person."""
    token = _token(request)
    async with services_of(request).database.transaction() as session:
        found = await sign_in.account_of(session, token)
        rows = await sign_in.sessions_of(session, caller.account_id)
    mine = found[1].id if found else None
    return [
        SessionView(
            id=row.id,
            browser=row.browser,
            address=row.address,
            created_at=row.created_at,
            seen_at=row.seen_at,
            current=row.id == mine,
        )
        for row in rows
    ]


@router.delete("/account/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_session(request: Request, caller: SignedCaller, session_id: uuid.UUID) -> None:
    """Sign a browser out."""
    _token(request)
    async with services_of(request).database.transaction() as session:
        await sign_in.end_one(session, caller.account_id, session_id)


@router.post("/account/password", status_code=status.HTTP_204_NO_CONTENT)
async def change_password(request: Request, caller: SignedCaller, body: PasswordChange) -> None:
    """Set a new password; every other session ends."""
    token = _token(request)
    async with services_of(request).database.transaction() as session:
        account = await store.account_by_id(session, caller.account_id)
        if account is None:
            raise NotFound("There is no such account.", code="account_not_found")
        await sign_in.change_password(session, account, body.old_password, body.new_password, token)


class AccountView(BaseModel):
    """An account, as its administrator sees it."""

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
    """How the machinery is."""

    queued: int
    processing: int
    oldest_queued_at: datetime | None
    workers: list[WorkerView]


class Grant(BaseModel):
    """Credits to give, or to take when negative."""

    amount: int = Field(ge=-1_000_000_000, le=1_000_000_000)
    note: str = Field("", max_length=200)


class Suspension(BaseModel):
    """Whether the account may make requests."""

    suspended: bool


def _admin(caller: Caller) -> None:
    if not caller.is_admin or caller.key_id is not None:
        raise Forbidden("Only the administrator may do that.", code="admin_only")


@router.get("/admin/accounts")
async def all_accounts(request: Request, caller: SignedCaller) -> list[AccountView]:
    """The newest accounts and their credits."""
    _admin(caller)
    total = func.coalesce(func.sum(CreditEntry.amount), 0)
    query = (
        select(Account, total)
        .outerjoin(CreditEntry, CreditEntry.account_id == Account.id)
        .group_by(Account.id)
        .order_by(Account.created_at.desc())
        .limit(200)
    )
    async with services_of(request).database.transaction() as session:
        rows = (await session.execute(query)).all()
    return [
        AccountView(
            id=account.id,
            name=account.name,
            email=account.email,
            is_admin=account.is_admin,
            suspended=account.suspended_at is not None,
            available=int(available),
            created_at=account.created_at,
        )
        for account, available in rows
    ]


@router.post("/admin/accounts/{account_id}/credits", status_code=status.HTTP_204_NO_CONTENT)
async def grant(request: Request, caller: SignedCaller, account_id: uuid.UUID, body: Grant) -> None:
    """Give an account credits."""
    _admin(caller)
    async with services_of(request).database.transaction() as session:
        if await store.account_by_id(session, account_id) is None:
            raise NotFound("There is no such account.", code="account_not_found")
        await credits.grant(session, account_id, body.amount, body.note or "granted by the administrator")


@router.post("/admin/accounts/{account_id}/suspension", status_code=status.HTTP_204_NO_CONTENT)
async def suspend(request: Request, caller: SignedCaller, account_id: uuid.UUID, body: Suspension) -> None:
    """Suspend an account, or lift it."""
    _admin(caller)
    if account_id == caller.account_id:
        raise Forbidden("You cannot suspend yourself.", code="own_account")
    async with services_of(request).database.transaction() as session:
        await accounts.suspend(session, account_id, suspended=body.suspended)


@router.get("/admin/health")
async def health(request: Request, caller: SignedCaller) -> Health:
    """Queue and workers."""
    _admin(caller)
    async with services_of(request).database.transaction() as session:
        counts = (await session.execute(select(Job.status, func.count()).group_by(Job.status))).all()
        oldest = await session.scalar(select(func.min(Job.created_at)).where(Job.status == "queued"))
        workers = list(await session.scalars(select(Worker).order_by(Worker.started_at)))
    by_status = {name: int(count) for name, count in counts}
    return Health(
        queued=by_status.get("queued", 0),
        processing=by_status.get("processing", 0),
        oldest_queued_at=oldest,
        workers=[
            WorkerView(host=w.host, pid=w.pid, version=w.version, ready=w.ready, seen_at=w.seen_at) for w in workers
        ],
    )
