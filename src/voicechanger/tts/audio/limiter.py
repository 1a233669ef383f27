"""A look-ahead limiter for true peaks: peaks between the samples, which a player's converter would clip."""

from __future__ import annotations

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_OVERSAMPLING = 4
"""As BS.1770 asks for below 96 kHz."""
_REACH = 0.004
"""Seconds before and after a peak over which the gain moves."""


def true_peaks(samples: Samples, rate: int) -> Samples:
    """Return [n]: the largest magnitude at or right after each sample, between the samples included."""
    fine = soxr.resample(samples, rate, rate * _OVERSAMPLING, quality="HQ")
    fine = np.abs(np.pad(fine, (0, max(0, samples.size * _OVERSAMPLING - fine.size))))
    fine = fine[: samples.size * _OVERSAMPLING]
    return np.maximum(fine.reshape(-1, _OVERSAMPLING).max(axis=1), np.abs(samples)).astype(np.float32)


def true_peak_db(samples: Samples, rate: int) -> float:
    """Return the largest true peak in dBTP; −inf for silence."""
    peak = float(true_peaks(samples, rate).max()) if samples.size else 0.0
    return 20 * float(np.log10(peak)) if peak > 0 else -float("inf")


def limit(samples: Samples, rate: int, ceiling_db: float) -> Samples:
    """Return the samples with every true peak at or below the ceiling; unchanged where none is above."""
    if samples.size == 0:
        return samples
    ceiling = np.float32(10 ** (ceiling_db / 20))
    peaks = true_peaks(samples, rate)
    if float(peaks.max()) <= ceiling:
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9)).astype(np.float32)
    limited = samples * _smooth(_lowest_around(needed, round(_REACH * rate)), round(_REACH * rate))
    # A changing gain alters the curve between samples a little: a fraction of a decibel may remain
    left = float(true_peaks(limited, rate).max())
    return (limited * min(np.float32(1.0), ceiling / np.float32(left))).astype(np.float32)


def _lowest_around(gain: Samples, reach: int) -> Samples:
    """Return the lowest value within `reach` samples on both sides of each."""
    lowest = np.pad(gain, reach, constant_values=1.0)
    width = 1
    while width < 2 * reach + 1:
        step = min(width, 2 * reach + 1 - width)
        lowest = np.minimum(lowest[: lowest.size - step], lowest[step:])
        width += step
    return lowest


def _smooth(gain: Samples, reach: int) -> Samples:
    """Return a weighted mean over the same reach, so that the gain at a peak stays low enough."""
    window = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(gain, reach, mode="edge").astype(np.float64)
    return np.convolve(padded, window / window.sum(), mode="valid").astype(np.float32)
