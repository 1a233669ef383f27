"""Rate limits across processes: one token bucket per caller (GCRA), in one PostgreSQL statement.

A caller may make `per_minute` requests at once, then one each time 1/`per_minute` of a minute has passed.
The database's clock is used, so the clocks of the API's machines need not agree.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.kit.database import Database
from voicechanger.kit.errors import TooManyRequests

FAILURES_PER_MINUTE: Final = 30
"""Wrong API keys that one client address may send per minute."""

_SPEND = text(
    """
    INSERT INTO rate_limits AS known (key, full_at, allowed)
    VALUES (:key, clock_timestamp() + :step, true)
    ON CONFLICT (key) DO UPDATE SET
        allowed = known.full_at + :step <= clock_timestamp() + :period,
        full_at = CASE WHEN known.full_at + :step <= clock_timestamp() + :period
                       THEN greatest(known.full_at, clock_timestamp()) + :step
                       ELSE known.full_at END
    RETURNING allowed, extract(epoch FROM full_at - clock_timestamp()) AS owed
    """
)
_REFUND = text("UPDATE rate_limits SET full_at = full_at - :step WHERE key = :key")
_DELETE_FULL = text("DELETE FROM rate_limits WHERE full_at < clock_timestamp()")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A caller's allowance after a request."""

    allowed: bool
    limit: int
    """Requests per minute."""
    remaining: int
    reset_seconds: int
    """Until the whole allowance is available again."""
    retry_seconds: int
    """Until one more request is allowed; 0 while some remain."""

    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


async def spend(session: AsyncSession, key: str, most: int, period: timedelta = _MINUTE) -> Allowance:
    """Count one request against an allowance of `most` in a period."""
    row = (await session.execute(_SPEND, {"key": key, "step": period / most, "period": period})).one()
    return allowance(bool(row.allowed), max(0.0, float(row.owed)), most, period.total_seconds())


@dataclass(frozen=True, slots=True)
class Attempts:
    """An allowance of attempts, such as sign-ins of one address from one network."""

    key: str
    most: int
    period: timedelta = _MINUTE

    @classmethod
    def of(cls, kind: str, *parts: str, most: int, period: timedelta = _MINUTE) -> Attempts:
        """Return the allowance for what `parts` name; only their hash is stored, however long they are."""
        joined = "\0".join(parts).encode("utf-8", "surrogatepass")
        return cls(f"{kind}:{hashlib.sha256(joined).hexdigest()}", most, period)


async def spend_attempt(database: Database, *attempts: Attempts) -> None:
    """Count one attempt against every allowance, in a transaction of its own; raise TooManyRequests over any.

    An attempt is counted before it is made, so that many at the same time are not more than allowed.
    """
    async with database.transaction() as session:
        # in the order of the keys, so that two requests never wait for each other
        spent = [await spend(session, one.key, one.most, one.period) for one in sorted(attempts, key=lambda a: a.key)]
    refused = [one for one in spent if not one.allowed]
    if refused:
        seconds = max(one.retry_seconds for one in refused)
        raise TooManyRequests(
            f"Too many attempts; wait {seconds} s.",
            code="too_many_attempts",
            headers={"Retry-After": str(seconds)},
        )


async def refund_attempt(database: Database, *attempts: Attempts) -> None:
    """Take back an attempt that succeeded: only failures are counted in the end."""
    async with database.transaction() as session:
        for one in sorted(attempts, key=lambda a: a.key):
            await session.execute(_REFUND, {"key": one.key, "step": one.period / one.most})


def allowance(allowed: bool, owed: float, most: int, period: float = 60.0) -> Allowance:
    """Convert `owed` seconds of a full period (in seconds) to requests."""
    step = period / most
    # tolerance: the clock advances between the two readings of the statement
    remaining = max(0, math.floor((period - owed) / step + 1e-6))
    retry = 0.0 if remaining else owed + step - period
    return Allowance(allowed, most, remaining, math.ceil(owed), max(1, math.ceil(retry)) if retry > 0 else 0)


async def spend_request(session: AsyncSession, account_id: uuid.UUID, per_minute: int) -> Allowance:
    """Count a request of an account; raise TooManyRequests over its limit."""
    found = await spend(session, f"account:{account_id}", per_minute)
    if not found.allowed:
        raise TooManyRequests(
            f"This account may make {found.limit} requests per minute; wait {found.retry_seconds} s.",
            headers={**found.headers(), "Retry-After": str(found.retry_seconds)},
        )
    return found


async def count_failure(database: Database, address: str) -> None:
    """Count a failed authentication; raise TooManyRequests once an address has sent too many.

    Only failures are refused: a valid key from the same address continues to work.
    """
    async with database.transaction() as session:
        found = await spend(session, f"failures:{network_of(address)}", FAILURES_PER_MINUTE)
    if not found.allowed:
        raise TooManyRequests(
            f"Too many failed attempts from this address; check the key and wait {found.retry_seconds} s.",
            code="too_many_failures",
            headers={"Retry-After": str(found.retry_seconds)},
        )


def wide_network_of(address: str) -> str:
    """Return the /24 network of an IPv4 address, the /48 of an IPv6 address: what one customer may own at most."""
    network = network_of(address)
    if network == "unknown":
        return network
    base = ipaddress.ip_network(network, strict=False)
    return str(base.supernet(new_prefix=24 if base.version == 4 else 48))


def network_of(address: str) -> str:
    """Return the address itself, or the /64 network of an IPv6 address, which one subscriber owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


async def delete_full(session: AsyncSession) -> None:
    """Delete rows of callers whose whole allowance is available again; a chore."""
    await session.execute(_DELETE_FULL)
