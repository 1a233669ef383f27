"""`/metrics` for Prometheus.

Counters of requests are those of this process: scrape each API process.  What is the same for all of them (jobs,
queue, workers, deliveries) is asked of the database at each scrape, so that no process answers for another.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicechanger.infra.queue.workers import ready_workers
from voicechanger.infra.services import services_of
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

_OPEN_JOBS = text("SELECT status, count(*) FROM jobs WHERE status IN ('queued', 'processing') GROUP BY status")
_ENDED_JOBS = text("SELECT status, count(*) FROM jobs WHERE finished_at > now() - interval '1 hour' GROUP BY status")
_QUEUE = text(
    """
    SELECT queue_name, count(*) AS waiting,
           coalesce(extract(epoch FROM now() - min(coalesce(scheduled_at, queued_at))), 0) AS oldest
      FROM (SELECT queue_name, scheduled_at,
                   (SELECT min(at) FROM procrastinate_events WHERE job_id = entry.id) AS queued_at
              FROM procrastinate_jobs entry
             WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS due
     GROUP BY queue_name
    """
)
_DELIVERIES = text(
    """
    SELECT status, count(*) FROM webhook_deliveries
     WHERE status = 'pending' OR created_at > now() - interval '1 hour' GROUP BY status
    """
)


class MetricsMiddleware:
    """Counts answers by route (its pattern, never the address with its ids) and status."""

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
    """The route's pattern; `none` where there is no route, so that guessed addresses do not make new series."""
    return str(getattr(scope.get("route"), "path", None) or "none")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Prometheus' text format; to this machine only unless METRICS_PUBLIC is set."""
    services = services_of(request)
    if not services.settings.metrics_public and not _from_this_machine(request):
        raise NotFound("There is nothing here under that address.")
    async with services.database.transaction() as session:
        shared = await _shared(session)
    return Response(generate_latest(REGISTRY) + generate_latest(shared), media_type=CONTENT_TYPE_LATEST)


def _from_this_machine(request: Request) -> bool:
    # a proxy on this machine calls from here, too, for callers who are elsewhere
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _shared(session: AsyncSession) -> CollectorRegistry:
    """What the database knows, in a registry of its own."""
    registry = CollectorRegistry()
    _set(registry, "voicechanger_jobs_open", "Jobs that have not ended.", await _rows(session, _OPEN_JOBS))
    _set(registry, "voicechanger_jobs_ended_last_hour", "Jobs that ended.", await _rows(session, _ENDED_JOBS))
    _set(
        registry,
        "voicechanger_webhook_deliveries_last_hour",
        "Deliveries by status; pending ones of any age.",
        await _rows(session, _DELIVERIES),
    )
    waiting = Gauge("voicechanger_queue_waiting", "Tasks that are due and not begun.", ["queue"], registry=registry)
    age = Gauge("voicechanger_queue_oldest_seconds", "How long the first of them waits.", ["queue"], registry=registry)
    for queue, count, oldest in await _rows(session, _QUEUE):
        waiting.labels(queue).set(int(count))
        age.labels(queue).set(max(0.0, float(oldest)))
    ready = Gauge("voicechanger_workers_ready", "Workers that are alive and warm.", registry=registry)
    ready.set(await ready_workers(session))
    return registry


async def _rows(session: AsyncSession, query: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in (await session.execute(query)).all()]


def _set(registry: CollectorRegistry, name: str, meaning: str, rows: Iterable[tuple[Any, ...]]) -> None:
    gauge = Gauge(name, meaning, ["status"], registry=registry)
    for status, count in rows:
        gauge.labels(status).set(int(count))
