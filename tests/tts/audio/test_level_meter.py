"""Measured block by block, a recording has the figures that it has as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from voicechanger.tts.audio.level_meter import LevelMeter
from voicechanger.tts.audio.loudness import SILENCE, LoudnessMeter, measure
from voicechanger.tts.audio.resample import Resampler, resample
from voicechanger.tts.cloning.clip_analysis import Level, measure_level

ROOT = Path(__file__).parents[3]
RATES = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]
Samples = NDArray[np.float32]


def speech(rate: int) -> Samples:
    samples, original = soundfile.read(ROOT / "examples/reference.wav", dtype="float32")
    return resample(samples, original, rate)


def blocks(samples: Samples, size: int) -> list[Samples]:
    return [samples[begin : begin + size] for begin in range(0, samples.size, size)]


def metered(samples: Samples, rate: int, size: int) -> Level:
    meter = LevelMeter(rate)
    for block in blocks(samples, size):
        meter.add(block)
    return meter.finish()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("size", [1_000, 65_536])
def test_the_level_is_that_of_the_whole(rate: int, size: int) -> None:
    samples = speech(rate)
    whole, found = measure_level(samples, rate), metered(samples, rate, size)
    assert found.peak_db == whole.peak_db
    assert found.loudness_lufs == pytest.approx(whole.loudness_lufs, abs=1e-3 if rate <= 48_000 else 0.02)
    assert found.clipped_share == pytest.approx(whole.clipped_share, abs=3 / samples.size)


@pytest.mark.parametrize("gain", [1.5, 4, 30])
def test_clipped_samples_are_counted(gain: float) -> None:
    samples = np.clip(gain * speech(48_000) / np.abs(speech(48_000)).max(), -0.8, 0.7).astype(np.float32)
    assert metered(samples, 48_000, 5_000).clipped_share == measure_level(samples, 48_000).clipped_share > 0


def test_a_late_peak_makes_earlier_ones_small() -> None:
    samples = np.concatenate([np.full(9_000, 0.5), np.full(100, 0.9), np.full(9_000, -0.2)]).astype(np.float32)
    assert metered(samples, 48_000, 1_000).clipped_share == measure_level(samples, 48_000).clipped_share


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.39, 0.4, 0.41, 0.5, 0.75, 3.3, 20, 59.3])
@pytest.mark.parametrize("rate", [11_025, 24_000])
def test_where_pieces_are_cut_makes_no_difference(seconds: float, rate: int) -> None:
    size = int(seconds * rate)
    envelope = np.abs(np.sin(1.7 * np.arange(size) / rate)) ** 4
    samples = (0.1 * envelope * np.random.default_rng(1).standard_normal(size)).astype(np.float32)
    meter = LoudnessMeter(rate)
    for block in blocks(samples, 7_777):
        meter.add(block)
        # a piece ends here, whatever has come together
        meter._weigh_waiting()
    assert meter.finish() == pytest.approx(measure(samples, rate), abs=1e-3)


def test_silence_has_no_loudness() -> None:
    assert metered(np.zeros(50_000, np.float32), 48_000, 5_000).loudness_lufs == SILENCE


@pytest.mark.parametrize("rate", [*RATES, 24_000])
def test_resampled_blocks_are_the_resampled_whole(rate: int) -> None:
    samples = speech(rate)
    resampler = Resampler(rate, 24_000)
    parts = [resampler.add(block) for block in blocks(samples, 10_000)]
    assert np.array_equal(np.concatenate([*parts, resampler.finish()]), resample(samples, rate, 24_000))
