"""Prepare speech for the voice encoder: 16 kHz, without pauses and steady noise, at one level."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning import signal
from voicechanger.tts.cloning.clip_analysis import FRAME, analyse

_LEVEL = 0.06
"""Root mean square of prepared speech."""
_PAUSE = 0.04
"""28 dB below the loud blocks."""
_DENOISE_FLOOR = 0.12
"""Least gain of the denoiser: -18 dB keeps it from sounding, and measuring, hollow."""


def prepare_speech(clip: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return the speech of a mono clip at 16 kHz, denoised and levelled, without pauses.

    ClipError when no voice can be encoded from the clip.
    """
    found = analyse(clip, rate).speech
    speech = denoise(found.sound)[found.mask]
    level = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64))))
    return (speech * np.float32(_LEVEL / max(level, 1e-6))).astype(np.float32)


def loud_parts(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return synthetic speech at 16 kHz without its pauses, which are found by their level; nothing is refused."""
    sound = resample(samples, rate, signal.RATE)
    blocks = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float32)
    level = np.sqrt(np.mean(blocks**2, axis=1))
    loud = level > _PAUSE * np.percentile(level, 95)
    return blocks[ndimage.binary_dilation(loud, iterations=2)].ravel()


def denoise(sound: NDArray[np.float32], size: int = 512) -> NDArray[np.float32]:
    """Remove steady noise from 16 kHz sound by a Wiener gain against the quietest tenth of each band."""
    hop = size // 4
    window = np.sqrt(signal.hann(size))
    framed = signal.frames(sound, size, hop) * window
    bins = cast("NDArray[np.complex64]", fft.rfft(framed, axis=1))
    power = np.abs(bins) ** 2
    smooth = cast("NDArray[np.float32]", ndimage.uniform_filter1d(power, 9, axis=0))
    # The tenth percentile of a smoothed noise spectrum lies below its mean by about a factor of 1.6.
    noise = 1.6 * np.percentile(smooth, 10, axis=0)
    prior = np.maximum(cast("NDArray[np.float32]", ndimage.uniform_filter(power, (3, 3))) / (noise + 1e-12) - 1, 0)
    gain = np.maximum(prior / (prior + 1), _DENOISE_FLOOR)
    pieces = fft.irfft(bins * gain, axis=1) * window
    result = np.zeros(len(sound) + 2 * size, dtype=np.float32)
    for n, piece in enumerate(pieces):
        result[n * hop : n * hop + size] += piece
    return (result[size // 2 : size // 2 + len(sound)] / 2).astype(np.float32)
