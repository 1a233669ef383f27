"""Match the spectrum of a voice to that of its clip with a smooth, bounded filter.

clip ─────────────▶ spectrum ─┐
voice ─▶ speech ──▶ spectrum ─┴▶ difference, smooth and bounded ─▶ spectral EQ of the voice
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.voice import SPECTRAL_EQ_BANDS

Floats = NDArray[np.float32]

LIMIT = 6.0
"""Decibels of a band at most: more would copy the microphone rather than the voice."""
_SIZE, _HOP = 1024, 256
_TOP = 7_600.0
_QUIET_SHARE = 40
"""Per cent of the frames, the quietest, that are left out: they hold more of the room than of the voice."""
_TAPS = 257
_GRID = 513
"""Frequencies of the response: a power of two plus one, at least twice the taps."""


def spectrum(speech: Floats) -> NDArray[np.float64]:
    """Return [28] decibels of the long-term power of 16 kHz speech, by mel bands."""
    power = np.square(voice_signal.spectrum(speech, _SIZE, _HOP), dtype=np.float64)
    level = power.sum(axis=1)
    loud = power[level > np.percentile(level, _QUIET_SHARE)]
    return 10 * np.log10((loud @ _bands().T).mean(axis=0) + 1e-9)


def smooth(missing: NDArray[np.float64]) -> tuple[float, ...]:
    """Return gains without their mean, which would only change the level, smooth over the bands and within LIMIT."""
    even = ndimage.gaussian_filter1d(missing, 1.0)
    return tuple(float(v) for v in np.clip(even - even.mean(), -LIMIT, LIMIT))


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float64]:
    filters = voice_signal.mel_filters(voice_signal.RATE, _SIZE, SPECTRAL_EQ_BANDS, _TOP).astype(np.float64)
    return filters / filters.sum(axis=1, keepdims=True)


def match_spectrum(clip: Floats, spoken: Floats) -> tuple[float, ...]:
    """Return the gains that bring the spectrum of spoken 16 kHz speech to that of the clip."""
    return smooth(spectrum(clip) - spectrum(spoken))


def apply_spectral_eq(samples: Floats, gains: tuple[float, ...]) -> Floats:
    """Return 24 kHz speech with the gains applied, as long as before and not delayed."""
    if not gains:
        return samples
    size = fft.next_fast_len(samples.size + _TAPS - 1, real=True)
    filtered = fft.irfft(fft.rfft(samples, size) * fft.rfft(_kernel(gains), size), size)
    return np.asarray(filtered[_TAPS // 2 : _TAPS // 2 + samples.size], np.float32)


@lru_cache(maxsize=16)
def _kernel(gains: tuple[float, ...]) -> NDArray[np.float64]:
    """Return a symmetric filter; above the highest band, where clips hold nothing, it has half of the last gain."""
    centres = _bands() @ np.linspace(0, voice_signal.RATE / 2, _SIZE // 2 + 1)
    places = [0.0, *centres, _TOP + 300, SAMPLE_RATE / 2]
    decibels = np.array([gains[0], *gains, gains[-1], gains[-1] / 2])
    # Frequency sampling, as scipy.signal.firwin2 does it: that package takes seconds to import
    hertz = np.linspace(0, SAMPLE_RATE / 2, _GRID)
    delay = np.exp(-1j * np.pi * (_TAPS - 1) / 2 * hertz / (SAMPLE_RATE / 2))
    response = np.interp(hertz, places, 10 ** (decibels / 20)) * delay
    return fft.irfft(response)[:_TAPS] * np.hamming(_TAPS)
