"""Decode an untrusted recording.  Runs only in the child process (`clip_child`).

A header is a hint: its rate and channels are checked before anything is decoded, its length is ignored; blocks are
read until the end or the cap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.tts.errors import ClipError

Samples = NDArray[np.float32]

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
MOST_CHANNELS = 8
_CONTAINERS = {"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3"}
_OTHER_MEDIA = {
    b"ftyp": 4,  # M4A, MP4
    b"\x1a\x45\xdf\xa3": 0,  # WebM, Matroska
    b"\x30\x26\xb2\x75": 0,  # WMA
    b"caff": 0,
    b"#!AMR": 0,
}
"""First bytes of audio files that are not accepted, and their offset."""
_BLOCK = 65_536
_LOUDEST = 64.0
"""36 dB above full scale: a float file with larger values does not hold samples."""
_CANCELLED = 0.25
"""Share of the channels' mean power below which opposite phases have cancelled the voice in the mix."""
_UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}
_UNKNOWN_FRAMES = 2**60
"""libsndfile returns its largest number for streams of unknown length, and an error at their end."""
_LONGEST_WALK = 1_000
"""Chunks of a WAV file that are searched for the one with the samples."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The decoded content of a file."""

    samples: Samples
    """[n] Mono at `rate`; may exceed 1 where the file holds floats."""
    rate: int
    channels: int
    truncated: bool
    """True when the header announces more samples than there are."""


@dataclass(slots=True)
class _Mix:
    """Mono samples of a source, and the mean power of each of its channels."""

    samples: Samples
    powers: NDArray[np.float64]
    broken: bool


def read_recording(path: Path, max_seconds: float) -> Recording:
    """Decode any accepted file of at most `max_seconds`; ClipError when it cannot be used."""
    if path.stat().st_size == 0:
        raise ClipError("clip_empty", "The file is empty (0 bytes); choose the recording again and resend it.")
    header = _wav_header(path)
    _check_shape(header.rate, header.channels)
    with _open(path) as source:
        if source.format not in _CONTAINERS:
            raise _unsupported(f"{source.format} audio")
        _check_shape(source.samplerate, source.channels)
        rate, channels, frames = int(source.samplerate), int(source.channels), int(source.frames)
        mix = _read(source, max_seconds, None)
    if mix.samples.size == 0:
        _refuse_nothing(mix.broken or frames > 0 or header.announces_more)
    if channels > 1 and float(np.mean(mix.samples**2)) < _CANCELLED * float(mix.powers.mean()):
        with _open(path) as source:
            mix = _read(source, max_seconds, int(mix.powers.argmax()))
    truncated = header.announces_more or (frames < _UNKNOWN_FRAMES and (mix.broken or mix.samples.size < frames))
    return Recording(mix.samples, rate, channels, truncated)


def _refuse_nothing(announced: bool) -> None:
    if announced:
        raise ClipError("clip_truncated", "The file ends before its first sample; upload the whole recording.")
    raise ClipError("clip_empty", "The file holds no sound; record 3 seconds of speech or more and resend it.")


def _open(path: Path) -> Any:
    with path.open("rb") as file:
        head = file.read(16)
    if any(head[place : place + len(mark)] == mark for mark, place in _OTHER_MEDIA.items()):
        raise _unsupported("This kind of file")
    try:
        # By handle: libsndfile would choose the format by the name of the file
        return cast(Any, soundfile).SoundFile(os.open(path, os.O_RDONLY), closefd=True)
    except soundfile.LibsndfileError as error:
        message = "The file is not readable audio; send a WAV, FLAC, MP3 or OGG recording."
        raise ClipError("clip_not_audio", message) from error


def _unsupported(what: str) -> ClipError:
    return ClipError("clip_unsupported_format", f"{what} is not accepted; convert it to WAV, FLAC, MP3 or OGG.")


def _check_shape(rate: int, channels: int) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        message = f"The sample rate is {rate} Hz; send a recording of {LOWEST_RATE} to {HIGHEST_RATE} Hz."
        raise ClipError("clip_bad_rate", message)
    if channels > MOST_CHANNELS:
        message = f"The file has {channels} channels; send at most {MOST_CHANNELS}."
        raise ClipError("clip_too_many_channels", message)


def _read(source: Any, max_seconds: float, channel: int | None) -> _Mix:
    """Read all blocks: the mean of all channels, or only `channel`."""
    cap = int(max_seconds * source.samplerate)
    blocks: list[Samples] = []
    powers = np.zeros(source.channels)
    count, broken = 0, False
    while True:
        try:
            block = cast(Samples, source.read(_BLOCK, dtype="float32", always_2d=True))
        except soundfile.LibsndfileError:
            broken = True
            break
        if len(block) == 0:
            break
        _check_numbers(block)
        count += len(block)
        if count > cap:
            raise ClipError("clip_too_long", f"The recording is longer than {max_seconds:g} s; cut it to that.")
        powers += np.sum(block.astype(np.float64) ** 2, axis=0)
        blocks.append(block.mean(axis=1) if channel is None else block[:, channel].copy())
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return _Mix(samples, powers / max(1, count), broken)


def _check_numbers(block: Samples) -> None:
    if not np.isfinite(block).all() or float(np.abs(block).max()) > _LOUDEST:
        raise ClipError(
            "clip_bad_samples",
            "The file holds values that are not samples (NaN or far too large); export it again as 16-bit.",
        )


@dataclass(slots=True)
class _WavHeader:
    """The header of a WAV file; the defaults pass every check."""

    rate: int = HIGHEST_RATE
    channels: int = 1
    announces_more: bool = False
    """True when the header announces samples beyond the end of the file."""


def _wav_header(path: Path) -> _WavHeader:
    """Read the header directly: libsndfile refuses bad rates without a reason and silently corrects wrong lengths."""
    header, size = _WavHeader(), path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return header
        for _ in range(_LONGEST_WALK):
            chunk = file.read(8)
            if len(chunk) < 8:
                break
            length, start = int.from_bytes(chunk[4:], "little"), file.tell()
            if chunk[:4] == b"fmt " and len(fmt := file.read(16)) == 16:
                header.channels = int.from_bytes(fmt[2:4], "little")
                header.rate = int.from_bytes(fmt[4:8], "little")
            if chunk[:4] == b"data":
                header.announces_more = length not in _UNKNOWN_SIZES and start + length > size
                break
            file.seek(start + length + length % 2)
    return header
