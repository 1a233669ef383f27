"""Rooms, noises and lines that a reference may come through, made from numpy: no recordings of them are needed."""

from __future__ import annotations

import numpy as np
from scipy import signal

RATE = 16_000
Floats = np.ndarray


def level(x: Floats) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))) + 1e-9)


def noisy(x: Floats, decibels: float, rng: np.random.Generator) -> Floats:
    """Noise with a random slope of its spectrum, at a ratio of `decibels`."""
    spectrum = np.fft.rfft(rng.normal(size=len(x)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 30.0) ** rng.uniform(0, 1)
    noise = np.fft.irfft(spectrum, len(x))
    return (x + noise * level(x) / level(noise) * 10 ** (-decibels / 20)).astype(np.float32)


def reverberant(x: Floats, seconds: float, rng: np.random.Generator, direct: float = 0.6) -> Floats:
    """A room whose sound falls by 60 dB in `seconds`: decaying noise behind the direct sound."""
    count = int(seconds * RATE)
    tail = rng.normal(size=count) * 10 ** (-3 * np.arange(count) / count)
    tail *= np.sqrt(1 - direct**2) / np.linalg.norm(tail)
    tail[0] = direct
    return signal.fftconvolve(x, tail)[: len(x)].astype(np.float32)


def telephone(x: Floats) -> Floats:
    """300 to 3,400 Hz, sampled at 8 kHz with 8 bits of mu-law (ITU-T G.711)."""
    band = signal.butter(4, (300, 3400), "bandpass", fs=RATE, output="sos")
    low = signal.resample_poly(signal.sosfilt(band, x), 1, 2)
    peak = np.abs(low).max() + 1e-9
    coded = np.sign(low) * np.log1p(255 * np.abs(low) / peak) / np.log(256)
    coded = np.round(coded * 127) / 127
    plain = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255 * peak
    return signal.resample_poly(plain, 2, 1)[: len(x)].astype(np.float32)


def tilted(x: Floats, rng: np.random.Generator) -> Floats:
    """A microphone's frequency response: three random gains of up to 6 dB, smooth over frequency."""
    gains = np.interp(np.linspace(0, 1, 65), [0, 0.15, 0.45, 1], [0, *rng.uniform(-6, 6, 3)])
    kernel = signal.firwin2(129, np.linspace(0, 1, 65), 10 ** (gains / 20))
    return signal.fftconvolve(x, kernel, "same").astype(np.float32)


def clipped(x: Floats, share: float) -> Floats:
    """Overdriven, so that about `share` of the samples lie at full scale."""
    top = np.quantile(np.abs(x), 1 - share)
    return np.clip(x, -top, top).astype(np.float32)


def anything(x: Floats, rng: np.random.Generator) -> Floats:
    """A random chain of them, as references come."""
    if rng.random() < 0.35:
        x = reverberant(x, rng.uniform(0.15, 0.6), rng, rng.uniform(0.6, 0.95))
    if rng.random() < 0.6:
        x = tilted(x, rng)
    if rng.random() < 0.5:
        x = noisy(x, rng.uniform(8, 30), rng)
    if rng.random() < 0.12:
        x = telephone(x)
    return clipped(x, rng.uniform(0.001, 0.02)) if rng.random() < 0.1 else x
