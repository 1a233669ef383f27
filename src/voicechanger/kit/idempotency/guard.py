"""Idempotency-Key: a request that is sent again is answered again and done once.

    async with guard(services, caller.account_id, request, form) as once:
        if once.kept is not None:
            ...                     # answer from once.kept; the header Idempotent-Replayed is set already
        ...                         # inside the transaction that accepts the work:
        await once.keep(session, 202, body, headers)

The key's row is written first, so that of several processes one goes on.  The answer is kept in the transaction that
accepts the work: both are there or neither.  A request that is refused lets its key go; one whose process dies
leaves it to whoever comes after the lease.
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

from voicechanger.infra.services import Services
from voicechanger.kit.answer_headers import add_headers
from voicechanger.kit.database import now
from voicechanger.kit.errors import Conflict, FieldProblem, InvalidRequest, ProductError
from voicechanger.kit.idempotency import store

HEADER: Final = "Idempotency-Key"
KEPT_HOURS: Final = 24
LEASE_SECONDS: Final = 60.0
"""Beyond the time that checking a clip may take: how long a key stays with a request that was not heard of again."""

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_BATCH = 1_000
_BLOCK = 1 << 20


class KeyReused(ProductError):
    """This Idempotency-Key was used with another request; take a new key for each request."""

    status = 422
    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer to a request."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Once:
    """A request under a key, or without one."""

    account_id: uuid.UUID
    key: str | None = None
    token: uuid.UUID | None = None
    kept: Kept | None = None
    """The first answer, when there is one: do nothing but repeat it."""

    async def keep(
        self, session: AsyncSession, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Keep the answer in the transaction that accepts the work; nothing happens without a key."""
        if self.key is None:
            return
        assert self.token is not None
        held = await store.answer(
            session, self.account_id, self.key, self.token, status=status, body=body, headers=headers or {}
        )
        if not held:
            # slower than the lease: another request has taken over, so this one must not be accepted too
            raise _in_flight()


@asynccontextmanager
async def guard(services: Services, account_id: uuid.UUID, request: Request, form: FormData) -> AsyncGenerator[Once]:
    """Hold the request's key, if it has one, until its answer is kept or the block fails.

    InvalidRequest for a malformed key, KeyReused for another request, Conflict while the first is being answered.
    """
    key = key_of(request)
    if key is None:
        yield Once(account_id)
        return
    once = await _begin(services, account_id, key, await fingerprint_of(request.url.path, form))
    if once.kept is not None:
        add_headers(request, {"Idempotent-Replayed": "true"})
        yield once
        return
    try:
        yield once
    except BaseException:
        # a canceled request, too, must not leave its key behind
        await asyncio.shield(_let_go(services, once))
        raise


def key_of(request: Request) -> str | None:
    """The request's key, None without one; InvalidRequest when it is malformed or repeated."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidRequest(
            FieldProblem(HEADER, "invalid_idempotency_key", f"{HEADER} must be 1 to 255 printable ASCII characters.")
        )
    return given[0]


async def fingerprint_of(route: str, form: FormData) -> bytes:
    """SHA-256 over the route, every text field and the bytes of every file; the order of fields does not count."""
    digest = hashlib.sha256()
    _put(digest, route.encode())
    for name, value in sorted(form.multi_items(), key=lambda item: item[0]):
        _put(digest, name.encode())
        if isinstance(value, UploadFile):
            _put(digest, await asyncio.to_thread(_hash_file, value.file))
        else:
            _put(digest, value.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _put(digest: Any, part: bytes) -> None:
    # the length goes first, so that no two requests run together into the same bytes
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)


def _hash_file(file: BinaryIO) -> bytes:
    digest = hashlib.sha256(b"file")
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.digest()


async def _begin(services: Services, account_id: uuid.UUID, key: str, fingerprint: bytes) -> Once:
    lease = now() + timedelta(seconds=services.settings.clip_check_seconds + LEASE_SECONDS)
    async with services.database.transaction() as session:
        token = await store.take(session, account_id, key, fingerprint, lease, timedelta(hours=KEPT_HOURS))
        if token is not None:
            return Once(account_id, key, token)
        row = await store.find(session, account_id, key)
    if row is None:
        # let go between the two statements; the caller's next try will get it
        raise _in_flight()
    if row.fingerprint != fingerprint:
        raise KeyReused
    if row.status is None:
        raise _in_flight()
    return Once(account_id, key, None, Kept(row.status, row.body or {}, row.headers or {}))


async def _let_go(services: Services, once: Once) -> None:
    assert once.key is not None and once.token is not None
    async with services.database.transaction() as session:
        await store.let_go(session, once.account_id, once.key, once.token)


def _in_flight() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is still being answered; ask again in a moment.",
        code="idempotency_in_flight",
        headers={"Retry-After": "2"},
    )


async def forget_expired(session: AsyncSession) -> None:
    """A chore: drop keys that have outlived their day."""
    await store.forget_expired(session, _BATCH)
