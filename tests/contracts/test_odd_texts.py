"""NUL, lone surrogates and far too long texts in every place that takes text: refused, and never a server error."""

from __future__ import annotations

import json
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import Member, Server, settings_for
from voicechanger.settings import Settings

ODD = {"nul": "a\0b", "surrogate": "a\ud800b", "long": "a" * 3_000}
ID = str(uuid.UUID(int=7))
Document = dict[str, Any]


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """A server whose limits do not answer in place of its validation."""
    return settings_for(fresh_database_url, tmp_path, requests_per_minute=100_000)


def resolved(document: Document, schema: Document) -> Document:
    """A schema with its reference followed."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def is_text(document: Document, schema: Document) -> bool:
    parts = [resolved(document, part) for part in (schema, *schema.get("anyOf", []))]
    return any(part.get("type") == "string" and part.get("format") != "binary" for part in parts)


def sample(document: Document, schema: Document) -> Any:
    """Some value that a schema takes."""
    schema = resolved(document, schema)
    if "anyOf" in schema:
        return sample(document, schema["anyOf"][0])
    if "default" in schema or "enum" in schema or "const" in schema or schema.get("examples"):
        return schema.get("default", schema.get("const", (schema.get("enum") or schema.get("examples") or [None])[0]))
    kinds = {"string": "Ada", "integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}}
    if schema.get("format") == "uuid":
        return ID
    if schema.get("type") == "array":
        return [sample(document, schema["items"])]
    return kinds[schema.get("type", "object")]


def requests(document: Document, odd: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every request of the document with an odd text in one of its places: method, path, what httpx takes."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            filled = path
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    filled = filled.replace("{" + parameter["name"] + "}", ID)
            quoted = urllib.parse.quote(odd.encode("utf-8", "surrogatepass"))
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    yield method, f"{filled}?{parameter['name']}={quoted}", {}
            if "{" in path:
                yield method, path.replace(path[path.index("{") : path.index("}") + 1], quoted), {}
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                for body in bodies(document, resolved(document, content["schema"]), odd):
                    yield method, filled, encoded(kind, body)


def bodies(document: Document, schema: Document, odd: str) -> Iterator[dict[str, Any]]:
    """The body of a schema with an odd text in one of its fields, or as the name of one more."""
    plain = {name: sample(document, schema["properties"][name]) for name in schema.get("required", [])}
    for name, part in schema.get("properties", {}).items():
        if is_text(document, part):
            yield {**plain, name: odd}
    yield {**plain, odd: "x"}


def encoded(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    if kind == "application/json":
        return {"content": json.dumps(body).encode(), "headers": {"Content-Type": kind}}
    # this codec lets a form hold what UTF-8 cannot
    boundary = "b0undary"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in body.items()
    )
    content = f"{parts}--{boundary}--\r\n".encode("ascii", "backslashreplace")
    kind = f"multipart/form-data; boundary={boundary}; charset=unicode_escape"
    return {"content": content, "headers": {"Content-Type": kind}}


@pytest.mark.parametrize("odd", ODD)
async def test_no_route_fails_over_a_text(server: Server, member: Member, odd: str) -> None:
    seen = 0
    document = server.app.openapi()
    for method, path, sent in requests(document, ODD[odd]):
        answer = await member.client.request(method.upper(), path, **sent)
        assert answer.status_code < 500 or answer.status_code == 503, (method, path[:200], sent, answer.text)
        seen += 1
    assert seen > 50


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/setup"])
async def test_no_form_of_the_dashboard_fails_over_a_text(server: Server, path: str, odd: str) -> None:
    async with server.client() as client:
        for field in ("email", "password", "name", "next", "token"):
            plain = {"email": "ada@example.org", "password": "correct horse battery"}
            answer = await client.post(path, **encoded("multipart/form-data", {**plain, field: ODD[odd]}))
            assert answer.status_code < 500, (field, answer.text)


async def refused(answer: httpx.Response, status: int = 422) -> None:
    assert answer.status_code == status, answer.text


async def test_the_known_ones_are_refused(member: Member) -> None:
    hook = {"url": "https://example.com/hook", "description": "a\0b"}
    await refused(await member.client.post("/v1/webhooks", json=hook))
    body = json.dumps({"model": "tts-1", "input": "Hello.", "voice": "\ud800"}).encode()
    headers = {"Content-Type": "application/json"}
    await refused(await member.client.post("/v1/audio/speech", content=body, headers=headers), 400)
    span = {"bucket": "month", "start": "9999-11-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"}
    await refused(await member.client.get("/v1/account/usage", params=span))
