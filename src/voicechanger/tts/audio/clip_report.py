"""The figures of an accepted reference clip.  Imports no numpy, so that the API process may read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What was measured in a recording, or in several of one speaker together."""

    seconds: float
    """Length, pauses between several recordings not counted."""
    rate: int
    """Hertz, as uploaded; the lowest of several."""
    channels: int
    """As uploaded; the most of several."""
    speech_seconds: float
    speech_share: float
    """0 to 1."""
    snr_db: float
    """Speech over noise in decibels, -20 to 60; the lowest of several."""
    clipped_share: float
    """Share of samples flat against the largest, 0 to 1."""
    peak_db: float
    """Of the largest sample, in decibels relative to full scale."""
    loudness_lufs: float
    """By ITU-R BS.1770; the lowest of several."""
    sha256: str
    """Of the canonical samples: the same sound has the same hash."""
    warnings: tuple[str, ...] = ()
    """narrowband, truncated, quiet, little_speech, some_clipping, noisy."""

    def to_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ClipReport:
        """Read what `to_json` returned, ignoring other keys; TypeError when a figure is missing."""
        known = {field.name for field in fields(cls)}
        figures: dict[str, Any] = {name: value for name, value in data.items() if name in known}
        figures["warnings"] = tuple(figures.get("warnings", ()))
        return cls(**figures)
