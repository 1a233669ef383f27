"""The whole way: server and worker as processes, a voice cloned from a recording, heard and judged."""

from __future__ import annotations

import io
import time
from pathlib import Path

import httpx
import jiwer
import numpy as np
import pytest
import soundfile
import soxr

from tests.support.recogniser import recognise, spoken_words
from tests.support.whole import Whole
from voicechanger.tts.cloning.ge2e import SpeakerNetwork, build

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TEXT = (
    "The old lighthouse keeper climbed the winding stairs every evening, and lit the lamp before the ships came in. "
    "He never missed a night."
)


def samples_at_16k(source: Path | bytes) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(source) if isinstance(source, bytes) else source, dtype="float32")
    return soxr.resample(samples, rate, 16_000).astype(np.float32)


def speak(whole: Whole, clip: Path, **fields: str) -> tuple[dict, bytes]:
    """Clone, poll, download, as the README does."""
    with whole.client() as client, clip.open("rb") as audio:
        accepted = client.post(
            "/v1/voice-cloning/tts", data={"text": TEXT, **fields}, files={"audio_ref": (clip.name, audio)}
        )
        assert accepted.status_code == 202, accepted.text
        job_id = accepted.json()["job_id"]
        deadline = time.monotonic() + 300
        while True:
            job = client.get(f"/v1/jobs/{job_id}").json()
            if job["status"] not in ("queued", "processing"):
                break
            assert time.monotonic() < deadline, job
            time.sleep(0.3)
        assert job["status"] == "completed", job
        result = client.get(f"/v1/jobs/{job_id}/result").json()
    # the link needs no key
    return job, httpx.get(result["download_url"], timeout=60).content


@pytest.fixture(scope="module")
def spoken(whole: Whole) -> tuple[dict, bytes]:
    return speak(whole, EXAMPLES / "reference.wav")


def test_every_word_is_heard(spoken: tuple[dict, bytes]) -> None:
    heard = recognise(samples_at_16k(spoken[1]), 16_000, "en")
    assert jiwer.wer(" ".join(spoken_words(TEXT)), " ".join(spoken_words(heard))) <= 0.08, heard


def test_the_voice_is_nearer_to_its_speaker_than_to_any_other(spoken: tuple[dict, bytes], tmp_path: Path) -> None:
    build(tmp_path)
    network = SpeakerNetwork(tmp_path)
    made = network.embed(samples_at_16k(spoken[1]))
    own = float(made @ network.embed(samples_at_16k(EXAMPLES / "reference.wav")))
    others = [float(made @ network.embed(samples_at_16k(clip))) for clip in sorted((EXAMPLES / "speakers").iterdir())]
    assert others and own > max(others), (own, others)


def test_the_price_is_charged_once(spoken: tuple[dict, bytes]) -> None:
    job = spoken[0]
    assert job["credits_charged"] == job["credits_reserved"] == len(TEXT)


def test_a_target_length_is_met_to_10_ms(whole: Whole) -> None:
    job, audio = speak(whole, EXAMPLES / "reference.wav", duration="9.5", format="flac")
    seconds = soundfile.info(io.BytesIO(audio)).duration
    assert abs(seconds - 9.5) <= 0.01
    assert abs(job["duration_seconds"] - 9.5) <= 0.01 and job["effective_speed"] != 1.0


def test_an_mp3_is_an_mp3(whole: Whole) -> None:
    _, audio = speak(whole, EXAMPLES / "reference.wav", format="mp3")
    info = soundfile.info(io.BytesIO(audio))
    assert (info.format, info.samplerate, info.channels) == ("MP3", 24_000, 1)
