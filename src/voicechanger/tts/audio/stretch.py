"""Change the duration of speech without changing its pitch: waveform-similarity overlap-add (WSOLA).

Verhelst and Roelands, 1993: windows are placed at an even hop and taken from near the same time of the source, each
shifted to where it continues the one before best.  Measured against a phase vocoder in
docs/decisions/0027-time-stretch-by-wsola.md (`benchmarks/stretch.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

WINDOW = 720
"""Samples; 30 ms at 24 kHz holds at least two periods of any voice above 67 Hz."""
HOP = WINDOW // 2
SEARCH = 240
"""Samples that a window may move in either direction; 10 ms, one period of a 100 Hz voice."""
_SILENT = 1e-8


def stretch(samples: Samples, factor: float) -> Samples:
    """Return speech that lasts `factor` times as long (2 = half the speed), exactly round(n × factor) samples.

    ValueError when the factor is not a number above zero.
    """
    if not factor > 0 or not np.isfinite(factor):
        raise ValueError(f"cannot stretch by {factor}")
    wanted = round(samples.size * factor)
    if wanted == samples.size:
        return samples.copy()
    if wanted == 0 or samples.size == 0:
        return np.zeros(wanted, np.float32)
    return _overlap_add(samples, wanted)


def _overlap_add(samples: Samples, wanted: int) -> Samples:
    lead = HOP + SEARCH
    source = np.pad(samples, (lead, lead + 2 * WINDOW + HOP))
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    steps = -(-wanted // HOP) + 1
    # Window k is centred on k × HOP of the result, and near the same share of the source
    centres = np.minimum(np.arange(steps) * HOP * (samples.size / wanted), samples.size)
    ideal = np.rint(centres).astype(int) + lead - HOP
    out = np.zeros((steps + 1) * HOP, np.float32)
    place = int(ideal[0])
    for step in range(steps):
        if step:
            place = int(ideal[step]) + _best_shift(source, place + HOP, int(ideal[step]))
        out[step * HOP : step * HOP + WINDOW] += window * source[place : place + WINDOW]
    return out[HOP : HOP + wanted]


def _best_shift(source: Samples, natural: int, ideal: int) -> int:
    """Return the shift from `ideal` at which the window resembles best what follows at `natural`."""
    if abs(natural - ideal) <= SEARCH:
        return natural - ideal
    follow = source[natural : natural + WINDOW]
    near = source[ideal - SEARCH : ideal + SEARCH + WINDOW]
    likeness = np.correlate(near, follow, mode="valid")
    energy = np.cumsum(np.concatenate([[0.0], near.astype(np.float64) ** 2]))
    energy = energy[WINDOW:] - energy[:-WINDOW]
    if float(energy.max()) < _SILENT:
        return 0
    return int(np.argmax(likeness / np.sqrt(energy + _SILENT))) - SEARCH
