"""16-bit samples: their conversion from and to floats, bare files (`pcm`) and files with a RIFF header (`wav`)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
BYTES_PER_SAMPLE = 2

Patch = tuple[int, bytes]
"""Offset, and bytes to write over those at it."""

FULL_SCALE = 32768
"""Integer steps of a float sample of 1.0; the largest sample is one step below it."""

_UNKNOWN = 0xFFFFFFFF
_HEADER_SIZE = 44


def to_pcm16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round floats in [-1, 1] to the nearest of 65,536 steps; louder ones are clipped.  ValueError on NaN or infinity.

    No dither: see docs/decisions/0026-rounding-without-dither.md.
    """
    if not np.isfinite(samples).all():
        raise ValueError("samples are not finite")
    scaled = np.rint(samples.astype(np.float64) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")


def from_pcm16(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return 16-bit samples as floats in [-1, 1); `to_pcm16` gives back exactly the same integers."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def check_promise(promised: int | None, count: int) -> None:
    """Raise ValueError when another number of samples was announced in the header."""
    if promised not in (None, count):
        raise ValueError(f"{promised} samples were promised, {count} were encoded")


def wav_header(samples: int | None) -> bytes:
    """Return the RIFF header of 16-bit mono; None sets the largest lengths, with which players read to the end."""
    data = _UNKNOWN if samples is None else min(samples * BYTES_PER_SAMPLE, _UNKNOWN)
    riff = min(data + _HEADER_SIZE - 8, _UNKNOWN)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        riff,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        SAMPLE_RATE,
        SAMPLE_RATE * BYTES_PER_SAMPLE,
        BYTES_PER_SAMPLE,
        16,
        b"data",
        data,
    )


class PcmEncoder:
    """Headerless 16-bit little-endian samples."""

    def __init__(self, samples: int | None = None) -> None:
        self._promised = samples
        self._count = 0
        self.patches: list[Patch] = []

    def start(self) -> bytes:
        """Return nothing: there is no header."""
        return b""

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Return two bytes a sample."""
        self._count += samples.size
        return to_pcm16(samples).tobytes()

    def finish(self) -> bytes:
        """Return nothing: there is no trailer."""
        check_promise(self._promised, self._count)
        return b""


class WavEncoder(PcmEncoder):
    """The same after a RIFF header."""

    def start(self) -> bytes:
        """Return the 44 bytes of the header, exact when the length was announced."""
        return wav_header(self._promised)

    def finish(self) -> bytes:
        """Return nothing; `patches` then holds the exact header."""
        super().finish()
        self.patches = [(0, wav_header(self._count))]
        return b""
