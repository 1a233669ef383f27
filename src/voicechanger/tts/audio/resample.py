"""Change the sample rate of a recording."""

from __future__ import annotations

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_QUALITY = "HQ"


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Return mono samples at `wanted` hertz instead of `rate`."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted, quality=_QUALITY), np.float32)


class Resampler:
    """Change the rate of mono samples block after block; all blocks together give what `resample` gives."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._stream = soxr.ResampleStream(rate, wanted, 1, quality=_QUALITY) if rate != wanted else None

    def add(self, block: Samples) -> Samples:
        """Return the samples that are ready; they lag behind by some milliseconds."""
        if self._stream is None:
            return block
        return np.asarray(self._stream.resample_chunk(block), np.float32)

    def finish(self) -> Samples:
        """Return the last samples."""
        rest = np.zeros(0, np.float32)
        if self._stream is None:
            return rest
        return np.asarray(self._stream.resample_chunk(rest, last=True), np.float32)
