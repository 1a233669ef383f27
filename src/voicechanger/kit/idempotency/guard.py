"""Idempotency-Key: a repeated request gets the first response, and its work is done once.

    async with guard_request(database, caller.account_id, request, form, work_seconds=30) as guard:
        if guard.stored is not None:
            ...                     # repeat guard.stored; the header Idempotent-Replayed is set already
        ...                         # inside the transaction that accepts the work:
        await guard.store_answer(session, 202, body, headers)

The row of the key is written first, so that only one of several processes continues. The response is stored in the
transaction that accepts the work. A refused request releases its key. If the process of a request dies, the key stays
held until the lease expires.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, Final

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from voicechanger.kit.answer_headers import add_headers
from voicechanger.kit.database import Database, now
from voicechanger.kit.errors import Conflict, FieldProblem, InvalidRequest, ProductError
from voicechanger.kit.idempotency import store

HEADER: Final = "Idempotency-Key"
STORED_HOURS: Final = 24
LEASE_SECONDS: Final = 60.0
"""How long a request without a stored response holds its key, in addition to the time of its work."""

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_BATCH = 1_000
_BLOCK = 1 << 20


class KeyReused(ProductError):
    """This Idempotency-Key was used with a different request; use a new key for each request."""

    status = 422
    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The first answer to a request."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class IdempotencyGuard:
    """A request with an idempotency key, or without one."""

    account_id: uuid.UUID
    key: str | None = None
    token: uuid.UUID | None = None
    stored: StoredAnswer | None = None
    """The first answer if there is one: repeat it and do nothing else."""

    async def store_answer(
        self, session: AsyncSession, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Store the answer in the transaction that accepts the work; without a key, do nothing."""
        if self.key is None:
            return
        assert self.token is not None
        held = await store.store_answer(
            session, self.account_id, self.key, self.token, status=status, body=body, headers=headers or {}
        )
        if not held:
            # slower than the lease: another request has taken over, so this one must not be accepted too
            raise _in_flight()


@asynccontextmanager
async def guard_request(
    database: Database, account_id: uuid.UUID, request: Request, form: FormData, *, work_seconds: float
) -> AsyncGenerator[IdempotencyGuard]:
    """Hold the request's key, if it has one, until its answer is stored or the block fails.

    `work_seconds` is how long the work before the answer may take.  Raises InvalidRequest for a malformed key,
    KeyReused for a different request, Conflict while the first request is in progress.
    """
    key = key_of(request)
    if key is None:
        yield IdempotencyGuard(account_id)
        return
    lease = timedelta(seconds=work_seconds + LEASE_SECONDS)
    guard = await _acquire(database, account_id, key, await fingerprint_of(request.url.path, form), lease)
    if guard.stored is not None:
        add_headers(request, {"Idempotent-Replayed": "true"})
        yield guard
        return
    try:
        yield guard
    except BaseException:
        # a canceled request must release its key, too
        await asyncio.shield(_release(database, guard))
        raise


def key_of(request: Request) -> str | None:
    """Return the request's key, None without one; raise InvalidRequest when it is malformed or repeated."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidRequest(
            FieldProblem(HEADER, "invalid_idempotency_key", f"`{HEADER}` must be 1 to 255 printable ASCII characters.")
        )
    return given[0]


async def fingerprint_of(route: str, form: FormData) -> bytes:
    """Return the SHA-256 of the route, every text field and the bytes of every file; field order does not matter."""
    digest = hashlib.sha256()
    _update(digest, route.encode())
    for name, value in sorted(form.multi_items(), key=lambda item: item[0]):
        _update(digest, name.encode())
        if isinstance(value, UploadFile):
            _update(digest, await asyncio.to_thread(_hash_file, value.file))
        else:
            _update(digest, value.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _update(digest: Any, part: bytes) -> None:
    # the length goes first, so that two different requests never yield the same bytes
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)


def _hash_file(file: BinaryIO) -> bytes:
    digest = hashlib.sha256(b"file")
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.digest()


async def _acquire(
    database: Database, account_id: uuid.UUID, key: str, fingerprint: bytes, lease: timedelta
) -> IdempotencyGuard:
    async with database.transaction() as session:
        token = await store.acquire(session, account_id, key, fingerprint, now() + lease, timedelta(hours=STORED_HOURS))
        if token is not None:
            return IdempotencyGuard(account_id, key, token)
        row = await store.find(session, account_id, key)
    if row is None:
        # released between the two statements; the caller's next attempt will get it
        raise _in_flight()
    if row.fingerprint != fingerprint:
        raise KeyReused
    if row.status is None:
        raise _in_flight()
    return IdempotencyGuard(account_id, key, None, StoredAnswer(row.status, row.body or {}, row.headers or {}))


async def _release(database: Database, guard: IdempotencyGuard) -> None:
    assert guard.key is not None and guard.token is not None
    async with database.transaction() as session:
        await store.release(session, guard.account_id, guard.key, guard.token)


def _in_flight() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is still in progress; try again in a moment.",
        code="idempotency_in_flight",
        headers={"Retry-After": "2"},
    )


async def delete_expired(session: AsyncSession) -> None:
    """Delete keys whose answers have expired; a chore."""
    await store.delete_expired(session, _BATCH)
