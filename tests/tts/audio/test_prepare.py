"""What is told of a recording: speech, noise, clipping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from voicechanger.tts.audio.prepare import clipped_share, resample, snr_db, speech_frames

RATE = 16_000


def speech() -> NDArray[np.float32]:
    return soundfile.read(Path(__file__).parents[3] / "examples/reference.wav", dtype="float32")[0]


def test_speech_is_found_where_it_is() -> None:
    samples = np.concatenate([np.zeros(2 * RATE, np.float32), speech(), np.zeros(2 * RATE, np.float32)])
    frames = speech_frames(samples, RATE)
    seconds = np.flatnonzero(frames.speech) * 0.032
    assert 1.9 < seconds.min() < 2.6
    assert 10.0 < seconds.max() < 10.7
    assert frames.speech_share == pytest.approx(frames.speech_seconds / (samples.size / RATE), abs=0.01)


@pytest.mark.parametrize("gain", [0.02, 0.2, 1.0])
@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
def test_neither_level_nor_rate_matters(gain: float, rate: int) -> None:
    expected = speech_frames(speech(), RATE)
    found = speech_frames(resample(speech(), RATE, rate) * np.float32(gain), rate)
    assert found.speech_seconds == pytest.approx(expected.speech_seconds, abs=0.5)


def test_snr_falls_with_the_noise() -> None:
    hiss = np.random.default_rng(1).standard_normal(speech().size).astype(np.float32)
    levels = [0.001, 0.003, 0.01, 0.03, 0.1]
    measured = [snr_db(speech_frames(speech() + level * hiss, RATE)) for level in levels]
    assert measured == sorted(measured, reverse=True)
    true = 10 * np.log10(np.mean(speech() ** 2) / 0.01**2)
    assert measured[2] == pytest.approx(true, abs=3)


def test_snr_of_silence_is_the_least() -> None:
    assert snr_db(speech_frames(np.zeros(RATE, np.float32), RATE)) == -20.0


@pytest.mark.parametrize("level", [0.1, 1.0])
def test_clipping_is_seen_at_any_level(level: float) -> None:
    assert clipped_share(speech()) < 1e-3
    assert clipped_share(np.clip(speech() * 8, -1, 1) * np.float32(level)) > 0.01


def test_one_sided_clipping_is_seen() -> None:
    assert clipped_share(np.minimum(speech(), 0.1)) > 0.01


def test_nothing_has_no_clipping() -> None:
    assert clipped_share(np.zeros(0, np.float32)) == 0.0
    assert clipped_share(np.zeros(10, np.float32)) == 0.0
