"""Schemathesis over the OpenAPI document: whatever is sent, the answer is one that the document declares.

The application answers over real HTTP with a real database.  No worker runs, so streams, quotes and sync requests
come to the end of their wait, which is short here.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.server import Server, settings_for
from voicechanger.kit.rate_limits import limiter as limits
from voicechanger.server import create_app

EXAMPLES = 15
CONFIG = {"generation": {"database": "none"}, "phases": {"coverage": {"enabled": False}}}
_DOCUMENT = create_app(settings_for("postgresql+psycopg://nobody@nowhere/none", Path("nowhere"))).openapi()
schema = schemathesis.openapi.from_dict(_DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the application answers, and a key for it."""
    changes: dict[str, Any] = {"requests_per_minute": 100_000, "max_open_jobs": 100_000, "sync_wait_seconds": 0.1}
    app = create_app(settings_for(database_url, tmp_path_factory.mktemp("data"), **changes))
    with socket.socket() as listening, pytest.MonkeyPatch.context() as patch:
        # schemathesis tries wrong keys with every call
        patch.setattr(limits, "FAILURES_PER_MINUTE", 100_000)
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        served = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(served.serve([listening]),))
        thread.start()
        try:
            while not served.started:
                assert thread.is_alive(), "the application did not start"
                thread.join(0.05)
            making = Server(app, app.state.services).new_member("Schemathesis", 1_000_000)
            member = asyncio.run_coroutine_threadsafe(making, loop).result(60)
            yield f"http://127.0.0.1:{port}", member.key
        finally:
            served.should_exit = True
            thread.join(30)
            loop.close()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_declared(case: schemathesis.Case, address: tuple[str, str]) -> None:
    base, key = address
    answer = case.call(base_url=base, headers={"X-API-Key": key}, timeout=60)
    # a declared 503 (no worker) is no fault; and a schema cannot say which texts can be spoken
    excluded = [positive_data_acceptance, *([not_a_server_error] if answer.status_code == 503 else [])]
    case.validate_response(answer, excluded_checks=excluded)
