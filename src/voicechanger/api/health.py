"""Whether the server is alive, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from voicechanger.infra.container import Services, services_of
from voicechanger.infra.queue.workers import ready_workers
from voicechanger.kit.errors import Unavailable

router = APIRouter(tags=["Health"])


@router.get("/healthz", summary="Alive")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Ready",
    responses={503: {"description": "Something is missing: see `checks`.", "content": {"application/json": {}}}},
)
async def readyz(request: Request) -> JSONResponse:
    """The database and the file store answer and a worker is warm; 503 names what is missing."""
    checks = await _checks(services_of(request))
    ready = all(value == "ok" for value in checks.values())
    return JSONResponse(
        {"status": "ready" if ready else "not_ready", "checks": checks}, status_code=200 if ready else 503
    )


async def _checks(services: Services) -> dict[str, str]:
    checks = {"database": "ok", "storage": "ok", "worker": "ok"}
    try:
        async with services.database.transaction() as session:
            if not await ready_workers(session):
                checks["worker"] = "no worker is ready"
    except (SQLAlchemyError, OSError):
        checks["database"] = "does not answer"
        checks["worker"] = "unknown"
    try:
        await services.storage.ping()
    except Unavailable:
        checks["storage"] = "does not answer"
    return checks
