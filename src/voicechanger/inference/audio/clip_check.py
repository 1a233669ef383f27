"""Whether a recording can serve as a reference, and the canonical form in which it is kept."""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.inference.audio.clip_read import Recording, read_recording
from voicechanger.inference.audio.loudness import SILENCE, measure
from voicechanger.inference.audio.pcm import SAMPLE_RATE, to_pcm16
from voicechanger.inference.audio.prepare import SpeechFrames, clipped_share, resample, snr_db, speech_frames
from voicechanger.inference.errors import ClipError

Samples = NDArray[np.float32]

# Chosen on 501 real recordings and on made-up bad ones: docs/decisions/0042
QUIETEST_PEAK_DB = -50.0
QUIETEST_LUFS = -60.0
LEAST_SPEECH = 1.0
"""Seconds."""
LEAST_SPEECH_SHARE = 0.1
MOST_CLIPPED = 0.01
LEAST_SNR_DB = 5.0

WARN_LUFS = -42.0
WARN_SPEECH = 3.0
WARN_CLIPPED = 0.0005
WARN_SNR_DB = 15.0
WARN_RATE = 16_000


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What was measured in an accepted recording."""

    seconds: float
    rate: int
    """Hertz, as uploaded."""
    channels: int
    speech_seconds: float
    speech_share: float
    """0 to 1."""
    snr_db: float
    """Speech over noise, −20 to 60."""
    clipped_share: float
    """0 to 1."""
    peak_db: float
    """Of the largest sample, relative to full scale."""
    loudness_lufs: float
    sha256: str
    """Of the canonical samples: the same sound gives the same voice."""
    warnings: tuple[str, ...]
    """narrowband, truncated, quiet, little_speech, some_clipping, noisy."""


def check(source: Path, out: Path, min_seconds: float, max_seconds: float) -> ClipReport:
    """Decode, check and write the canonical clip (FLAC, 16-bit, mono, 24 kHz); ClipError refuses it."""
    recording = read_recording(source, max_seconds)
    _check_length(recording, min_seconds)
    peak_db = _decibels(float(np.abs(recording.samples).max()))
    loudness = measure(recording.samples, recording.rate)
    _check_level(peak_db, loudness)
    frames = speech_frames(recording.samples, recording.rate)
    _check_speech(frames)
    clipped, snr = clipped_share(recording.samples), snr_db(frames)
    _check_quality(clipped, snr)
    canonical = to_pcm16(_canonical(recording))
    out.write_bytes(_flac(canonical))
    return ClipReport(
        seconds=round(recording.samples.size / recording.rate, 3),
        rate=recording.rate,
        channels=recording.channels,
        speech_seconds=round(frames.speech_seconds, 2),
        speech_share=round(frames.speech_share, 3),
        snr_db=round(snr, 1),
        clipped_share=round(clipped, 6),
        peak_db=round(peak_db, 2),
        loudness_lufs=round(loudness, 2),
        sha256=hashlib.sha256(canonical.tobytes()).hexdigest(),
        warnings=_warnings(recording, frames, loudness, clipped, snr),
    )


def as_line(report: ClipReport) -> dict[str, object]:
    """The report as the child prints it."""
    return {"ok": True, **asdict(report)}


def _flac(canonical: NDArray[np.int16]) -> bytes:
    """In memory first: libsndfile would not tell a full disk from a bad file."""
    packed = io.BytesIO()
    cast(Any, soundfile).write(packed, canonical, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return packed.getvalue()


def _decibels(value: float) -> float:
    return 20 * float(np.log10(max(value, 1e-6)))


def _check_length(recording: Recording, min_seconds: float) -> None:
    seconds = recording.samples.size / recording.rate
    if seconds >= min_seconds:
        return
    if recording.truncated:
        message = f"The file breaks off after {seconds:.1f} s of sound; upload the whole recording."
        raise ClipError("clip_truncated", message)
    message = f"The recording lasts {seconds:.1f} s; record at least {min_seconds:g} s of speech."
    raise ClipError("clip_too_short", message)


def _check_level(peak_db: float, loudness: float) -> None:
    if peak_db < QUIETEST_PEAK_DB or loudness < QUIETEST_LUFS or loudness == SILENCE:
        raise ClipError(
            "clip_silent", "The recording is silent or far too soft; check the microphone and record again."
        )


def _check_speech(frames: SpeechFrames) -> None:
    if frames.speech_seconds < LEAST_SPEECH or frames.speech_share < LEAST_SPEECH_SHARE:
        raise ClipError(
            "clip_no_speech",
            f"Only {frames.speech_seconds:.1f} s of speech can be heard; send one person speaking clearly.",
        )


def _check_quality(clipped: float, snr: float) -> None:
    if clipped > MOST_CLIPPED:
        message = f"The recording is overdriven ({clipped:.1%} clipped); lower the input level and record again."
        raise ClipError("clip_clipped", message)
    if snr < LEAST_SNR_DB:
        message = f"Speech is only {snr:.0f} dB above the noise; record in a quieter place."
        raise ClipError("clip_too_noisy", message)


def _canonical(recording: Recording) -> Samples:
    """At 24 kHz within [-1, 1]; turned down as a whole where it exceeds that, never clipped."""
    samples = resample(recording.samples, recording.rate, SAMPLE_RATE)
    peak = float(np.abs(samples).max())
    return samples if peak <= 1.0 else samples * np.float32(0.999 / peak)


def _warnings(
    recording: Recording, frames: SpeechFrames, loudness: float, clipped: float, snr: float
) -> tuple[str, ...]:
    told = {
        "narrowband": recording.rate < WARN_RATE,
        "truncated": recording.truncated,
        "quiet": loudness < WARN_LUFS,
        "little_speech": frames.speech_seconds < WARN_SPEECH,
        "some_clipping": clipped > WARN_CLIPPED,
        "noisy": snr < WARN_SNR_DB,
    }
    return tuple(code for code, true in told.items() if true)
