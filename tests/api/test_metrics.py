"""/metrics on the real application and database."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.support.server import Member, Server, settings_for
from voicechanger.infra.queue.workers import Heartbeat
from voicechanger.server import create_app


def client_from(server: Server, address: str, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(server.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


async def scrape(server: Server) -> dict[str, float]:
    async with client_from(server, "127.0.0.1") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 404),
        ("10.0.0.5", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 404),
    ],
)
async def test_only_this_machine_may_look(server: Server, address: str, headers: dict[str, str], status: int) -> None:
    async with client_from(server, address, **headers) as client:
        assert (await client.get("/metrics")).status_code == status


async def test_unless_the_settings_say_so(server: Server, tmp_path: Path) -> None:
    public = settings_for(server.services.settings.database_url, tmp_path, metrics_public=True)
    app = create_app(public)
    app.state.services = type(server.services)(
        **{name: getattr(server.services, name) for name in server.services.__slots__} | {"settings": public}
    )
    async with client_from(Server(app, app.state.services), "203.0.113.9") as client:
        assert (await client.get("/metrics")).status_code == 200


async def test_it_counts_routes_not_addresses(member: Member, server: Server) -> None:
    found = 'voicechanger_http_requests_total{method="GET",route="/v1/jobs/{job_id}",status="404"}'
    none = 'voicechanger_http_requests_total{method="GET",route="none",status="404"}'
    before = await scrape(server)
    await member.client.get("/v1/jobs/00000000-0000-0000-0000-000000000000")
    await member.client.get("/v1/jobs/00000000-0000-0000-0000-000000000001")
    await member.client.get("/wp-login.php")
    after = await scrape(server)
    assert after[found] - before.get(found, 0) == 2
    assert after[none] - before.get(none, 0) == 1
    assert not any("0000" in name or "wp-login" in name for name in after)


async def test_it_tells_of_jobs_queue_workers_and_deliveries(member: Member, server: Server) -> None:
    await member.client.post("/v1/webhooks", json={"url": "https://example.com/", "events": ["job.canceled"]})
    form = {"text": "Hello.", "custom_voice_id": str(await member.save_voice())}
    for _ in range(3):
        job = (await member.client.post("/v1/voice-cloning/tts", data=form)).json()["job_id"]
    await member.client.post(f"/v1/jobs/{job}/cancel")
    heartbeat = Heartbeat(server.services.database)
    heartbeat.ready = True
    await heartbeat.send()
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE procrastinate_events SET at = at - interval '90 seconds'"))
    told = await scrape(server)
    assert told['voicechanger_jobs_open{status="queued"}'] == 2
    assert told['voicechanger_jobs_ended_last_hour{status="canceled"}'] == 1
    assert told['voicechanger_queue_waiting{queue="speech"}'] == 3
    assert told['voicechanger_queue_oldest_seconds{queue="speech"}'] >= 90
    assert told['voicechanger_queue_waiting{queue="webhooks"}'] == 1
    assert told['voicechanger_webhook_deliveries_last_hour{status="pending"}'] == 1
    assert told["voicechanger_workers_ready"] == 1
