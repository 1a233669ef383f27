"""MP3 by LAME at a constant bit rate, with the "Info" frame by which players cut the encoder's padding.

Without that frame an MP3 lasts 40 to 70 ms longer than its samples, mostly before the first one.
"""

from __future__ import annotations

import struct
from typing import Any, cast

import lameenc
import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.audio.pcm import SAMPLE_RATE, Patch, check_promise, to_pcm16

BIT_RATE = 96
"""Kilobits a second: transparent for one voice at 24 kHz."""

_FRAME = 576
"""Samples in a frame of MPEG-2 layer III; also the delay of LAME's encoder."""
_FRAME_BYTES = 72 * BIT_RATE * 1000 // SAMPLE_RATE
_HEADER = bytes((0xFF, 0xF3, 0xA4, 0xC4))
"""MPEG-2 layer III, no checksum, 96 kbit/s, 24 kHz, mono."""
_SIDE_INFO_BYTES = 9


def padding(samples: int) -> int:
    """Return the number of samples that LAME adds at the end: it fills the last frame with at least one frame."""
    missing = _FRAME - (samples + _FRAME) % _FRAME
    return missing if missing >= _FRAME else missing + _FRAME


def info_frame(samples: int | None) -> bytes:
    """Return a silent frame that holds the delay and, when the length is known, padding and counts."""
    added = 0 if samples is None else padding(samples)
    frames = 0 if samples is None else (samples + _FRAME + added) // _FRAME
    size = (frames + 1) * _FRAME_BYTES
    counts = b"" if samples is None else struct.pack(">II", frames, size)
    tag = b"Info" + struct.pack(">I", 0 if samples is None else 3) + counts
    delay = (_FRAME << 12 | added).to_bytes(3, "big")
    # revision 0 and method 1 (constant rate), 11.9 kHz low-pass, no gain values, no flags
    lame = b"LAME3.100" + bytes((1, 119)) + bytes(9) + bytes((BIT_RATE,)) + delay + bytes(4)
    lame += struct.pack(">IH", 0 if samples is None else size, 0)
    front = _HEADER + bytes(_SIDE_INFO_BYTES) + tag + lame
    return (front + _crc16(front).to_bytes(2, "big")).ljust(_FRAME_BYTES, b"\0")


def _crc16(data: bytes) -> int:
    """CRC-16 of the polynomial x¹⁶+x¹⁵+x²+1, lowest bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


class Mp3Encoder:
    """MPEG-2 layer III, mono, constant bit rate."""

    def __init__(self, samples: int | None = None) -> None:
        self._promised = samples
        self._count = 0
        self.patches: list[Patch] = []
        self._lame = cast(Any, lameenc).Encoder()
        self._lame.silence()
        self._lame.set_bit_rate(BIT_RATE)
        self._lame.set_in_sample_rate(SAMPLE_RATE)
        self._lame.set_out_sample_rate(SAMPLE_RATE)
        self._lame.set_channels(1)
        self._lame.set_quality(2)

    def start(self) -> bytes:
        """Return the frame with the delay and, when announced, the length."""
        return info_frame(self._promised)

    def encode(self, samples: NDArray[np.float32]) -> bytes:
        """Return the complete frames."""
        self._count += samples.size
        return bytes(self._lame.encode(to_pcm16(samples).tobytes()))

    def finish(self) -> bytes:
        """Return the last frames; `patches` then holds the first frame with the length."""
        check_promise(self._promised, self._count)
        self.patches = [(0, info_frame(self._count))]
        return bytes(self._lame.flush()) if self._count else b""
