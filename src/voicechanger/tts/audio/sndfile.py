"""FLAC and Ogg Opus by libsndfile, which writes to a file: here to one that passes its bytes on at once."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

from voicechanger.tts.audio.pcm import SAMPLE_RATE, Patch, check_promise, from_pcm16, to_pcm16

_BLOCK = 4_800
"""Samples passed to the codec at once; libsndfile keeps some buffers of this size on its stack."""

_FLAC_LENGTH = slice(18, 26)
"""Bytes of the stream's header: rate, channels and width in 28 bits, then samples in 36, 0 when unknown."""


class _Pipe:
    """A file whose bytes can be removed; what is written over removed bytes becomes a patch."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._position = 0
        self._end = 0
        self.patches: list[Patch] = []

    def write(self, data: bytes) -> int:
        chunk = bytes(data)
        if self._position < self._end:
            self.patches.append((self._position, chunk))
        else:
            self._waiting += chunk
            self._end += len(chunk)
        self._position += len(chunk)
        return len(chunk)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = (0, self._position, self._end)[whence] + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


class _SndfileEncoder:
    """Common part of both codecs, which differ in names and sample type."""

    _format = ""
    _subtype = ""

    def __init__(self, samples: int | None = None) -> None:
        self._promised = samples
        self._count = 0
        self._pipe = _Pipe()
        self._codec = soundfile.SoundFile(
            cast(Any, self._pipe), "w", SAMPLE_RATE, 1, subtype=self._subtype, format=self._format
        )

    @property
    def patches(self) -> list[Patch]:
        return self._pipe.patches

    def start(self) -> bytes:
        """Return the header, usually nothing: libsndfile writes it with the first samples."""
        return self._pipe.take()

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Return the complete frames or pages."""
        ready = self._quantise(samples)
        for begin in range(0, samples.size, _BLOCK):
            self._codec.write(ready[begin : begin + _BLOCK])
        self._count += samples.size
        return self._pipe.take()

    def finish(self) -> bytes:
        """Return the last frames; `patches` then holds the parts of the header known only at the end."""
        self._codec.close()
        check_promise(self._promised, self._count)
        return self._pipe.take()

    def _quantise(self, samples: NDArray[np.float32]) -> NDArray[Any]:
        raise NotImplementedError


class FlacEncoder(_SndfileEncoder):
    """16-bit FLAC."""

    _format, _subtype = "FLAC", "PCM_16"

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Return the complete frames; the header holds the length when it was announced."""
        data = super().encode(samples)
        if self._promised is None or not data.startswith(b"fLaC"):
            return data
        head = int.from_bytes(data[_FLAC_LENGTH], "big") | self._promised
        return data[: _FLAC_LENGTH.start] + head.to_bytes(8, "big") + data[_FLAC_LENGTH.stop :]

    def _quantise(self, samples: NDArray[np.float32]) -> NDArray[Any]:
        return to_pcm16(samples)


class OpusEncoder(_SndfileEncoder):
    """Opus in Ogg, in pages of about a second."""

    _format, _subtype = "OGG", "OPUS"

    def _quantise(self, samples: NDArray[np.float32]) -> NDArray[Any]:
        # The codec takes floats, but a resumed recording continues from 16-bit samples and must not differ
        return from_pcm16(to_pcm16(samples))
