"""What a log line may hold: where an error happened, never what a caller sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from tests.support.server import Server
from voicechanger.kit.logs import configure_logs, trace

SECRET = "hunter2-correct-horse"


class Body(BaseModel):
    """Anything."""

    password: str


def failing_routes(server: Server) -> None:
    """Add routes that fail in an unexpected way while they hold a secret."""
    router = APIRouter()

    @router.post("/fails/plain")
    async def plain(body: Body) -> None:
        raise RuntimeError(f"no account for {body.password}")

    @router.post("/fails/sql")
    async def sql(body: Body) -> None:
        async with server.services.database.transaction() as session:
            await session.execute(text("SELECT CAST(:value AS uuid)"), {"value": body.password})

    @router.post("/fails/nul")
    async def nul(body: Body) -> None:
        async with server.services.database.transaction() as session:
            await session.execute(text("SELECT CAST(:value AS text)"), {"value": body.password + "\0"})

    @router.post("/fails/deep")
    async def deep(body: Body, depth: int = 900) -> None:
        await deep(body, depth - 1) if depth else await plain(body)

    @router.post("/fails/validation")
    async def validation(body: Body) -> None:
        Body.model_validate({"password": [body.password]})

    server.app.router.routes[:0] = router.routes


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest) -> Iterator[str]:
    """A format; the runner's own handlers are put aside, because they show what the program must not."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield request.param
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("path", ["plain", "sql", "nul", "deep", "validation"])
async def test_a_500_leaves_no_secret_and_little_text(
    server: Server, log_format: str, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    configure_logs(log_format)
    failing_routes(server)
    async with server.client() as client:
        answer = await client.post(f"/fails/{path}", json={"password": SECRET})
    assert answer.status_code == 500 and SECRET not in answer.text
    logged = capsys.readouterr().err
    assert "unexpected_error" in logged and "test_logs.py" in logged
    assert SECRET not in logged
    assert len(logged) < 8_000


@pytest.mark.parametrize("name", ["uvicorn.error", "sqlalchemy.engine", "procrastinate.worker"])
def test_a_library_logs_no_values_of_an_exception(
    log_format: str, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    configure_logs(log_format)
    password = SECRET
    try:
        raise ValueError(f"{password} is wrong")
    except ValueError:
        logging.getLogger(name).exception("Exception in application")
    logged = capsys.readouterr().err
    assert "ValueError" in logged and SECRET not in logged
    if log_format == "json":
        assert json.loads(logged)["logger"] == name


def test_the_queue_logs_no_arguments_of_a_task(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(log_format)
    job: dict[str, Any] = {"id": 7, "task_name": "quote", "task_args": {"text": SECRET}}
    extra = {"action": "job_error", "job": job}
    logging.getLogger("procrastinate.worker").error(f"Job quote[7](text='{SECRET}') failed", extra=extra)
    logged = capsys.readouterr().err
    assert "job_error quote 7" in logged and SECRET not in logged


def test_long_values_are_cut(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(log_format)
    structlog.get_logger().warning("request", path="/" + "a" * 100_000)
    logging.getLogger("uvicorn.error").warning("b" * 100_000)
    assert len(capsys.readouterr().err) < 2_000


def test_a_chain_of_errors_is_bounded() -> None:
    def nested(depth: int) -> None:
        try:
            if depth:
                nested(depth - 1)
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error

    with pytest.raises(ValueError, match=SECRET) as caught:
        nested(50)
    assert len(trace(caught.value)) < 8_000
    assert SECRET not in trace(caught.value)
