"""A server answers to its own names only."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.server import settings_for
from voicechanger.kit.hosts import allowed_hosts, host_name
from voicechanger.server import create_app

PATHS = ["/", "/v1/jobs", "/files/a/b", "/openapi.json", "/docs", "/static/kit.js", "/sign-in", "/metrics"]


def client(folder: Path, name: str, **settings: str) -> httpx.AsyncClient:
    app = create_app(settings_for("postgresql+psycopg://nobody@nowhere/none", folder, **settings))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers={"Host": name})


@pytest.mark.parametrize("path", PATHS)
async def test_a_foreign_host_gets_421(tmp_path: Path, path: str) -> None:
    async with client(tmp_path, "evil.example:8000", public_url="") as stranger:
        answer = await stranger.get(path)
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")


async def test_probes_may_use_any_name(tmp_path: Path) -> None:
    async with client(tmp_path, "10.0.0.7", public_url="https://voice.example") as probe:
        assert (await probe.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("listen", "public_url", "host", "allowed"),
    [
        ("127.0.0.1", "", "localhost:8000", True),
        ("127.0.0.1", "", "[::1]:8000", True),
        ("127.0.0.1", "", "LOCALHOST.", True),
        ("127.0.0.1", "", "10.0.0.7:8000", False),
        ("127.0.0.1", "https://voice.example", "voice.example", True),
        ("127.0.0.1", "https://voice.example", "127.0.0.1:8000", True),
        ("0.0.0.0", "https://voice.example", "Voice.Example:443", True),  # compared, not bound
        ("0.0.0.0", "https://voice.example", "localhost", False),  # compared, not bound
        ("0.0.0.0", "https://voice.example", "10.0.0.7", False),  # compared, not bound
        ("0.0.0.0", "", "10.0.0.7:8000", True),  # compared, not bound
        ("0.0.0.0", "", "evil.example", False),  # compared, not bound
        ("127.0.0.1", "", "", False),
        ("127.0.0.1", "", "localhost@evil.example", False),
        ("127.0.0.1", "", "localhost/evil", False),
        ("127.0.0.1", "", "[::1", False),
    ],
)
async def test_which_hosts_are_allowed(tmp_path: Path, listen: str, public_url: str, host: str, allowed: bool) -> None:
    async with client(tmp_path, host, host=listen, public_url=public_url) as asking:
        answer = await asking.get("/openapi.json")
    assert answer.status_code == (200 if allowed else 421)


def test_a_host_that_is_none() -> None:
    assert [host_name(text) for text in ("", "[", "a@b", "a/b")] == ["", "", "", ""]
    assert allowed_hosts("127.0.0.1", "") == (frozenset({"localhost", "127.0.0.1", "::1"}), False)
