"""Decode and measure an untrusted recording.  Runs only in the child process (`clip_child`).

The samples of the upload are never held: each block is measured, resampled and dropped.

A header is a hint: its rate and channels are checked before anything is decoded, its length is ignored; blocks are
read until the end or the cap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.tts.audio.level_meter import LevelMeter
from voicechanger.tts.audio.pcm import SAMPLE_RATE
from voicechanger.tts.audio.resample import Resampler
from voicechanger.tts.cloning.clip_analysis import Level
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
"""Samples of all channels together that are decoded at once."""
_LOUDEST = 64.0
"""36 dB above full scale: a float file with larger values does not hold samples."""
_CANCELLED = 0.25
"""Share of the channels' mean power below which opposite phases have cancelled the voice in the mix."""
_UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}
_UNKNOWN_FRAMES = 2**60
"""libsndfile returns its largest number for streams of unknown length, and an error at their end."""
_LONGEST_WALK = 1_000
"""Chunks of a WAV file that are searched for the one with the samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The decoded content of a file."""

    samples: Samples
    """[n] Mono at 24 kHz; may exceed 1 where the file holds floats."""
    level: Level
    """Of the mono samples at the file's own rate."""
    seconds: float
    rate: int
    """Hertz, as uploaded; `channels` too."""
    channels: int
    truncated: bool
    """True when the header announces more samples than there are."""


class _Mix:
    """Mono samples of a source at the canonical rate, and what was measured on the way."""

    def __init__(self, rate: int, channels: int) -> None:
        self.meter = LevelMeter(rate)
        self.channel_energy = np.zeros(channels)
        """Sum of squares of each channel."""
        self.frames = 0
        self.broken = False
        self._resampler = Resampler(rate, SAMPLE_RATE)
        self._parts: list[Samples] = []

    def add(self, block: Samples, channel: int | None) -> None:
        """Take [frames, channels]; their mean counts, or the channel asked for."""
        self.frames += len(block)
        if block.shape[1] == 1:
            mono = block[:, 0]
        else:
            self.channel_energy += np.sum(block.astype(np.float64) ** 2, axis=0)
            mono = block.mean(axis=1) if channel is None else block[:, channel].copy()
        self.meter.add(mono)
        self._parts.append(self._resampler.add(mono))

    @property
    def cancels(self) -> bool:
        """Return whether opposite phases have cancelled the voice in the mix."""
        channels = self.channel_energy.size
        return channels > 1 and self.meter.energy < _CANCELLED * float(self.channel_energy.mean())

    def samples(self) -> Samples:
        """Return all samples; call it once."""
        return np.concatenate([*self._parts, self._resampler.finish()])


def read_recording(file: BinaryIO, max_seconds: float) -> Recording:
    """Decode any accepted file of at most `max_seconds`; ClipError when it cannot be used.

    `file` needs a descriptor, which is only read and stays open.
    """
    if os.fstat(file.fileno()).st_size == 0:
        raise ClipError("clip_empty", "The file is empty (0 bytes); choose the recording again and resend it.")
    header = _wav_header(file)
    _check_shape(header.rate, header.channels)
    with _open(file) as source:
        if source.format not in _CONTAINERS:
            raise _unsupported(f"{source.format} audio")
        _check_shape(source.samplerate, source.channels)
        rate, channels, frames = int(source.samplerate), int(source.channels), int(source.frames)
        mix = _read(source, max_seconds, None)
    if mix.frames == 0:
        _refuse_nothing(mix.broken or frames > 0 or header.announces_more)
    if mix.cancels:
        with _open(file) as source:
            mix = _read(source, max_seconds, int(mix.channel_energy.argmax()))
    truncated = header.announces_more or (frames < _UNKNOWN_FRAMES and (mix.broken or mix.frames < frames))
    return Recording(mix.samples(), mix.meter.finish(), mix.frames / rate, rate, channels, truncated)


def _refuse_nothing(announced: bool) -> None:
    if announced:
        raise ClipError("clip_truncated", "The file ends before its first sample; upload the whole recording.")
    raise ClipError("clip_empty", "The file holds no sound; record 3 seconds of speech or more and resend it.")


def _open(file: BinaryIO) -> Any:
    descriptor = file.fileno()
    head = os.pread(descriptor, 16, 0)
    if any(head[place : place + len(mark)] == mark for mark, place in _OTHER_MEDIA.items()):
        raise _unsupported("This kind of file")
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        # By descriptor: libsndfile would choose the format by the name of the file
        return cast(Any, soundfile).SoundFile(os.dup(descriptor), closefd=True)
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
    mix = _Mix(int(source.samplerate), int(source.channels))
    while True:
        try:
            block = cast(Samples, source.read(_BLOCK // source.channels, dtype="float32", always_2d=True))
        except soundfile.LibsndfileError:
            mix.broken = True
            break
        if len(block) == 0:
            break
        _check_numbers(block)
        if mix.frames + len(block) > cap:
            raise ClipError("clip_too_long", f"The recording is longer than {max_seconds:g} s; cut it to that.")
        mix.add(block, channel)
    return mix


def _check_numbers(block: Samples) -> None:
    # NaN compares as false
    if not (float(block.min()) >= -_LOUDEST and float(block.max()) <= _LOUDEST):
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


def _wav_header(file: BinaryIO) -> _WavHeader:
    """Read the header directly: libsndfile refuses bad rates without a reason and silently corrects wrong lengths."""
    header, descriptor = _WavHeader(), file.fileno()
    size = os.fstat(descriptor).st_size
    head = os.pread(descriptor, 12, 0)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return header
    place = 12
    for _ in range(_LONGEST_WALK):
        chunk = os.pread(descriptor, 24, place)
        if len(chunk) < 8:
            break
        length, start = int.from_bytes(chunk[4:8], "little"), place + 8
        if chunk[:4] == b"fmt " and len(chunk) == 24:
            header.channels = int.from_bytes(chunk[10:12], "little")
            header.rate = int.from_bytes(chunk[12:16], "little")
        if chunk[:4] == b"data":
            header.announces_more = length not in _UNKNOWN_SIZES and start + length > size
            break
        place = start + length + length % 2
    return header
