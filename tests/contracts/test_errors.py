"""One shape for every error, ids on every answer, and files behind links as players and browsers ask for them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.server import Member, Server
from voicechanger.kit.database import now

BODY = b"0123456789" * 10
KEY = "results/somebody/something/speech.wav"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, whose shape is checked."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"] and body["detail"] and body["request_id"] == answer.headers["x-request-id"]
    return body


async def test_an_address_that_is_none(member: Member) -> None:
    problem(await member.client.get("/v1/nothing"), 404, "not_found")


async def test_a_method_that_is_not_taken(member: Member) -> None:
    answer = await member.client.put("/v1/jobs")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_a_path_that_holds_no_uuid(member: Member) -> None:
    body = problem(await member.client.get("/v1/jobs/seven"), 422, "field_invalid")
    assert [error["field"] for error in body["errors"]] == ["job_id"]


async def test_a_body_that_is_no_json(member: Member) -> None:
    headers = {"Content-Type": "application/json"}
    problem(await member.client.post("/v1/webhooks", content=b"{", headers=headers), 422, "invalid_json")


async def test_a_body_of_another_kind(member: Member) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = await member.client.post("/v1/voice-cloning/tts", content=b"Hello.", headers=headers)
    problem(answer, 415, "unsupported_media_type")


async def test_a_missing_and_an_unknown_field_come_together(member: Member) -> None:
    body = problem(await member.client.post("/v1/webhooks", json={"colour": "red"}), 422, "invalid_request")
    assert {(e["field"], e["code"]) for e in body["errors"]} == {("url", "field_missing"), ("colour", "unknown_field")}


async def test_what_was_sent_is_not_echoed(member: Member) -> None:
    answer = await member.client.post("/v1/webhooks", json={"url": ["hunter2"]})
    problem(answer, 422, "field_invalid")
    assert "hunter2" not in answer.text


async def test_a_body_without_end_is_refused(member: Member) -> None:
    answer = await member.client.post("/v1/webhooks", json={"url": "x" * 3_000_000})
    problem(answer, 413, "upload_too_large")


@pytest.mark.parametrize(("path", "code"), [("custom-voices", "voice_not_found"), ("webhooks", "webhook_not_found")])
async def test_an_id_of_nothing(member: Member, path: str, code: str) -> None:
    for method in ("GET", "DELETE"):
        problem(await member.client.request(method, f"/v1/{path}/{uuid.uuid4()}"), 404, code)


async def test_a_request_id_is_echoed_unless_it_could_do_harm(server: Server) -> None:
    async with server.client() as client:
        given = await client.get("/healthz", headers={"X-Request-Id": "order-7.a~b_c"})
        assert given.headers["x-request-id"] == "order-7.a~b_c"
        for bad in ("a b", "x" * 65, 'a"b'):
            made = await client.get("/nothing", headers={"X-Request-Id": bad})
            assert made.headers["x-request-id"] not in ("", bad)
            problem(made, 404, "not_found")


@pytest.fixture
async def link(server: Server) -> str:
    """A signed link to a file."""
    await server.services.storage.put_bytes(KEY, BODY)
    return (await server.services.storage.link(KEY, "audio/wav", "speech.wav")).url


async def test_a_file_comes_whole_and_named(server: Server, link: str) -> None:
    async with server.client() as client:
        answer = await client.get(link)
        head = await client.head(link)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-disposition"] == 'attachment; filename="speech.wav"'
    assert answer.headers["accept-ranges"] == "bytes" and answer.headers["x-content-type-options"] == "nosniff"
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == str(len(BODY)) and head.headers["etag"] == answer.headers["etag"]


RANGES = [("bytes=0-9", 0, 10), ("bytes=95-", 95, 100), ("bytes=-5", 95, 100), ("bytes=90-500", 90, 100)]


@pytest.mark.parametrize(("asked", "start", "end"), RANGES)
async def test_a_part_of_a_file(server: Server, link: str, asked: str, start: int, end: int) -> None:
    async with server.client(Range=asked) as client:
        answer = await client.get(link)
    assert (answer.status_code, answer.content) == (206, BODY[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/100"


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=500-600", "bytes=-0", "bytes=9-3", "bytes=a-b"])
async def test_a_part_that_is_not_there(server: Server, link: str, asked: str) -> None:
    async with server.client(Range=asked) as client:
        answer = await client.get(link)
    problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == "bytes */100"


async def test_a_file_that_the_caller_has_is_not_sent_again(server: Server, link: str) -> None:
    async with server.client() as client:
        first = await client.get(link)
        again = await client.get(link, headers={"If-None-Match": first.headers["etag"]})
        since = await client.get(link, headers={"If-Modified-Since": first.headers["last-modified"]})
        other = await client.get(link, headers={"If-None-Match": '"another"'})
        part = await client.get(link, headers={"Range": "bytes=0-4", "If-Range": '"another"'})
    for answer in (again, since):
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == first.headers["etag"]
    assert (other.status_code, other.content) == (200, BODY)
    assert (part.status_code, part.content) == (200, BODY)


async def test_a_changed_link_is_refused(server: Server, link: str) -> None:
    changes = {
        "speech.wav?": "other.wav?",
        "audio%2Fwav": "text%2Fhtml",
        "inline=0": "inline=1",
        "expires=1": "expires=2",
    }
    async with server.client() as client:
        for old, new in changes.items():
            assert old in link
            problem(await client.get(link.replace(old, new)), 403, "link_invalid")
        problem(await client.get(link.split("&signature")[0]), 422, "field_missing")
        problem(await client.get(link.replace("/files/", "/files/../")), 404, "not_found")


async def test_an_old_link_and_one_to_a_removed_file_are_gone(server: Server, link: str) -> None:
    old = server.services.link_signer.sign(KEY, "audio/wav", "speech.wav", now() - timedelta(seconds=1))
    async with server.client() as client:
        problem(await client.get(old), 410, "link_expired")
        await server.services.storage.delete(KEY)
        problem(await client.get(link), 404, "file_not_found")
