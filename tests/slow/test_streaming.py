"""Streaming over real HTTP, with the real model: early bytes, right headers, and a listener who leaves."""

from __future__ import annotations

import io
import time

import httpx
import pytest
import soundfile

from tests.support.voices import CONSENT, REFERENCE
from tests.support.whole import Whole

pytestmark = pytest.mark.slow

STREAM = "/v1/voice-cloning/tts/stream"
SENTENCES = (
    "The old lighthouse keeper climbed the winding stairs every evening.",
    "He lit the lamp before the ships came in, and he never missed a night.",
    "When the fog rolled over the bay, he rang the heavy bell by hand.",
    "The sailors far below heard it, and they steered away from the rocks.",
    "In the morning he wrote the weather into a large book, line by line.",
    "Nobody but the wind ever read what he had written there.",
)
TEXT = " ".join(SENTENCES)
CLIP = {"audio_ref": ("reference.wav", REFERENCE)}


def ended(client: httpx.Client, job_id: str, seconds: float = 120.0) -> dict:
    deadline = time.monotonic() + seconds
    while (job := client.get(f"/v1/jobs/{job_id}").json())["status"] in ("queued", "processing"):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
    return job


def entries(client: httpx.Client, job_id: str) -> dict[str, int]:
    found = client.get("/v1/account/ledger", params={"limit": 100}).json()["items"]
    return {entry["kind"]: entry["amount"] for entry in found if entry["job_id"] == job_id}


def test_the_first_bytes_come_before_the_work_is_done(whole: Whole) -> None:
    with whole.client() as client, whole.client() as looking:
        with client.stream("POST", STREAM, data={"text": TEXT, "format": "wav"}, files=CLIP) as answer:
            assert answer.status_code == 200, answer.read()
            headers = answer.headers
            pieces = answer.iter_raw()
            heard = next(pieces)
            status = looking.get(headers["location"]).json()["status"]
            heard += b"".join(pieces)
        assert status == "processing"
        assert headers["content-type"] == "audio/wav" and headers["cache-control"] == "no-store"
        assert headers["transfer-encoding"] == "chunked" and "content-length" not in headers
        job = ended(looking, headers["x-job-id"])
        assert job["status"] == "completed" and job["mode"] == "stream"
        assert job["credits_charged"] == len(TEXT)
        samples, rate = soundfile.read(io.BytesIO(heard))
        assert rate == 24_000 and abs(len(samples) / rate - job["duration_seconds"]) < 0.01
        # the recording stays there to be fetched, and is the same sound
        result = looking.get(f"/v1/jobs/{job['id']}/result").json()
        kept, _ = soundfile.read(io.BytesIO(httpx.get(result["download_url"]).content))
        assert len(kept) == len(samples)


def test_who_leaves_pays_for_what_was_spoken(whole: Whole) -> None:
    text = " ".join(SENTENCES * 4)
    with whole.client() as client, whole.client() as looking:
        with client.stream("POST", STREAM, data={"text": text, "format": "pcm"}, files=CLIP) as answer:
            assert answer.status_code == 200, answer.read()
            job_id = answer.headers["x-job-id"]
            next(answer.iter_raw())
        job = ended(looking, job_id)
        assert job["status"] == "canceled"
        assert 0 <= job["credits_charged"] < len(text) // 2
        assert entries(looking, job_id) == {"reserve": -len(text), "settle": len(text) - job["credits_charged"]}
        assert looking.get(f"/v1/jobs/{job_id}/result").json()["code"] == "job_canceled"
        # the worker is free for the next one
        with client.stream("POST", STREAM, data={"text": "And so on.", "format": "pcm"}, files=CLIP) as answer:
            assert answer.status_code == 200 and len(answer.read()) > 24_000


def test_a_failure_before_the_first_byte_is_a_problem_document(whole: Whole) -> None:
    with whole.client() as client:
        answer = client.post(STREAM, data={"text": TEXT, "duration": "0.5"}, files=CLIP)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "duration_out_of_reach"), problem
        assert problem["shortest_seconds"] > 0.5 and entries(client, problem["job_id"])["release"] == len(TEXT)


def test_a_quote_tells_the_length_that_comes(whole: Whole) -> None:
    text = " ".join(SENTENCES[:2])
    with whole.client() as client:
        voice = client.post(
            "/v1/custom-voices",
            data={"name": "Quoted", "consent": CONSENT, "generate_preview": "false"},
            files={"ref_audio": ("reference.wav", REFERENCE)},
        ).json()["id"]
        fields = {"text": text, "custom_voice_id": voice, "speed": "1.25"}
        quote = client.post("/v1/voice-cloning/quote", data=fields).json()
        answer = client.post("/v1/voice-cloning/tts", data={**fields, "async_mode": "false"})
        spoken = answer.json()
        assert answer.status_code == 200, spoken
        assert quote["credits"] == spoken["credits_charged"] == len(text)
        assert abs(quote["seconds"] / spoken["duration_seconds"] - 1) < 0.02
        assert abs(quote["natural_seconds"] / quote["seconds"] - quote["effective_speed"]) < 0.01
