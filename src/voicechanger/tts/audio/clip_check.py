"""Whether a recording can serve as a reference, and the canonical form in which it is kept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.tts.audio.clip_read import Recording, read_recording
from voicechanger.tts.audio.loudness import SILENCE, measure
from voicechanger.tts.audio.pcm import SAMPLE_RATE, to_pcm16
from voicechanger.tts.audio.prepare import SpeechFrames, clipped_share, resample, snr_db, speech_frames
from voicechanger.tts.errors import ClipError

Samples = NDArray[np.float32]

# Chosen on 501 real recordings and on made-up bad ones: docs/decisions/0028-clip-checks.md
QUIETEST_PEAK_DB = -50.0
QUIETEST_LUFS = -60.0
LEAST_SPEECH = 1.0
"""Seconds."""
LEAST_SPEECH_SHARE = 0.1
MOST_CLIPPED = 0.01
LEAST_SNR_DB = 5.0

LEAST_OF_SEVERAL = 1.5
"""Seconds of each recording where several are sent."""
PAUSE = 0.4
"""Seconds of silence between them."""

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


@dataclass(frozen=True, slots=True)
class _Heard:
    """One accepted recording and what was measured in it."""

    recording: Recording
    frames: SpeechFrames
    peak_db: float
    loudness: float
    clipped: float
    snr: float

    @property
    def seconds(self) -> float:
        return self.recording.samples.size / self.recording.rate


def check(sources: Sequence[Path], out: Path, min_seconds: float, max_seconds: float) -> ClipReport:
    """Decode, check and write the canonical clip (FLAC, 16-bit, mono, 24 kHz); ClipError refuses it.

    Several recordings are checked one by one and joined, equally loud, with a pause between; the lengths are bounds
    of all together, and the report tells of the whole, noise and rate of the worst.
    """
    heard = [_numbered(source, number, len(sources), min_seconds, max_seconds) for number, source in enumerate(sources)]
    seconds = sum(one.seconds for one in heard)
    _check_total(seconds, min_seconds, max_seconds)
    canonical = to_pcm16(_joined(heard))
    out.write_bytes(_flac(canonical))
    speech = sum(one.frames.speech_seconds for one in heard)
    weights = [one.seconds / seconds for one in heard]
    share = sum(one.frames.speech_share * weight for one, weight in zip(heard, weights, strict=True))
    clipped = sum(one.clipped * weight for one, weight in zip(heard, weights, strict=True))
    return ClipReport(
        seconds=round(seconds, 3),
        rate=min(one.recording.rate for one in heard),
        channels=max(one.recording.channels for one in heard),
        speech_seconds=round(speech, 2),
        speech_share=round(share, 3),
        snr_db=round(min(one.snr for one in heard), 1),
        clipped_share=round(clipped, 6),
        peak_db=round(max(one.peak_db for one in heard), 2),
        loudness_lufs=round(min(one.loudness for one in heard), 2),
        sha256=hashlib.sha256(canonical.tobytes()).hexdigest(),
        warnings=_warnings(heard, speech),
    )


def _numbered(source: Path, number: int, count: int, min_seconds: float, max_seconds: float) -> _Heard:
    """Check one recording; of several, the refusal says which."""
    least = min_seconds if count == 1 else min(min_seconds, LEAST_OF_SEVERAL)
    try:
        return _check_one(read_recording(source, max_seconds), least)
    except ClipError as error:
        if count == 1:
            raise
        raise ClipError(error.code, f"Recording {number + 1} of {count}: {error.message}") from error


def _check_one(recording: Recording, min_seconds: float) -> _Heard:
    _check_length(recording, min_seconds)
    peak_db = _decibels(float(np.abs(recording.samples).max()))
    loudness = measure(recording.samples, recording.rate)
    _check_level(peak_db, loudness)
    frames = speech_frames(recording.samples, recording.rate)
    _check_speech(frames)
    clipped, snr = clipped_share(recording.samples), snr_db(frames)
    _check_quality(clipped, snr)
    return _Heard(recording, frames, peak_db, loudness, clipped, snr)


def _check_total(seconds: float, min_seconds: float, max_seconds: float) -> None:
    """Of several: a single one has been held to both bounds by itself."""
    if seconds > max_seconds:
        message = f"Together the recordings last {seconds:.1f} s; send at most {max_seconds:g} s."
        raise ClipError("clip_too_long", message)
    if seconds < min_seconds:
        message = f"Together the recordings last {seconds:.1f} s; send at least {min_seconds:g} s of speech."
        raise ClipError("clip_too_short", message)


def _joined(heard: Sequence[_Heard]) -> Samples:
    quietest = min(one.loudness for one in heard)
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    parts: list[Samples] = []
    for one in heard:
        # down to the quietest: nothing is clipped
        parts += [_canonical(one.recording) * np.float32(10 ** ((quietest - one.loudness) / 20)), pause]
    return np.concatenate(parts[:-1])


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


def _warnings(heard: Sequence[_Heard], speech_seconds: float) -> tuple[str, ...]:
    told = {
        "narrowband": any(one.recording.rate < WARN_RATE for one in heard),
        "truncated": any(one.recording.truncated for one in heard),
        "quiet": any(one.loudness < WARN_LUFS for one in heard),
        "little_speech": speech_seconds < WARN_SPEECH,
        "some_clipping": any(one.clipped > WARN_CLIPPED for one in heard),
        "noisy": any(one.snr < WARN_SNR_DB for one in heard),
    }
    return tuple(code for code, true in told.items() if true)
