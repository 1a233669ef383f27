"""Spectra and pitch of a 16 kHz clip, for the voice encoder and its training."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Samples = NDArray[np.float32]
RATE = 16_000
PITCH_FLOOR = 60.0
PITCH_CEILING = 500.0
_PITCH_HOP = 200
"""12.5 ms at 16 kHz: two values for each frame of the model."""
_VOICED = 0.45
"""Normalised autocorrelation above which a frame counts as voiced."""


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert to Slaney's mel scale: linear to 1 kHz, logarithmic above."""
    linear = hertz * 3 / 200
    return np.where(hertz < 1000, linear, 15 + np.log(np.maximum(hertz, 1) / 1000) * 27 / np.log(6.4))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@lru_cache(maxsize=8)
def mel_filters(rate: int, size: int, bands: int, top: float) -> Samples:
    """Return [bands, size // 2 + 1] triangles of equal area (Slaney), from 0 Hz to `top`."""
    bins = np.linspace(0, rate / 2, size // 2 + 1)
    edges = _hertz(np.linspace(0, float(_mel(np.array(top))), bands + 2))
    area = 2 / (edges[2:] - edges[:-2])
    return (triangles(bins, edges) * area[:, None]).astype(np.float32)


def triangles(bins: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [len(edges) - 2, len(bins)] triangles: from one edge up to 1 at the next and down to the one after."""
    rise = (bins[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins[None]) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rise, fall))


def frames(x: Samples, size: int, hop: int) -> Samples:
    """Return [n, size] frames centred on multiples of `hop`, with zeros beyond the ends."""
    padded = np.pad(x, size // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]


@lru_cache(maxsize=8)
def hann(size: int) -> Samples:
    """Return the periodic window [size], whose copies half a window apart add up to one."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def spectrum(x: Samples, size: int, hop: int) -> Samples:
    """Return [n, size // 2 + 1] magnitudes."""
    transformed = cast("NDArray[np.complex64]", fft.rfft(frames(x, size, hop) * hann(size), axis=1))
    return np.abs(transformed).astype(np.float32)


def log_mels(x: Samples, bands: int = 64, size: int = 640, hop: int = 200, top: float = 7600.0) -> Samples:
    """Return [n, bands]: the natural logarithm of the mel magnitudes of a 16 kHz clip."""
    mel = spectrum(x, size, hop) @ mel_filters(RATE, size, bands, top).T
    return np.log(mel + 1e-5).astype(np.float32)


def pitch(x: Samples, voiced: float = _VOICED) -> Samples:
    """Return the pitch in hertz every 12.5 ms of a 16 kHz clip, 0 where unvoiced.

    Takes the first nearly best peak of the normalised autocorrelation over 50 ms, then a median over five frames.
    """
    size = 800
    window = hann(size)
    framed = frames(x, size, _PITCH_HOP)
    framed = (framed - framed.mean(axis=1, keepdims=True)) * window
    power = np.abs(cast("NDArray[np.complex64]", fft.rfft(framed, 2048, axis=1))) ** 2
    correlation = cast("Samples", fft.irfft(power, axis=1))[:, :size]
    own = np.abs(fft.rfft(window, 2048)) ** 2
    taper = cast("Samples", fft.irfft(own))[:size]
    energy = correlation[:, :1]
    low, high = int(RATE / PITCH_CEILING), int(RATE / PITCH_FLOOR)
    curve = (correlation / np.maximum(energy, 1e-9) * (taper[0] / np.maximum(taper, 1e-3)))[:, low : high + 1]
    lag = _first_strong_peak(curve)
    strength = np.take_along_axis(curve, lag[:, None], axis=1)[:, 0]
    loud = energy[:, 0] > 1e-3 * np.percentile(energy, 95)
    period = _refined(curve, lag) + low
    hertz = np.where((strength > voiced) & loud, RATE / period, 0.0)
    return _tidy(hertz.astype(np.float32))


def _first_strong_peak(curve: Samples) -> NDArray[np.int64]:
    """Return the index of the shortest lag whose peak reaches 0.88 of the best, which avoids octave errors."""
    inner = curve[:, 1:-1]
    peak = (inner >= curve[:, :-2]) & (inner >= curve[:, 2:])
    best = np.where(peak, inner, -1).max(axis=1, keepdims=True)
    return (np.argmax(peak & (inner >= 0.88 * best), axis=1) + 1).astype(np.int64)


def _refined(curve: Samples, lag: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the lag of the top of the parabola through the peak and its neighbours."""
    rows = np.arange(len(lag))
    left, middle, right = curve[rows, lag - 1], curve[rows, lag], curve[rows, lag + 1]
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    return (lag + np.clip(shift, -0.5, 0.5)).astype(np.float64)


def _tidy(hertz: Samples) -> Samples:
    """Remove voiced stretches shorter than three frames and single octave jumps."""
    voiced = hertz > 0
    kept = ndimage.binary_opening(voiced, np.ones(3, dtype=np.bool_))
    smooth = ndimage.median_filter(hertz, 5)
    return np.where(kept & (smooth > 0), smooth, 0).astype(np.float32)


def pitch_statistics(hertz: Samples) -> tuple[float, float]:
    """Return the median in hertz and the robust standard deviation in semitones; zeros when nothing is voiced."""
    voiced = hertz[hertz > 0].astype(np.float64)
    if voiced.size < 10:
        return 0.0, 0.0
    semitones = 12 * np.log2(voiced)
    median = float(np.median(semitones))
    near = semitones[np.abs(semitones - median) < 10]
    quartiles = np.percentile(near, [10, 90])
    return float(2 ** (median / 12)), float((quartiles[1] - quartiles[0]) / 2.563)
