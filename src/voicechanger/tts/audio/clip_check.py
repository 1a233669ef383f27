"""Whether a recording can serve as a reference, and the canonical form in which it is kept."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.tts.audio.clip_read import Recording, read_recording
from voicechanger.tts.audio.clip_report import ClipReport
from voicechanger.tts.audio.pcm import SAMPLE_RATE, from_pcm16, to_pcm16
from voicechanger.tts.cloning.clip_analysis import (
    LEAST_SPEECH,
    SpeechFrames,
    analyse,
    require_clean,
    require_level,
)
from voicechanger.tts.errors import ClipError

Samples = NDArray[np.float32]

LEAST_OF_SEVERAL = 1.5
"""Seconds of each recording where several are sent."""
LEAST_SPEECH_OF_SEVERAL = 1.0
"""Seconds of speech in each of them; all together need as much as a single one."""
PAUSE = 0.4
"""Seconds of silence between them."""

WARN_LUFS = -42.0
WARN_SPEECH = 3.0
WARN_CLIPPED = 0.0005
WARN_SNR_DB = 15.0
WARN_RATE = 16_000


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """One accepted recording."""

    recording: Recording
    canonical: Samples
    speech: SpeechFrames
    """Of the canonical samples, as the encoder analyses them."""


def check(sources: Sequence[BinaryIO], out: BinaryIO, min_seconds: float, max_seconds: float) -> ClipReport:
    """Decode and check recordings of one speaker and write their canonical clip (FLAC, 16-bit, mono, 24 kHz).

    ClipError when one cannot be used.  Several recordings are checked one by one, brought to one loudness and joined
    with a pause between; `min_seconds` and `max_seconds` bound all of them together.
    """
    checked = [
        _numbered(source, number, len(sources), min_seconds, max_seconds) for number, source in enumerate(sources)
    ]
    _check_total(sum(one.recording.seconds for one in checked), min_seconds, max_seconds)
    canonical = to_pcm16(_joined(checked))
    if len(checked) > 1:
        analyse(from_pcm16(canonical), SAMPLE_RATE)
    out.write(_flac(canonical))
    return _report(checked, canonical)


def _report(checked: Sequence[_Checked], canonical: NDArray[np.int16]) -> ClipReport:
    seconds = sum(one.recording.seconds for one in checked)
    weights = [one.recording.seconds / seconds for one in checked]
    speech = sum(one.speech.speech_seconds for one in checked)
    share = sum(one.speech.speech_share * weight for one, weight in zip(checked, weights, strict=True))
    clipped = sum(one.recording.level.clipped_share * weight for one, weight in zip(checked, weights, strict=True))
    return ClipReport(
        seconds=round(seconds, 3),
        rate=min(one.recording.rate for one in checked),
        channels=max(one.recording.channels for one in checked),
        speech_seconds=round(speech, 2),
        speech_share=round(share, 3),
        snr_db=round(min(one.speech.snr_db for one in checked), 1),
        clipped_share=round(clipped, 6),
        peak_db=round(max(one.recording.level.peak_db for one in checked), 2),
        loudness_lufs=round(min(one.recording.level.loudness_lufs for one in checked), 2),
        sha256=hashlib.sha256(canonical.tobytes()).hexdigest(),
        warnings=_warnings(checked, speech),
    )


def _numbered(source: BinaryIO, number: int, count: int, min_seconds: float, max_seconds: float) -> _Checked:
    """Check one recording; of several, the error says which."""
    recording_seconds, speech_seconds = min_seconds, LEAST_SPEECH
    if count > 1:
        recording_seconds, speech_seconds = min(min_seconds, LEAST_OF_SEVERAL), LEAST_SPEECH_OF_SEVERAL
    try:
        return _check_one(read_recording(source, max_seconds), recording_seconds, speech_seconds)
    except ClipError as error:
        if count == 1:
            raise
        raise ClipError(error.code, f"Recording {number + 1} of {count}: {error.message}") from error


def _check_one(recording: Recording, min_seconds: float, least_speech: float) -> _Checked:
    _check_length(recording, min_seconds)
    require_level(recording.level)
    canonical = _canonical(recording)
    found = analyse(from_pcm16(to_pcm16(canonical)), SAMPLE_RATE, least_speech)
    require_clean(recording.level.clipped_share, found.speech.snr_db)
    return _Checked(recording, canonical, found.speech)


def _check_total(seconds: float, min_seconds: float, max_seconds: float) -> None:
    """Check several recordings together; a single one was held to both bounds before."""
    if seconds > max_seconds:
        message = f"Together the recordings last {seconds:.1f} s; send at most {max_seconds:g} s."
        raise ClipError("clip_too_long", message)
    if seconds < min_seconds:
        message = f"Together the recordings last {seconds:.1f} s; send at least {min_seconds:g} s of speech."
        raise ClipError("clip_too_short", message)


def _joined(checked: Sequence[_Checked]) -> Samples:
    """Bring all down to the loudness of the quietest, so that nothing is clipped, and join them."""
    quietest = min(one.recording.level.loudness_lufs for one in checked)
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    parts: list[Samples] = []
    for one in checked:
        parts += [one.canonical * np.float32(10 ** ((quietest - one.recording.level.loudness_lufs) / 20)), pause]
    return np.concatenate(parts[:-1])


def _flac(canonical: NDArray[np.int16]) -> bytes:
    """Encode in memory: libsndfile would report a full disk as a bad file.

    Not by an object in Python: its callbacks need memory that is writable and executable, which the sandbox refuses.
    """
    with _memory_file() as packed:
        target = os.dup(packed.fileno())
        kind = {"format": "FLAC", "subtype": "PCM_16"}
        with cast(Any, soundfile).SoundFile(target, "w", SAMPLE_RATE, 1, closefd=True, **kind) as encoder:
            encoder.write(canonical)
        packed.seek(0)
        return packed.read()


def _memory_file() -> BinaryIO:
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("clip"), "w+b", buffering=0)
    return cast(BinaryIO, tempfile.TemporaryFile(buffering=0))


def _check_length(recording: Recording, min_seconds: float) -> None:
    seconds = recording.seconds
    if seconds >= min_seconds:
        return
    if recording.truncated:
        message = f"The file breaks off after {seconds:.1f} s of sound; upload the whole recording."
        raise ClipError("clip_truncated", message)
    message = f"The recording lasts {seconds:.1f} s; record at least {min_seconds:g} s of speech."
    raise ClipError("clip_too_short", message)


def _canonical(recording: Recording) -> Samples:
    """Return the samples; louder than [-1, 1], they are turned down as a whole, never clipped."""
    samples = recording.samples
    peak = float(np.abs(samples).max())
    return samples if peak <= 1.0 else samples * np.float32(0.999 / peak)


def _warnings(checked: Sequence[_Checked], speech_seconds: float) -> tuple[str, ...]:
    found = {
        "narrowband": any(one.recording.rate < WARN_RATE for one in checked),
        "truncated": any(one.recording.truncated for one in checked),
        "quiet": any(one.recording.level.loudness_lufs < WARN_LUFS for one in checked),
        "little_speech": speech_seconds < WARN_SPEECH,
        "some_clipping": any(one.recording.level.clipped_share > WARN_CLIPPED for one in checked),
        "noisy": any(one.speech.snr_db < WARN_SNR_DB for one in checked),
    }
    return tuple(code for code, true in found.items() if true)
