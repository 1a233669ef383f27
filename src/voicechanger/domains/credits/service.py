"""Rules of the ledger: reserve when a job is accepted, settle when it completes, release when it does not.

Each function works inside the caller's transaction, the one that changes the job.
"""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.credits import store
from voicechanger.domains.credits.store import Balance
from voicechanger.domains.credits.tables import CreditEntry
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import FieldProblem, InsufficientCredits, InvalidRequest


async def grant(session: AsyncSession, account_id: uuid.UUID, amount: int, note: str = "") -> None:
    """Add credits; a negative amount takes some away again."""
    if amount == 0:
        raise InvalidRequest(FieldProblem("amount", "amount_zero", "amount must not be 0."))
    await store.append(session, CreditEntry(account_id=account_id, kind="grant", amount=amount, note=note))


async def balance(session: AsyncSession, account_id: uuid.UUID) -> Balance:
    """What an account may spend and what its open jobs hold."""
    return Balance(await store.available(session, account_id), await store.reserved(session, account_id))


async def reserve(
    session: AsyncSession,
    account_id: uuid.UUID,
    job_id: uuid.UUID,
    amount: int,
    *,
    key_id: uuid.UUID | None = None,
    key_cap: int | None = None,
) -> None:
    """Hold credits for a job; InsufficientCredits when the account or the key's cap has too few."""
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
    # what is free is never refused, whatever was taken away from the account
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


async def settle(session: AsyncSession, job_id: uuid.UUID, used: int | None = None) -> int:
    """End a job's reservation by charging `used` credits (all that was reserved when None); returns the charge."""
    held = await _held(session, job_id)
    charge = -held.amount if used is None else min(max(used, 0), -held.amount)
    await _end(session, held, "settle", -held.amount - charge)
    return charge


async def release(session: AsyncSession, job_id: uuid.UUID) -> None:
    """End a job's reservation by giving everything back."""
    held = await _held(session, job_id)
    await _end(session, held, "release", -held.amount)


async def _held(session: AsyncSession, job_id: uuid.UUID) -> CreditEntry:
    entry = await store.reservation(session, job_id)
    if entry is None:
        raise RuntimeError(f"job {job_id} has no reservation")
    return entry


async def _end(session: AsyncSession, held: CreditEntry, kind: str, amount: int) -> None:
    await store.append(
        session,
        CreditEntry(account_id=held.account_id, kind=kind, amount=amount, job_id=held.job_id, key_id=held.key_id),
    )
