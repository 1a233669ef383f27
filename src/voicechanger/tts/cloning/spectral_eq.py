"""Bend a voice's spectrum to the clip's: what a smooth, bounded filter can do for the likeness.

clip ─────────────▶ spectrum ─┐
voice ─▶ speech ──▶ spectrum ─┴▶ difference, smooth and bounded ─▶ colour of the voice
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.voice import COLOUR_BANDS

Floats = NDArray[np.float32]

LIMIT = 6.0
"""Decibels: more would make a thin microphone out of a thin voice."""
_SIZE, _HOP = 1024, 256
_TOP = 7_600.0
_QUIET_SHARE = 40
"""Per cent of the frames, the quietest, that tell more of the room than of the voice."""
_TAPS = 257


def spectrum(speech: Floats) -> NDArray[np.float64]:
    """[28] decibels of the long-term power of 16 kHz speech, by mel bands."""
    power = np.square(voice_signal.spectrum(speech, _SIZE, _HOP), dtype=np.float64)
    level = power.sum(axis=1)
    loud = power[level > np.percentile(level, _QUIET_SHARE)]
    return 10 * np.log10((loud @ _bands().T).mean(axis=0) + 1e-9)


def smooth(missing: NDArray[np.float64]) -> tuple[float, ...]:
    """A colour: without its mean, for level is none of its business, smooth over the bands, within LIMIT."""
    even = ndimage.gaussian_filter1d(missing, 1.0)
    return tuple(float(v) for v in np.clip(even - even.mean(), -LIMIT, LIMIT))


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float64]:
    filters = voice_signal.mel_filters(voice_signal.RATE, _SIZE, COLOUR_BANDS, _TOP).astype(np.float64)
    return filters / filters.sum(axis=1, keepdims=True)


def missing_colour(clip: Floats, spoken: Floats) -> tuple[float, ...]:
    """What 16 kHz speech of a voice lacks beside that of the clip."""
    return smooth(spectrum(clip) - spectrum(spoken))


def coloured(samples: Floats, colour: tuple[float, ...]) -> Floats:
    """24 kHz speech with its spectrum bent, as long as before and not delayed."""
    if not colour:
        return samples
    bent = signal.fftconvolve(samples, _kernel(colour))[_TAPS // 2 : _TAPS // 2 + samples.size]
    return np.asarray(bent, np.float32)


@lru_cache(maxsize=16)
def _kernel(colour: tuple[float, ...]) -> NDArray[np.float64]:
    """A symmetric filter; above the highest band, where clips hold nothing, half of its last gain."""
    centres = _bands() @ np.linspace(0, voice_signal.RATE / 2, _SIZE // 2 + 1)
    places = [0.0, *centres, _TOP + 300, SAMPLE_RATE / 2]
    gains = np.array([colour[0], *colour, colour[-1], colour[-1] / 2])
    return cast("NDArray[np.float64]", signal.firwin2(_TAPS, places, 10 ** (gains / 20), fs=SAMPLE_RATE))
