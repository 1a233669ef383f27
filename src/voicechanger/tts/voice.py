"""A `Voice`, also called voice profile: everything the model needs to speak like someone; small and versioned."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STYLE_SIZE = 256
DECODER_LAYERS = 58
"""AdaIN layers of the decoder; each takes a style of 128 numbers."""

SPECTRAL_EQ_BANDS = 28

_MAGIC = b"VCV1"


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """How a speaker sounds, in the numbers that the model takes."""

    style: NDArray[np.float32]
    """[256]: the first 128 for the decoder, the last 128 for prosody."""
    offsets: NDArray[np.float32]
    """[58, 128]: added to the decoder's style, one row for each AdaIN layer (zeros for a stock voice)."""
    pitch_median: float
    """Median of the voiced fundamental frequency, in hertz; 0 keeps the model's own."""
    pitch_range: float
    """Standard deviation of the pitch, in semitones; 0 keeps the model's own."""
    rate: float
    """Speaking rate relative to the model's own prosody; 1 keeps it."""
    encoder_version: str
    """Version of the encoder that made it; a profile of another version is encoded again from the clip."""

    spectral_eq: tuple[float, ...] = ()
    """Gain in decibels of each of `SPECTRAL_EQ_BANDS` mel bands, applied to spoken samples; empty changes nothing."""

    def __post_init__(self) -> None:
        if len(self.spectral_eq) not in (0, SPECTRAL_EQ_BANDS):
            raise ValueError(f"spectral EQ of {len(self.spectral_eq)} bands; 0 or {SPECTRAL_EQ_BANDS} are allowed")
        if self.style.shape != (STYLE_SIZE,) or self.offsets.shape != (DECODER_LAYERS, STYLE_SIZE // 2):
            raise ValueError(f"voice with style {self.style.shape} and offsets {self.offsets.shape}")

    def to_bytes(self) -> bytes:
        """Return the portable form: magic, length of the JSON head, head, then float32 little-endian numbers."""
        head = json.dumps(
            {
                "pitch_median": self.pitch_median,
                "pitch_range": self.pitch_range,
                "rate": self.rate,
                "encoder_version": self.encoder_version,
                "spectral_eq": self.spectral_eq,
            }
        ).encode()
        numbers = np.concatenate([self.style, self.offsets.ravel()]).astype("<f4").tobytes()
        return _MAGIC + len(head).to_bytes(4, "little") + head + numbers

    @classmethod
    def from_bytes(cls, data: bytes) -> Voice:
        """Read what `to_bytes` wrote; ValueError when it is anything else."""
        if data[:4] != _MAGIC:
            raise ValueError("not a voice profile")
        size = int.from_bytes(data[4:8], "little")
        head = json.loads(data[8 : 8 + size])
        numbers = np.frombuffer(data[8 + size :], "<f4").astype(np.float32)
        if numbers.size != STYLE_SIZE + DECODER_LAYERS * STYLE_SIZE // 2 or not np.isfinite(numbers).all():
            raise ValueError("damaged voice profile")
        return cls(
            style=numbers[:STYLE_SIZE],
            offsets=numbers[STYLE_SIZE:].reshape(DECODER_LAYERS, STYLE_SIZE // 2),
            pitch_median=float(head["pitch_median"]),
            pitch_range=float(head["pitch_range"]),
            rate=float(head["rate"]),
            encoder_version=str(head["encoder_version"]),
            # profiles written before the field was renamed hold it as "colour"
            spectral_eq=tuple(float(v) for v in head.get("spectral_eq", head.get("colour", ()))),
        )
