"""Quotes: the price, and the natural length as a worker's model plans it; nothing is reserved or kept."""

from __future__ import annotations

import asyncio
import uuid

from voicechanger.domains.jobs import service
from voicechanger.domains.jobs.request import QuoteRequest
from voicechanger.domains.jobs.schemas import Quote
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.domains.voices.service import usable_voice
from voicechanger.infra.queue.names import LIGHT_QUEUE, QUOTE_SPEECH
from voicechanger.infra.services import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import JobFailed, Unavailable


async def quote(services: Services, caller: Caller, request: QuoteRequest) -> Quote:
    """Ask a worker for the durations; the same refusals as the job itself would meet."""
    call_id = uuid.uuid4()
    async with services.listener.expecting(call_id) as answered:
        async with services.database.transaction() as session:
            voice_id = request.custom_voice_id
            lexicon = await lexicon_for(session, caller.account_id, request.text)
            voice = await usable_voice(session, caller.account_id, voice_id) if voice_id else None
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
                voice_id=str(voice.id) if voice else None,
                lexicon=lexicon,
            )
        try:
            answer = await asyncio.wait_for(answered, services.settings.sync_wait_seconds)
        except TimeoutError as error:
            raise Unavailable("No worker answered in time; try again soon.", code="no_worker_free") from error
    if "error" in answer:
        problem = answer["error"]
        raise JobFailed(problem["message"], code=problem["code"], status=problem["status"], **problem["extra"])
    characters = len(request.text)
    return Quote(characters=characters, credits=service.price_of(services, characters), **answer["quote"])
