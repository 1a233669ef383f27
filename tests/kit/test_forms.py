"""Urlencoded bodies cost what their fields cost."""

from __future__ import annotations

import pytest
from python_multipart.multipart import QuerystringParser

from tests.support.server import Member

QUOTE = "/v1/voice-cloning/quote"
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes reached the parser."""
    sizes: list[int] = []
    real = QuerystringParser.write

    def write(self: object, data: bytes) -> int:
        sizes.append(len(data))
        return real(self, data)  # pyright: ignore[reportArgumentType]  # the parser itself

    monkeypatch.setattr(QuerystringParser, "write", write)
    return sizes


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"&" * 20_000_000, 413, "upload_too_large", id="20 MB"),
        pytest.param(b"&" * 900_000, 422, "malformed_form", id="900 kB"),
        pytest.param(b"a=b&" * 100, 422, "malformed_form", id="100 fields"),
    ],
)
async def test_bodies_of_many_fields_are_refused_before_they_are_parsed(
    member: Member, parsed: list[int], body: bytes, status: int, code: str
) -> None:
    answer = await member.client.post(QUOTE, content=body, headers=URLENCODED)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert sum(parsed) == 0
