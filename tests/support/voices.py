"""Custom voices for tests: saved over HTTP from the shipped recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from tests.support.server import Member, Server

VOICES = "/v1/custom-voices"
EXAMPLES = Path(__file__).parents[2] / "examples"
REFERENCE = (EXAMPLES / "reference.wav").read_bytes()
CONSENT = "This is my voice and I agree that it is cloned."


async def create(member: Member, name: str = "Ada", clip: bytes = REFERENCE, **fields: str | None) -> httpx.Response:
    """Ask for a voice."""
    form: dict[str, str | None] = {"name": name, "consent": CONSENT, **fields}
    return await member.client.post(
        VOICES,
        data={key: value for key, value in form.items() if value is not None},
        files={"ref_audio": ("clip.wav", clip)},
    )


async def saved(member: Member, name: str = "Ada", **fields: str | None) -> str:
    """Id of a new voice, still to be learned."""
    answer = await create(member, name, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def shown(member: Member, voice_id: str) -> dict[str, Any]:
    """A voice as its owner sees it."""
    return dict((await member.client.get(f"{VOICES}/{voice_id}")).json())


async def rows(server: Server, query: str) -> list[Any]:
    """Rows of a query."""
    async with server.services.database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(query))]


def files_of(server: Server, folder: str = "") -> list[Path]:
    """Files in storage."""
    root = server.services.storage.local_root
    assert root is not None
    return [path for path in (root / folder).rglob("*") if path.is_file()]
