"""Stretched speech: exact length, the same pitch, no clicks, no lost or added sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voicechanger.tts.audio.stretch import stretch

RATE = 24_000
FACTORS = [0.25, 0.5, 0.8, 1.25, 2.0, 4.0]


def speech() -> NDArray[np.float32]:
    path = Path(__file__).parents[3] / "examples/reference.wav"
    samples, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(samples, rate, RATE)


@given(st.integers(0, 6_000), st.floats(0.1, 8))
@settings(max_examples=80, deadline=None)
def test_the_length_is_exact(size: int, factor: float) -> None:
    samples = np.random.default_rng(size).uniform(-1, 1, size).astype(np.float32)
    done = stretch(samples, factor)
    assert done.shape == (round(size * factor),) and done.dtype == np.float32
    assert np.isfinite(done).all()


@given(st.integers(1, 20_000_000), st.integers(1, 20_000_000))
def test_a_planned_length_is_named_exactly_by_its_share(size: int, wanted: int) -> None:
    """What the engine asks for: `wanted / size` must come back as `wanted` samples."""
    assert round(size * (wanted / size)) == wanted


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("frequency", [80, 150, 311])
def test_a_tone_keeps_its_pitch_and_level(frequency: float, factor: float) -> None:
    tone = (0.3 * np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)).astype(np.float32)
    inner = stretch(tone, factor)[1_000:-1_000]
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(inner.size), 1 << 18))
    assert np.argmax(spectrum) * RATE / (1 << 18) == pytest.approx(frequency, rel=0.01)
    assert inner.std() == pytest.approx(tone.std(), rel=0.05)


@pytest.mark.parametrize("factor", FACTORS)
def test_loud_and_soft_keep_their_places(factor: float) -> None:
    samples = speech()

    def envelope(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.array([part.std() for part in np.array_split(x, 60)])

    assert np.corrcoef(envelope(samples), envelope(stretch(samples, factor)))[0, 1] > 0.9


@pytest.mark.parametrize("factor", FACTORS)
def test_there_are_no_clicks(factor: float) -> None:
    samples = speech()
    done = stretch(samples, factor)
    assert np.abs(np.diff(done)).max() <= 1.15 * np.abs(np.diff(samples)).max()
    assert np.abs(done).max() <= 1.1 * np.abs(samples).max()


def test_silence_stays_silent() -> None:
    assert not stretch(np.zeros(5_000, np.float32), 1.7).any()


def test_no_stretch_changes_nothing() -> None:
    samples = speech()
    assert np.array_equal(stretch(samples, 1.0), samples)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_factor_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="cannot stretch"):
        stretch(np.zeros(10, np.float32), factor)
