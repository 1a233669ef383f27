"""The worker's part of a quote: plan the text and answer with its durations."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import procrastinate
import structlog
from sqlalchemy.exc import SQLAlchemyError

from voicechanger.domains.clips.profiles import profile_for
from voicechanger.domains.jobs.failures import extra_of, http_status_of
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.infra.queue.app import answer_call
from voicechanger.infra.queue.names import LIGHT_QUEUE, QUOTE_SPEECH
from voicechanger.kit.errors import ProductError
from voicechanger.tts.engine import Plan, SpeedTarget
from voicechanger.tts.errors import InferenceError
from voicechanger.tts.text.lexicon import Lexicon
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

_THREADS = ThreadPoolExecutor(2, "quote")
"""Texts that a worker plans for quotes at the same time: each may take seconds of a processor."""


@blueprint.task(name=QUOTE_SPEECH, queue=LIGHT_QUEUE, pass_context=True)
async def quote(
    context: procrastinate.JobContext,
    call_id: str,
    text: str,
    language: str,
    speed: float,
    duration: float | None,
    account_id: str,
    clip_key: str | None,
    clip_sha256: str | None,
    deadline: float,
    lexicon: dict[str, dict[str, str]] | None = None,
) -> None:
    """Answer one call for a quote, whatever happens: the caller waits until `deadline`, in Unix seconds."""
    runtime, call = runtime_of(context), _Call(deadline)
    try:
        call.check()
        voice = await _voice(runtime, uuid.UUID(account_id), clip_key, clip_sha256)
        work = partial(_plan, runtime, text, language, lexicon, voice, SpeedTarget(speed, duration), call.check)
        plan = await asyncio.get_running_loop().run_in_executor(_THREADS, work)
        answer: dict[str, object] = {"quote": _quote(plan)}
    except _NobodyWaits:
        log.info("quote_dropped")
        return
    except asyncio.CancelledError:
        # the caller has left, or the worker stops; the entry ends either way, so that it is deleted
        call.drop()
        if context.should_abort():
            log.info("quote_dropped")
            return
        answer = _FAILED
    except (InferenceError, ProductError, OSError, SQLAlchemyError) as error:
        answer = _answer_to(error)
    async with runtime.services.database.transaction() as session:
        await answer_call(session, call_id, answer)


def _answer_to(error: Exception) -> dict[str, object]:
    """Return the answer that reports an error to the caller."""
    if isinstance(error, InferenceError):
        return _error(error.code, error.message, http_status_of(error), extra_of(error))
    log.warning("quote_failed", error=type(error).__name__)
    return _error(error.code, error.message, error.status) if isinstance(error, ProductError) else _FAILED


class _NobodyWaits(Exception):
    """The caller has left, or has waited long enough."""


class _Call:
    """Whether somebody still waits; asked by the thread that plans."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._dropped = threading.Event()

    def drop(self) -> None:
        """Stop the thread at its next utterance."""
        self._dropped.set()

    def check(self) -> None:
        """Raise _NobodyWaits when the work is of no use any longer."""
        if self._dropped.is_set() or time.time() >= self._deadline:
            raise _NobodyWaits


async def _voice(runtime: Runtime, account_id: uuid.UUID, clip_key: str | None, clip_sha256: str | None) -> Voice:
    if clip_sha256 is None:
        return runtime.engine.neutral_voice()
    return await profile_for(runtime, account_id, clip_sha256, clip_key)


def _plan(
    runtime: Runtime,
    text: str,
    language: str,
    lexicon: Lexicon | None,
    voice: Voice,
    target: SpeedTarget,
    going: Callable[[], None],
) -> Plan:
    going()
    script = write_script(text, language, lexicon=lexicon)
    going()
    return runtime.engine.plan(script, voice, target, going)


def _error(code: str, message: str, status: int, extra: dict[str, object] | None = None) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "status": status, "extra": extra or {}}}


_FAILED = _error("quote_failed", "The quote could not be made; try again soon.", 503)


def _quote(plan: Plan) -> dict[str, object]:
    return {
        "natural_seconds": round(plan.natural_seconds, 3),
        "seconds": round(plan.seconds, 3),
        "effective_speed": round(plan.effective_speed, 4),
        "languages": list(plan.script.languages),
        "notices": [notice[:300] for notice in plan.script.notices[:10]],
    }
