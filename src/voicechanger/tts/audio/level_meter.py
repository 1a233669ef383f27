"""Measure peak, loudness and clipping of samples that come block after block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.audio.loudness import LoudnessMeter
from voicechanger.tts.audio.resample import Resampler
from voicechanger.tts.cloning.clip_analysis import NEAR_PEAK, Level

Samples = NDArray[np.float32]

_LOUDNESS_RATE = 48_000
"""Hertz to which faster recordings are brought before their loudness is measured: the standard's tables end there."""
_DROPPED_BITS = 8
"""Of a sample that is counted: values closer than 0.003 % count as equal."""


class LevelMeter:
    """Give what `measure_level` gives for all blocks together, in memory that does not grow with them.

    Peaks are the same.  Loudness differs by less than 0.001 LU up to 48 kHz; above, sound that nobody hears is left
    out.  Of clipped samples, those within 0.003 % of the threshold may be counted otherwise.
    """

    def __init__(self, rate: int) -> None:
        self.energy = 0.0
        """Sum of squares."""
        self._count = 0
        self._above, self._below = _TopValues(), _TopValues()
        slow = min(rate, _LOUDNESS_RATE)
        self._resampler, self._loudness = Resampler(rate, slow), LoudnessMeter(slow)

    def add(self, block: Samples) -> None:
        """Take the next samples; at least one."""
        self.energy += float(np.sum(block.astype(np.float64) ** 2))
        self._count += block.size
        self._above.add(block)
        self._below.add(-block)
        self._loudness.add(self._resampler.add(block))

    def finish(self) -> Level:
        """Return the level of all samples."""
        self._loudness.add(self._resampler.finish())
        peak = max(self._above.top, self._below.top, 1e-6)
        clipped = (self._above.near_top() + self._below.near_top()) / self._count
        return Level(20 * float(np.log10(peak)), self._loudness.finish(), clipped)


class _TopValues:
    """Count the samples that lie near the largest of all, which is known at the end only."""

    def __init__(self) -> None:
        self.top = 0.0
        self._counts: dict[int, int] = {}
        """Samples by the leading bits of their value; floats above 0 sort like their bits."""

    def add(self, block: Samples) -> None:
        """Take the next samples."""
        top = float(block.max())
        if top > self.top:
            self.top = top
            self._forget_lower()
        if self.top <= 0 or top < NEAR_PEAK * self.top:
            return
        near = block[block >= NEAR_PEAK * self.top].view(np.uint32) >> _DROPPED_BITS
        lowest = int(near.min())
        counts = np.bincount(near - lowest)
        for place in np.flatnonzero(counts):
            key = lowest + int(place)
            self._counts[key] = self._counts.get(key, 0) + int(counts[place])

    def near_top(self) -> int:
        """Return how many samples lie near the largest one."""
        return sum(self._counts.values())

    def _forget_lower(self) -> None:
        least = int(np.float32(NEAR_PEAK * self.top).view(np.uint32)) >> _DROPPED_BITS
        self._counts = {key: count for key, count in self._counts.items() if key >= least}
