"""Loudness against the figures of BS.1770 and EBU Tech 3341; the leveller against what a listener wants."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voicechanger.tts.audio.limiter import limit, true_peak_db
from voicechanger.tts.audio.loudness import SILENCE, Leveller, measure

RATE = 24_000


def sine(seconds: float, peak_db: float, frequency: float = 1000.0, rate: int = RATE) -> NDArray[np.float32]:
    time = np.arange(round(seconds * rate)) / rate
    return (10 ** (peak_db / 20) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def murmur(seconds: float, loudness: float, seed: int = 0) -> NDArray[np.float32]:
    """Noise with a speech-like rhythm at a given loudness."""
    random = np.random.default_rng(seed)
    size = round(seconds * RATE)
    beat = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(size) / RATE)
    noise = (random.standard_normal(size) * beat * 0.05).astype(np.float32)
    return (noise * 10 ** ((loudness - measure(noise, RATE)) / 20)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000, 96_000])
def test_the_standards_sine_reads_minus_three(rate: int) -> None:
    assert measure(sine(5, 0, 997, rate), rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("peak_db", [-6, -23, -40])
def test_it_is_linear_in_decibels(peak_db: float) -> None:
    assert measure(sine(5, peak_db), RATE) == pytest.approx(peak_db - 3.01, abs=0.1)


def test_quiet_parts_are_gated() -> None:
    """EBU Tech 3341, cases 3 and 4, in one channel."""
    parts = [sine(10, -72), sine(10, -36), sine(60, -23), sine(10, -36), sine(10, -72)]
    assert measure(np.concatenate(parts), RATE) == pytest.approx(-26.0, abs=0.1)


@pytest.mark.parametrize("frequency, relative", [(38.0, -6.0), (100.0, -1.2), (6_000.0, 3.3)])
def test_the_weighting_has_its_shape(frequency: float, relative: float) -> None:
    difference = measure(sine(5, -20, frequency), RATE) - measure(sine(5, -20, 997), RATE)
    assert difference == pytest.approx(relative, abs=0.9)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.399, 0.4, 0.41])
def test_short_sounds_have_a_loudness(seconds: float) -> None:
    assert measure(sine(seconds, -20), RATE) == pytest.approx(-23, abs=1.5)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(RATE), np.full(RATE, 1e-6)])
def test_silence_has_none(samples: NDArray[np.float64]) -> None:
    assert measure(samples.astype(np.float32), RATE) == SILENCE


@pytest.mark.slow
def test_a_long_reading_comes_out_even() -> None:
    random = np.random.default_rng(5)
    leveller = Leveller(RATE, -18.0)
    drift = -26 + 4 * np.sin(np.arange(40) / 6)
    spoken = [murmur(random.uniform(1, 8), level + random.normal(0, 1), i) for i, level in enumerate(drift)]
    before = [measure(x, RATE) for x in spoken]
    after = [measure(leveller.level(x), RATE) for x in spoken]
    assert np.std(after) < 0.5 * np.std(before)
    assert np.max(np.abs(np.array(after) + 18.0)) < 4.0


def test_the_first_utterance_meets_the_target() -> None:
    assert measure(Leveller(RATE, -18.0).level(murmur(3, -30)), RATE) == pytest.approx(-18.0, abs=0.3)


def test_one_short_cry_does_not_move_the_level() -> None:
    leveller = Leveller()
    leveller.level(murmur(5, -24))
    before = leveller.gain
    leveller.level(murmur(0.3, -10))
    assert before is not None and leveller.gain is not None
    assert abs(leveller.gain - before) < 2.5


@pytest.mark.parametrize("loudness", [-75.0, -65.0, -3.0])
def test_the_gain_is_bounded(loudness: float) -> None:
    leveller = Leveller()
    leveller.level(sine(2, loudness))
    assert leveller.gain is None or abs(leveller.gain) <= Leveller.LARGEST_GAIN


def test_it_goes_on_where_another_stopped() -> None:
    spoken = [murmur(2, -20 - i, i) for i in range(6)]
    whole, first = Leveller(), Leveller()
    expected = [whole.level(x) for x in spoken]
    for x in spoken[:3]:
        first.level(x)
    second = Leveller(gain=first.gain)
    for x, y in zip(spoken[3:], expected[3:], strict=True):
        assert np.array_equal(second.level(x), y)


def test_the_gain_moves_without_a_step() -> None:
    leveller = Leveller()
    constant = [sine(1, -30, 200), sine(1, -10, 200)]
    joined = np.concatenate([leveller.level(x) for x in constant])
    jump = np.abs(np.diff(joined))[RATE - 1]
    assert jump < 0.05


@given(
    st.integers(0, 5000),
    st.floats(-60, 30),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_nothing_gets_past_the_ceiling_or_changes_length(size: int, level: float, seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    samples = noise * np.float32(10 ** (level / 20))
    done = Leveller().level(samples)
    assert done.shape == samples.shape and done.dtype == np.float32
    assert np.isfinite(done).all()
    assert true_peak_db(done, RATE) <= -1.0 + 0.01 or np.array_equal(done, samples)


def test_peaks_between_the_samples_count() -> None:
    """A quarter of the rate, sampled at 45°: every sample is 3 dB below the true peak."""
    time = np.arange(RATE)
    samples = np.sin(np.pi / 2 * time + np.pi / 4).astype(np.float32)
    assert 20 * math.log10(float(np.abs(samples).max())) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_db(samples[100:-100], RATE) > -0.7
    limited = limit(samples, RATE, -1.0)
    fine = soxr.resample(limited, RATE, RATE * 16, quality="VHQ")
    assert 20 * math.log10(float(np.abs(fine).max())) < -0.9


def test_the_limiter_leaves_what_is_low_enough() -> None:
    samples = sine(1, -2)
    assert limit(samples, RATE, -1.0) is samples


def test_the_limiter_acts_only_around_the_peak() -> None:
    samples = sine(1, -12)
    samples[12_000] = 1.2
    limited = limit(samples, RATE, -1.0)
    far = np.r_[0:11_000, 13_000:RATE]
    assert np.abs(limited[far] - samples[far]).max() < 0.01


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Leveller().level(np.array([0.0, bad], np.float32))
