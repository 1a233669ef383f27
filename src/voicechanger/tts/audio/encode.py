"""Encode samples to bytes, for every download and every stream.

    stream_encoder("mp3") ─▶ start() encode(…) encode(…) … finish()   bytes to send, in order
    FileEncoder(path, "mp3") ─▶ write(…) write(…) …                    a finished file, header exact

An encoder buffers no more than its codec does, so memory does not grow with the length.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.audio.mp3 import Mp3Encoder
from voicechanger.tts.audio.pcm import SAMPLE_RATE, Patch, PcmEncoder, WavEncoder
from voicechanger.tts.audio.sndfile import FlacEncoder, OpusEncoder


class StreamEncoder(Protocol):
    """Encodes one recording: `start` once, `encode` any number of times, `finish` once."""

    def start(self) -> bytes:
        """Return what comes before the first sample; may be empty."""
        ...

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Return the next bytes, possibly none; ValueError when a sample is NaN or infinite."""
        ...

    def finish(self) -> bytes:
        """Return the last bytes; ValueError when another number of samples was announced."""
        ...

    @property
    def patches(self) -> list[Patch]:
        """After `finish`: bytes to write over earlier ones if the medium can seek, (offset, bytes)."""
        ...


_ENCODERS = {
    "wav": WavEncoder,
    "mp3": Mp3Encoder,
    "flac": FlacEncoder,
    "opus": OpusEncoder,
    "pcm": PcmEncoder,
}


def stream_encoder(name: str, samples: int | None = None) -> StreamEncoder:
    """Return an encoder of 24 kHz mono for one recording.

    `samples` is the whole length if it is known: headers, which are sent first, then hold the exact length.
    ValueError when the format is unknown.
    """
    if name not in _ENCODERS:
        raise ValueError(f"unknown audio format {name!r}; choose one of {', '.join(FORMATS)}")
    return _ENCODERS[name](samples)


class FileEncoder:
    """Writes one recording into a file; OSError when the disk is full, and no partial file remains.

    with FileEncoder(path, "wav") as out:
        out.write(samples)
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._encoder = stream_encoder(name)
        self._file: BinaryIO | None = None
        self.samples = 0
        """Written so far."""

    @property
    def seconds(self) -> float:
        """Length written so far."""
        return self.samples / SAMPLE_RATE

    def __enter__(self) -> FileEncoder:
        self._file = self._path.open("wb")
        self.write_bytes(self._encoder.start())
        return self

    def write(self, samples: NDArray[np.float32]) -> None:
        """Append mono samples in [-1, 1]; louder ones are clipped."""
        self.write_bytes(self._encoder.encode(samples))
        self.samples += samples.size

    def write_bytes(self, data: bytes) -> None:
        """Append encoded bytes."""
        if self._file is None:
            raise ValueError("the file is not open")
        self._file.write(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            with self._file:
                if error is None:
                    self._complete(self._file)
        except OSError:
            self._path.unlink(missing_ok=True)
            raise
        if error is not None:
            self._path.unlink(missing_ok=True)

    def _complete(self, file: BinaryIO) -> None:
        file.write(self._encoder.finish())
        for offset, data in self._encoder.patches:
            file.seek(offset)
            file.write(data)
