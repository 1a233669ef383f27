"""The official `openai` package, unchanged, against the whole product."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator

import openai
import pytest
import soundfile

from tests.support.voices import CONSENT, REFERENCE
from tests.support.whole import Whole

pytestmark = pytest.mark.slow

NAME = "Reader of the mills"
TEXT = "The lamp was lit before the ships came in."
_LEARN_SECONDS = 120.0


@pytest.fixture(scope="module")
def voice(whole: Whole) -> str:
    """Name of a saved voice that is ready."""
    with whole.client() as client:
        answer = client.post(
            "/v1/custom-voices",
            data={"name": NAME, "consent": CONSENT, "generate_preview": "false"},
            files={"ref_audio": ("reference.wav", REFERENCE)},
        )
        assert answer.status_code == 201, answer.text
        deadline = time.monotonic() + _LEARN_SECONDS
        while (found := client.get(answer.headers["location"]).json())["status"] == "processing":
            assert time.monotonic() < deadline, found
            time.sleep(0.3)
        assert found["status"] == "ready", found
    return NAME


@pytest.fixture(scope="module")
def client(whole: Whole) -> Iterator[openai.OpenAI]:
    """The client as its users make it."""
    with openai.OpenAI(api_key=whole.key, base_url=f"{whole.address}/v1", max_retries=0, timeout=180) as made:
        yield made


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    models = client.models.list().data
    assert models and {model.object for model in models} == {"model"}


def test_speech_as_one_answer(client: openai.OpenAI, voice: str) -> None:
    answer = client.audio.speech.create(model="tts-1", voice=voice, input=TEXT, response_format="wav")
    assert answer.response.headers["content-type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert rate == 24_000 and len(samples) / rate > 1.5 and abs(samples).max() > 0.05


def test_speech_as_a_stream_is_an_mp3_by_default(client: openai.OpenAI, voice: str) -> None:
    with client.audio.speech.with_streaming_response.create(model="tts-1-hd", voice=voice, input=TEXT) as answer:
        assert answer.headers["content-type"] == "audio/mpeg"
        heard = b"".join(answer.iter_bytes())
    info = soundfile.info(io.BytesIO(heard))
    assert info.format == "MP3" and info.duration > 1.5


def test_speech_as_events(client: openai.OpenAI, voice: str) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice=voice, input=TEXT, response_format="pcm", stream_format="sse"
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events[:-1]] == ["speech.audio.delta"] * (len(events) - 1)
    assert events[-1]["type"] == "speech.audio.done"
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert len(sound) % 2 == 0 and len(sound) / 2 / 24_000 > 1.5


def test_speed_is_heard(client: openai.OpenAI, voice: str) -> None:
    sizes = [
        len(client.audio.speech.create(model="tts-1", voice=voice, input=TEXT, response_format="pcm", speed=s).content)
        for s in (1.0, 2.0)
    ]
    assert 1.8 < sizes[0] / sizes[1] < 2.2


def test_a_wrong_key_is_an_authentication_error(whole: Whole) -> None:
    with (
        openai.OpenAI(api_key="sk-nonsense", base_url=f"{whole.address}/v1", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.models.list()
    assert caught.value.code == "invalid_api_key"


def test_an_unknown_voice_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.audio.speech.create(model="tts-1", voice="nobody", input=TEXT)
    assert caught.value.code == "voice_not_found"


def test_what_cannot_be_honoured_is_a_bad_request(client: openai.OpenAI, voice: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.audio.speech.create(model="tts-1", voice=voice, input=TEXT, instructions="Whisper.")
    assert (caught.value.code, caught.value.param) == ("unsupported_instructions", "instructions")
