"""Log mel spectra at three resolutions: in numpy for the recording, on a tape for the decoder's speech."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning.autodiff.layers import LayerTape
from voicechanger.tts.cloning.signal import hann, mel_filters
from voicechanger.tts.engine import SAMPLE_RATE

Floats = NDArray[np.float32]

SIZES = ((512, 150, 40), (1024, 300, 80), (2048, 600, 100))
"""Window, hop (samples at 24 kHz) and bands of each resolution."""
TOP = 7_600.0
"""Hertz: clips of 16 kHz hold nothing above."""
FLOOR = 2e-3
"""Added to a mel magnitude: what lies below is noise of the recording, not voice."""
_TINY = 1e-9
"""Keeps the slope of a magnitude finite."""


def log_mels(speech: Floats) -> list[Floats]:
    """Return [1, bands, frames] of speech [n] at 24 kHz for each of SIZES; windows lie wholly inside."""
    out: list[Floats] = []
    for size, hop, bands in SIZES:
        windows = np.lib.stride_tricks.sliding_window_view(speech, size)[::hop]
        real, imaginary = (windows @ wave[:, 0].T for wave in waves(size, _bins(size)))
        magnitude = np.sqrt(real**2 + imaginary**2 + _TINY)
        out.append(np.log(_filters(size, bands) @ magnitude.T + FLOOR)[None].astype(np.float32))
    return out


def tape_log_mels(tape: LayerTape, speech: str) -> list[str]:
    """Return the same for a value [1, 1, n] on a tape."""
    out: list[str] = []
    for size, hop, bands in SIZES:
        magnitude = tape.sqrt(tape.shift(tape_power(tape, speech, size, hop, _bins(size)), _TINY))
        mel = tape.matmul(_filters(size, bands), magnitude)
        out.append(tape.log(tape.shift(mel, FLOOR)))
    return out


def tape_distance(tape: LayerTape, ours: Sequence[str], real: Sequence[str], tone: float) -> str:
    """Return [1, 1, 1]: the mean distance of the log mels, plus `tone` times that of their means over time."""
    total: str | None = None
    for a, b in zip(ours, real, strict=True):
        missing = tape.add(a, tape.scale(b, -1))
        near = tape.scale(tape.mean(tape.absolute(missing)), 1 / len(ours))
        long_term = tape.scale(tape.mean(tape.absolute(tape.time_mean(missing))), tone / len(ours))
        part = tape.add(near, long_term)
        total = part if total is None else tape.add(total, part)
    if total is None:
        raise ValueError("no spectra")
    return total


@lru_cache(maxsize=len(SIZES) + 1)
def waves(size: int, bins: int) -> tuple[Floats, Floats]:
    """Return windowed cosines and sines [bins, 1, size] of the lowest bins: a Fourier transform as a convolution."""
    angle = 2 * np.pi * np.outer(np.arange(bins), np.arange(size)) / size
    cosine, sine = ((hann(size) * wave)[:, None].astype(np.float32) for wave in (np.cos(angle), np.sin(angle)))
    return cosine, sine


def tape_power(tape: LayerTape, speech: str, size: int, hop: int, bins: int) -> str:
    """Return the power [1, bins, frames] of the lowest bins of [1, 1, n], in windows that lie wholly inside."""
    parts = [tape.conv(speech, tape.constant(wave), stride=hop) for wave in waves(size, bins)]
    return tape.add(*(tape.multiply(part, part) for part in parts))


@lru_cache(maxsize=len(SIZES))
def _filters(size: int, bands: int) -> Floats:
    return mel_filters(SAMPLE_RATE, size, bands, TOP)[:, : _bins(size)]


def _bins(size: int) -> int:
    return int(np.ceil(TOP / SAMPLE_RATE * size)) + 1
