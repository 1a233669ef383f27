"""OpenAI's routes: shapes and refusals, without a worker."""

from __future__ import annotations

import pytest

from tests.support.server import Member, Server

SPEECH = "/v1/audio/speech"


async def test_models_and_voices(member: Member) -> None:
    voice = await member.save_voice("Zoe")
    models = (await member.client.get("/v1/models")).json()
    assert models["object"] == "list" and models["data"][0]["object"] == "model"
    assert (await member.client.get("/v1/audio/voices")).json() == {"voices": [{"id": str(voice), "name": "Zoe"}]}


BAD = [
    ({"model": "nope"}, 400, "model_not_found", "model"),
    ({"input": "  "}, 400, "text_empty", "input"),
    ({"input": "a" * 100_000}, 400, "text_too_long", "input"),
    ({"response_format": "aac"}, 400, "unsupported_format", "response_format"),
    ({"response_format": "m4a"}, 400, "field_invalid", "response_format"),
    ({"speed": 9}, 400, "field_invalid", "speed"),
    ({"instructions": "Whisper."}, 400, "unsupported_instructions", "instructions"),
    ({"voice": "Nobody"}, 404, "voice_not_found", None),
    ({"pitch": 1}, 400, "unknown_field", "pitch"),
]


@pytest.mark.parametrize(("change", "status", "code", "param"), BAD)
async def test_a_refusal_has_openais_shape(
    member: Member, change: dict[str, object], status: int, code: str, param: str | None
) -> None:
    await member.save_voice("Zoe")
    body = {"model": "tts-1", "input": "Hello.", "voice": "Zoe", **change}
    answer = await member.client.post(SPEECH, json=body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert set(error) == {"message", "type", "param", "code"}


async def test_a_wrong_key_has_openais_shape(server: Server) -> None:
    async with server.client(Authorization="Bearer nonsense") as client:
        answer = await client.get("/v1/models")
    assert answer.status_code == 401 and answer.json()["error"]["type"] == "authentication_error"
