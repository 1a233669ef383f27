"""The analysis of a recording: speech, noise, clipping, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning.clip_analysis import FRAME, SpeechFrames, analyse, clipped_share, find_speech
from voicechanger.tts.errors import ClipError

RATE = 16_000
EXAMPLES = Path(__file__).parents[3] / "examples"


def speech() -> NDArray[np.float32]:
    return soundfile.read(EXAMPLES / "reference.wav", dtype="float32")[0]


def test_speech_is_found_where_it_is() -> None:
    samples = np.concatenate([np.zeros(2 * RATE, np.float32), speech(), np.zeros(2 * RATE, np.float32)])
    frames = find_speech(samples, RATE)
    seconds = np.flatnonzero(frames.spoken) * 0.032
    assert 1.9 < seconds.min() < 2.6
    assert 10.0 < seconds.max() < 10.7
    assert frames.speech_share == pytest.approx(frames.speech_seconds / (samples.size / RATE), abs=0.01)


@pytest.mark.parametrize("gain", [0.02, 0.2, 1.0])
@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
def test_neither_level_nor_rate_matters(gain: float, rate: int) -> None:
    expected = find_speech(speech(), RATE)
    found = find_speech(resample(speech(), RATE, rate) * np.float32(gain), rate)
    assert found.speech_seconds == pytest.approx(expected.speech_seconds, abs=0.5)


def test_snr_falls_with_the_noise() -> None:
    hiss = np.random.default_rng(1).standard_normal(speech().size).astype(np.float32)
    levels = [0.001, 0.003, 0.01, 0.03, 0.1]
    measured = [find_speech(speech() + level * hiss, RATE).snr_db for level in levels]
    assert measured == sorted(measured, reverse=True)
    true = 10 * np.log10(np.mean(speech() ** 2) / 0.01**2)
    assert measured[2] == pytest.approx(true, abs=3)


def test_snr_of_silence_is_the_least() -> None:
    assert find_speech(np.zeros(RATE, np.float32), RATE).snr_db == -20.0


@pytest.mark.parametrize("level", [0.1, 1.0])
def test_clipping_is_seen_at_any_level(level: float) -> None:
    assert clipped_share(speech()) < 1e-3
    assert clipped_share(np.clip(speech() * 8, -1, 1) * np.float32(level)) > 0.01


def test_one_sided_clipping_is_seen() -> None:
    assert clipped_share(np.minimum(speech(), 0.1)) > 0.01


def test_nothing_has_no_clipping() -> None:
    assert clipped_share(np.zeros(0, np.float32)) == 0.0
    assert clipped_share(np.zeros(10, np.float32)) == 0.0


def test_clips_searched_for_speech_at_once_do_not_disturb_each_other() -> None:
    """A detector that threads share gave wrong masks in 20 of 20 simultaneous pairs."""
    clips = [soundfile.read(path, dtype="float32")[0] for path in sorted((EXAMPLES / "speakers").glob("*.flac"))]
    alone = [find_speech(clip, RATE).mask for clip in clips]
    with ThreadPoolExecutor(len(clips)) as pool:
        for found, wanted in zip(pool.map(lambda clip: find_speech(clip, RATE), clips * 3), alone * 3, strict=True):
            assert np.array_equal(found.mask, wanted)


def test_short_pauses_belong_to_the_speech_around_them() -> None:
    probability = np.array([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0], np.float32)
    frames = SpeechFrames(np.zeros(20 * FRAME, np.float32), probability, np.ones(20))
    assert np.flatnonzero(frames.spoken).tolist() == [*range(2, 11), 18]


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.zeros(0, np.float32), "clip_unreadable"),
        (np.full(48_000, np.nan, np.float32), "clip_unreadable"),
        (np.zeros((48_000, 2), np.float32), "clip_unreadable"),
        (np.zeros(48_000, np.float32), "clip_silent"),
        (speech() * np.float32(1e-3), "clip_silent"),
        (np.pad(speech()[:12_000], (0, 20 * RATE)), "clip_no_speech"),
        (speech()[: round(1.7 * RATE)], "clip_too_little_speech"),
        (np.clip(speech() * 8, -0.5, 0.5), "clip_clipped"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_a_code(samples: NDArray[np.float32], code: str) -> None:
    with pytest.raises(ClipError) as refused:
        analyse(samples, RATE)
    assert refused.value.code == code
