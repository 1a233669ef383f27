"""Texts of a hundred thousand characters, where the operator allows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.server import Member, settings_for
from voicechanger.settings import Settings

MOST = 100_000
TTS = "/v1/voice-cloning/tts"
SENTENCE = "The old keeper climbed the stairs. "


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """A server for whole books."""
    return settings_for(fresh_database_url, tmp_path, max_text_characters=MOST)


@pytest.mark.parametrize("text", [SENTENCE * 2858, "今天天气很好。" * 14_286], ids=["english", "chinese"])
async def test_the_longest_text_is_accepted_and_one_character_more_is_not(member: Member, text: str) -> None:
    voice, text = str(await member.save_voice()), text[: MOST - 1] + "."
    answer = await member.client.post(TTS, data={"text": text, "custom_voice_id": voice})
    assert answer.status_code == 202, answer.text
    assert answer.json()["credits_reserved"] == MOST
    more = await member.client.post(TTS, data={"text": text + ".", "custom_voice_id": voice})
    assert (more.status_code, more.json()["code"]) == (422, "text_too_long")


async def test_openai_clients_meet_the_same_limit(member: Member) -> None:
    voice = str(await member.save_voice())
    body = {"model": "tts-1", "input": "一" * (MOST + 1), "voice": voice}
    answer = await member.client.post("/v1/audio/speech", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "text_too_long")
