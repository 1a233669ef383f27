"""Quotes: the price, and the natural length as a worker's model plans it; nothing is reserved or kept."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from voicechanger.domains.jobs.acceptance import FindReference, Reference, price_of
from voicechanger.domains.jobs.request import QuoteRequest
from voicechanger.domains.jobs.schemas import Quote
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.infra.queue.names import LIGHT_QUEUE, QUOTE_SPEECH
from voicechanger.infra.services import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import JobFailed, Unavailable


async def quote(
    services: Services, caller: Caller, request: QuoteRequest, reference: FindReference | None = None
) -> Quote:
    """Return price and durations; raises what the job itself would fail with, Unavailable when no worker answers."""
    call_id = uuid.uuid4()
    async with services.listener.expecting(call_id) as answered:
        async with services.database.transaction() as session:
            await services.queue.enqueue(
                session,
                QUOTE_SPEECH,
                LIGHT_QUEUE,
                call_id=str(call_id),
                text=request.text,
                language=request.language,
                speed=request.speed,
                duration=request.duration,
                account_id=str(caller.account_id),
                lexicon=await lexicon_for(session, caller.account_id, request.text),
                **_clip(await reference(session) if reference else None),
            )
        try:
            answer = await asyncio.wait_for(answered, services.settings.sync_wait_seconds)
        except TimeoutError as error:
            raise Unavailable("No worker answered in time; try again soon.", code="no_worker_free") from error
    if "error" in answer:
        problem = answer["error"]
        raise JobFailed(problem["message"], code=problem["code"], status=problem["status"], **problem["extra"])
    characters = len(request.text)
    return Quote(characters=characters, credits=price_of(services, characters), **answer["quote"])


def _clip(reference: Reference | None) -> dict[str, Any]:
    """Return the clip's part of the task's arguments."""
    if reference is None:
        return {"clip_key": None, "clip_sha256": None}
    return {"clip_key": reference.clip_key, "clip_sha256": reference.clip_sha256}
