"""`/metrics` for Prometheus.

Counters of requests are those of this process: scrape each API process.  Jobs, queue, workers, chores and deliveries
are read from the database at each scrape, so every API process reports the same numbers for them.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicechanger.domains.jobs import statistics as jobs
from voicechanger.domains.webhooks import service as webhooks
from voicechanger.infra.container import services_of
from voicechanger.infra.queue.chores import chore_failures
from voicechanger.infra.queue.statistics import queue_lengths
from voicechanger.infra.queue.workers import ready_workers
from voicechanger.kit.database import now
from voicechanger.kit.errors import NotFound

router = APIRouter()

REGISTRY: Final = CollectorRegistry()
_REQUESTS = Counter(
    "voicechanger_http_requests", "Answers of this process.", ["method", "route", "status"], registry=REGISTRY
)
_SECONDS = Histogram(
    "voicechanger_http_seconds",
    "Time to the first byte of the answer, in seconds.",
    ["method", "route"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class MetricsMiddleware:
    """Counts answers by route pattern (never the path with its ids) and status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in _METHODS else "other"
                route = _pattern(scope)
                _REQUESTS.labels(method, route, str(message["status"])).inc()
                _SECONDS.labels(method, route).observe(time.monotonic() - began)
            await send(message)

        await self.app(scope, receive, counted)


def _pattern(scope: Scope) -> str:
    """Return the route's pattern; `none` without a route, so that guessed paths create no new series."""
    return str(getattr(scope.get("route"), "path", None) or "none")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Return Prometheus' text format; to this machine only, unless METRICS_PUBLIC is set."""
    services = services_of(request)
    if not services.settings.metrics_public and not _from_this_machine(request):
        raise NotFound("There is nothing at this address.")
    async with services.database.transaction() as session:
        shared = await _shared(session)
    return Response(generate_latest(REGISTRY) + generate_latest(shared), media_type=CONTENT_TYPE_LATEST)


def _from_this_machine(request: Request) -> bool:
    # a proxy on this machine also connects from it, for callers who are elsewhere
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _shared(session: AsyncSession) -> CollectorRegistry:
    """Return what the database knows, in a registry of its own."""
    registry = CollectorRegistry()
    hour_ago = now() - timedelta(hours=1)
    _by_status(registry, "voicechanger_jobs_open", "Jobs that have not ended.", await jobs.open_by_status(session))
    _by_status(
        registry,
        "voicechanger_jobs_ended_last_hour",
        "Jobs that ended.",
        await jobs.ended_by_status(session, hour_ago),
    )
    _by_status(
        registry,
        "voicechanger_webhook_deliveries_last_hour",
        "Deliveries by status; pending ones of any age.",
        await webhooks.deliveries_by_status(session, hour_ago),
    )
    await _queues(registry, session)
    ready = Gauge("voicechanger_workers_ready", "Workers that have loaded their models.", registry=registry)
    ready.set(await ready_workers(session))
    failures = Counter("voicechanger_chore_failures", "Failed runs of a chore.", ["chore"], registry=registry)
    for chore, count in (await chore_failures(session)).items():
        failures.labels(chore).inc(count)
    return registry


async def _queues(registry: CollectorRegistry, session: AsyncSession) -> None:
    waiting = Gauge(
        "voicechanger_queue_waiting", "Tasks that are due and have not started.", ["queue"], registry=registry
    )
    age = Gauge("voicechanger_queue_oldest_seconds", "How long the oldest of them waits.", ["queue"], registry=registry)
    for length in await queue_lengths(session):
        waiting.labels(length.queue).set(length.waiting)
        age.labels(length.queue).set(length.oldest_seconds)


def _by_status(registry: CollectorRegistry, name: str, meaning: str, counts: Mapping[str, int]) -> None:
    gauge = Gauge(name, meaning, ["status"], registry=registry)
    for status, count in counts.items():
        gauge.labels(status).set(count)
