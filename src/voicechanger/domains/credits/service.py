"""Rules of the ledger: reserve when a job is accepted, settle when it completes, release when it does not.

Each function works inside the caller's transaction, the one that changes the job.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.credits import store
from voicechanger.domains.credits.store import Balance
from voicechanger.domains.credits.tables import CreditEntry
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import FieldProblem, InsufficientCredits, InvalidRequest
from voicechanger.kit.paging import Page


async def grant(session: AsyncSession, account_id: uuid.UUID, amount: int, note: str = "") -> None:
    """Add credits; a negative amount takes some away."""
    if amount == 0:
        raise InvalidRequest(FieldProblem("amount", "amount_zero", "`amount` must not be 0."))
    await store.append(session, CreditEntry(account_id=account_id, kind="grant", amount=amount, note=note))


async def balance(session: AsyncSession, account_id: uuid.UUID) -> Balance:
    """Return what an account may spend and what its open jobs hold."""
    return Balance(await store.available(session, account_id), await store.reserved(session, account_id))


async def page_of(session: AsyncSession, account_id: uuid.UUID, limit: int, cursor: str | None) -> Page[CreditEntry]:
    """Return a page of an account's ledger, newest first."""
    return await store.page_of(session, account_id, limit, cursor)


async def available_by_account(session: AsyncSession, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return what each of these accounts may spend."""
    found = await store.available_by_account(session, account_ids)
    return {account_id: found.get(account_id, 0) for account_id in account_ids}


async def reserve(
    session: AsyncSession,
    account_id: uuid.UUID,
    job_id: uuid.UUID,
    amount: int,
    *,
    key_id: uuid.UUID | None = None,
    key_cap: int | None = None,
) -> None:
    """Hold credits for a job; raise InsufficientCredits when the account or the key's cap has too few."""
    await lock_account(session, account_id)
    await require(session, account_id, amount, key_id=key_id, key_cap=key_cap)
    await store.append(
        session,
        CreditEntry(account_id=account_id, kind="reserve", amount=-amount, job_id=job_id, key_id=key_id),
    )


async def require(
    session: AsyncSession,
    account_id: uuid.UUID,
    amount: int,
    *,
    key_id: uuid.UUID | None = None,
    key_cap: int | None = None,
) -> None:
    """Raise InsufficientCredits when the account or the key's cap has too few; hold nothing."""
    left = await store.available(session, account_id)
    # a free request is never refused, even with a negative balance
    if amount > 0 and left < amount:
        raise InsufficientCredits(
            f"This request needs {amount} credits and {left} are available.", required=amount, available=left
        )
    if key_id is not None and key_cap is not None:
        under_cap = key_cap - await store.used_by_key(session, key_id)
        if under_cap < amount:
            raise InsufficientCredits(
                f"This request needs {amount} credits and the key's cap leaves {max(0, under_cap)}.",
                code="key_cap_reached",
                required=amount,
                available=max(0, under_cap),
            )


async def settle(
    session: AsyncSession, job_id: uuid.UUID, used: int | None = None, *, characters: int = 0, seconds: float = 0.0
) -> int:
    """End a job's reservation by charging `used` credits, or all that was reserved when None; return the charge.

    `characters` and `seconds` (of the recording) are stored for the account's usage.
    """
    reservation = await _reservation(session, job_id)
    reserved = -reservation.amount
    charge = reserved if used is None else min(max(used, 0), reserved)
    ending = _ending(reservation, "settle", reserved - charge)
    ending.characters, ending.seconds = characters, seconds
    await store.append(session, ending)
    return charge


async def release(session: AsyncSession, job_id: uuid.UUID) -> None:
    """End a job's reservation by giving everything back."""
    reservation = await _reservation(session, job_id)
    await store.append(session, _ending(reservation, "release", -reservation.amount))


async def _reservation(session: AsyncSession, job_id: uuid.UUID) -> CreditEntry:
    entry = await store.reservation(session, job_id)
    if entry is None:
        raise RuntimeError(f"job {job_id} has no reservation")
    return entry


def _ending(reservation: CreditEntry, kind: str, amount: int) -> CreditEntry:
    return CreditEntry(
        account_id=reservation.account_id,
        kind=kind,
        amount=amount,
        job_id=reservation.job_id,
        key_id=reservation.key_id,
    )
