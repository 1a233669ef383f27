"""A `Voice`: what is kept of a speaker.  Also called a voiceprint: small, portable, versioned."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STYLE_SIZE = 256
DECODER_LAYERS = 58
"""AdaIN layers of the decoder, each of which takes one 128-number style."""

COLOUR_BANDS = 28

_MAGIC = b"VCV1"


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """How a speaker sounds, as the model takes it."""

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
    """What made it; a voiceprint of another version is made anew from the clip."""

    colour: tuple[float, ...] = ()
    """Decibels for each of `COLOUR_BANDS` mel bands, by which the spoken spectrum is bent; empty leaves it alone."""

    def __post_init__(self) -> None:
        if len(self.colour) not in (0, COLOUR_BANDS):
            raise ValueError(f"colour of {len(self.colour)} bands")
        if self.style.shape != (STYLE_SIZE,) or self.offsets.shape != (DECODER_LAYERS, STYLE_SIZE // 2):
            raise ValueError(f"voice of shapes {self.style.shape} and {self.offsets.shape}")

    def to_bytes(self) -> bytes:
        """Portable form: magic, length of the JSON head, head, then float32 little-endian numbers."""
        head = json.dumps(
            {
                "pitch_median": self.pitch_median,
                "pitch_range": self.pitch_range,
                "rate": self.rate,
                "encoder_version": self.encoder_version,
                "colour": self.colour,
            }
        ).encode()
        numbers = np.concatenate([self.style, self.offsets.ravel()]).astype("<f4").tobytes()
        return _MAGIC + len(head).to_bytes(4, "little") + head + numbers

    @classmethod
    def from_bytes(cls, data: bytes) -> Voice:
        """Read what `to_bytes` wrote; ValueError when it is anything else."""
        if data[:4] != _MAGIC:
            raise ValueError("not a voiceprint")
        size = int.from_bytes(data[4:8], "little")
        head = json.loads(data[8 : 8 + size])
        numbers = np.frombuffer(data[8 + size :], "<f4").astype(np.float32)
        if numbers.size != STYLE_SIZE + DECODER_LAYERS * STYLE_SIZE // 2 or not np.isfinite(numbers).all():
            raise ValueError("damaged voiceprint")
        return cls(
            style=numbers[:STYLE_SIZE],
            offsets=numbers[STYLE_SIZE:].reshape(DECODER_LAYERS, STYLE_SIZE // 2),
            pitch_median=float(head["pitch_median"]),
            pitch_range=float(head["pitch_range"]),
            rate=float(head["rate"]),
            encoder_version=str(head["encoder_version"]),
            colour=tuple(float(v) for v in head.get("colour", ())),
        )
