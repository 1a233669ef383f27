"""16-bit samples, bare (`pcm`) and in a RIFF header (`wav`)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
BYTES_PER_SAMPLE = 2

Patch = tuple[int, bytes]
"""Bytes to write over earlier ones, and at which offset."""

_UNKNOWN = 0xFFFFFFFF
_HEADER_SIZE = 44


def to_pcm16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round to the nearest of 65,536 steps; clips instead of wrapping.  ValueError on NaN or infinity.

    No dither: see docs/decisions/0026-rounding-without-dither.md.
    """
    if not np.isfinite(samples).all():
        raise ValueError("samples are not finite")
    scaled = np.rint(samples.astype(np.float64) * 32768.0)
    return np.clip(scaled, -32768, 32767).astype("<i2")


def check_promise(promised: int | None, count: int) -> None:
    """ValueError when a length was announced in a header and another one came."""
    if promised not in (None, count):
        raise ValueError(f"{promised} samples were promised, {count} came")


def wav_header(samples: int | None) -> bytes:
    """RIFF header of 16-bit mono; None leaves the lengths at their largest: players read "to the end"."""
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
        """Nothing: there is no header."""
        return b""

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Two bytes a sample."""
        self._count += samples.size
        return to_pcm16(samples).tobytes()

    def finish(self) -> bytes:
        """Nothing: there is no trailer either."""
        check_promise(self._promised, self._count)
        return b""


class WavEncoder(PcmEncoder):
    """The same behind one RIFF header."""

    def start(self) -> bytes:
        """The 44 bytes of the header, exact when the length was promised."""
        return wav_header(self._promised)

    def finish(self) -> bytes:
        """Nothing follows the samples; `patches` then holds the exact header."""
        super().finish()
        self.patches = [(0, wav_header(self._count))]
        return b""
