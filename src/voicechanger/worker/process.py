"""The worker process: models loaded once, one speech job at a time, light tasks beside it."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import procrastinate
import structlog

from voicechanger.domains.jobs import chores as job_chores
from voicechanger.domains.jobs import quote_task
from voicechanger.domains.jobs import tasks as job_tasks
from voicechanger.domains.runtime import Runtime
from voicechanger.domains.voices import refine_tasks
from voicechanger.domains.voices import tasks as voice_tasks
from voicechanger.domains.webhooks import tasks as webhook_tasks
from voicechanger.infra.container import Services, open_services
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import LIGHT_QUEUE, SPEECH_QUEUE, WEBHOOK_QUEUE
from voicechanger.infra.queue.workers import Heartbeat
from voicechanger.kit.idempotency import guard as idempotency
from voicechanger.kit.logs import configure_logs
from voicechanger.kit.rate_limits import limiter as limits
from voicechanger.settings import Settings
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.text.script_writer import write_script
from voicechanger.worker import file_tasks
from voicechanger.worker.runtime import runtime_for
from voicechanger.worker.serial_engine import SerialEngine
from voicechanger.worker.sweeper import Sweeper

log = structlog.get_logger()

BLUEPRINTS = (
    job_tasks.blueprint,
    quote_task.blueprint,
    voice_tasks.blueprint,
    refine_tasks.blueprint,
    webhook_tasks.blueprint,
    file_tasks.blueprint,
)

_GRACE_SECONDS = 3.0
"""How long a stopping worker lets its job go on before it gives the job back."""


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; jobs in hand are finished quickly or given back."""
    configure_logs(settings.log_format)
    async with open_services(settings) as services:
        heartbeat = Heartbeat(services.database)
        beating = asyncio.create_task(heartbeat.run())
        try:
            engine = await asyncio.to_thread(_load, settings)
            heartbeat.ready = True
            await heartbeat.send()
            log.info("worker_ready", threads=settings.threads)
            await _work(services, runtime_for(services, SerialEngine(engine)))
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            await heartbeat.stop()
    log.info("worker_stopped")


def _load(settings: Settings) -> KokoroEngine:
    with ThreadPoolExecutor(1) as pool:
        # The text front loads at its first use: now, beside the models, rather than in a request
        text = pool.submit(write_script, "Ready.", "en-us")
        engine = KokoroEngine.load(settings.models_dir, settings.threads)
        engine.warm()
        text.result()
    log.info("models_warm", encoder=engine.encoder_version)
    return engine


async def _work(services: Services, runtime: Runtime) -> None:
    app = services.queue.app
    register_tasks(app)
    sweeper = Sweeper(services.database, app, chores_of(services))
    working = [
        asyncio.create_task(_queue_worker(app, runtime, SPEECH_QUEUE, 1)),
        asyncio.create_task(_queue_worker(app, runtime, LIGHT_QUEUE, 8)),
        asyncio.create_task(_queue_worker(app, runtime, WEBHOOK_QUEUE, 8)),
    ]
    sweeping = asyncio.create_task(sweeper.run())
    stopped = _stop_on_signals()
    await asyncio.wait({*working, sweeping, stopped}, return_when=asyncio.FIRST_COMPLETED)
    sweeping.cancel()
    for task in working:
        task.cancel()
    results = await asyncio.gather(*working, sweeping, return_exceptions=True)
    stopped.cancel()
    for result in results:
        if isinstance(result, Exception):
            raise result


def chores_of(services: Services) -> list[Chore]:
    """What the sweeper does every few seconds."""
    return [
        job_chores.enqueue_orphans(services),
        job_chores.end_broken_streams(services),
        job_chores.delete_expired(services),
        voice_tasks.enqueue_orphans(services),
        refine_tasks.enqueue_lost(services),
        webhook_tasks.enqueue_lost(services),
        webhook_tasks.delete_old,
        idempotency.delete_expired,
        limits.delete_full,
    ]


def register_tasks(app: procrastinate.App) -> None:
    """Make the application know every task by the very name under which it is enqueued."""
    for blueprint in BLUEPRINTS:
        # not add_tasks_from: it renames the tasks, and again for every application of the process
        cast(Any, app).tasks.update(cast(Any, blueprint).tasks)


async def _queue_worker(app: procrastinate.App, runtime: Runtime, queue: str, concurrency: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=concurrency,
        install_signal_handlers=False,
        shutdown_graceful_timeout=_GRACE_SECONDS,
        delete_jobs="successful",
        additional_context={"runtime": runtime},
    )


def _stop_on_signals() -> asyncio.Future[None]:
    """Done when the process is asked to stop."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopped
