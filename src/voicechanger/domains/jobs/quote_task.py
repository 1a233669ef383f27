"""What a worker does for a quote: plan, and tell the durations."""

from __future__ import annotations

import asyncio
import uuid

import procrastinate

from voicechanger.domains.jobs.failures import told
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.domains.voices.tasks import voice_for_saved
from voicechanger.infra.queue.app import answer_call
from voicechanger.infra.queue.names import LIGHT_QUEUE, QUOTE_SPEECH
from voicechanger.tts.engine import Pace, Plan
from voicechanger.tts.errors import InferenceError
from voicechanger.tts.text.lexicon import Lexicon
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

blueprint = procrastinate.Blueprint()


@blueprint.task(name=QUOTE_SPEECH, queue=LIGHT_QUEUE, pass_context=True)
async def quote(
    context: procrastinate.JobContext,
    call_id: str,
    text: str,
    language: str,
    speed: float,
    duration: float | None,
    account_id: str,
    voice_id: str | None,
    lexicon: dict[str, dict[str, str]] | None = None,
) -> None:
    """Answer one call for a quote."""
    runtime = runtime_of(context)
    try:
        voice = await _voice(runtime, uuid.UUID(account_id), uuid.UUID(voice_id) if voice_id else None)
        plan = await asyncio.to_thread(_plan, runtime, text, language, lexicon, voice, Pace(speed, duration))
        answer: dict[str, object] = {"quote": _quote(plan)}
    except InferenceError as error:
        status, extra = told(error)
        answer = {"error": {"code": error.code, "message": error.message, "status": status, "extra": extra}}
    async with runtime.services.database.transaction() as session:
        await answer_call(session, call_id, answer)


async def _voice(runtime: Runtime, account_id: uuid.UUID, voice_id: uuid.UUID | None) -> Voice:
    if voice_id is None:
        return runtime.engine.neutral_voice()
    return await voice_for_saved(runtime, account_id, voice_id)


def _plan(runtime: Runtime, text: str, language: str, lexicon: Lexicon | None, voice: Voice, pace: Pace) -> Plan:
    return runtime.engine.plan(write_script(text, language, lexicon=lexicon), voice, pace)


def _quote(plan: Plan) -> dict[str, object]:
    return {
        "natural_seconds": round(plan.natural_seconds, 3),
        "seconds": round(plan.seconds, 3),
        "effective_speed": round(plan.effective_speed, 4),
        "languages": list(plan.script.languages),
        "notices": [notice[:300] for notice in plan.script.notices[:10]],
    }
