"""Quotes: the price, and the natural length as a worker's model plans it; nothing is reserved or kept.

A quote is free and costs the plan of a whole text.  It therefore runs once, ends when its caller has left or waited
long enough, and an account waits for a few at a time.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs.acceptance import FindReference, Reference, price_of
from voicechanger.domains.jobs.request import QuoteRequest
from voicechanger.domains.jobs.schemas import Quote
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.infra.container import Services
from voicechanger.infra.queue.entries import count_calls
from voicechanger.infra.queue.names import LIGHT_QUEUE, QUOTE_SPEECH
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import JobFailed, TooManyRequests, Unavailable


async def quote(
    services: Services, caller: Caller, request: QuoteRequest, reference: FindReference | None = None
) -> Quote:
    """Return price and durations; cancelling it withdraws the work.

    Raises what the job itself would fail with, TooManyRequests, Unavailable when no worker answers.
    """
    call_id = uuid.uuid4()
    async with services.listener.expecting(call_id) as answered:
        entry = await _enqueue(services, caller, request, reference, call_id)
        try:
            answer = await asyncio.wait_for(answered, services.settings.sync_wait_seconds)
        except TimeoutError as error:
            await services.queue.withdraw(entry)
            raise Unavailable("No worker answered in time; try again soon.", code="no_worker_free") from error
        except asyncio.CancelledError:
            await asyncio.shield(services.queue.withdraw(entry))
            raise
    if "error" in answer:
        problem = answer["error"]
        raise JobFailed(problem["message"], code=problem["code"], status=problem["status"], **problem["extra"])
    characters = len(request.text)
    return Quote(characters=characters, credits=price_of(services, characters), **answer["quote"])


async def _enqueue(
    services: Services, caller: Caller, request: QuoteRequest, reference: FindReference | None, call_id: uuid.UUID
) -> int:
    """Put the work into the queue and return its entry; TooManyRequests when the account waits for enough."""
    async with services.database.transaction() as session:
        # before the lock: a large dictionary against a book takes a while
        lexicon = await lexicon_for(session, caller.account_id, request.text)
        await lock_account(session, caller.account_id)
        await _check_room(services, session, caller)
        return await services.queue.enqueue(
            session,
            QUOTE_SPEECH,
            LIGHT_QUEUE,
            call_id=str(call_id),
            text=request.text,
            language=request.language,
            speed=request.speed,
            duration=request.duration,
            account_id=str(caller.account_id),
            deadline=time.time() + services.settings.sync_wait_seconds,
            lexicon=lexicon,
            **_clip(await reference(session) if reference else None),
        )


async def _check_room(services: Services, session: AsyncSession, caller: Caller) -> None:
    most = services.settings.max_open_quotes
    if await count_calls(session, QUOTE_SPEECH, caller.account_id) >= most:
        raise TooManyRequests(
            f"The account already waits for {most} quotes; send the next one when one of them is answered.",
            code="too_many_quotes",
            headers={"Retry-After": "5"},
        )


def _clip(reference: Reference | None) -> dict[str, Any]:
    """Return the clip's part of the task's arguments."""
    if reference is None:
        return {"clip_key": None, "clip_sha256": None}
    return {"clip_key": reference.clip_key, "clip_sha256": reference.clip_sha256}
