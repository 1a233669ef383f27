"""Loudness by ITU-R BS.1770, and a leveller that keeps long speech at one loudness.

The weighting is applied in the frequency domain: the standard gives its filters for 48 kHz, and their response
at a frequency is the same whatever the rate of the samples is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.audio.limiter import limit

Samples = NDArray[np.float32]

SILENCE = -math.inf
"""Loudness of samples without a block above the absolute gate."""

_BLOCK, _STEP = 0.4, 0.1
"""Seconds: gating blocks and their hop."""
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
"""Gives a full-scale 997 Hz sine −3.01 LUFS."""
_TAIL = 0.25
"""Seconds of padding in which the weighting filter decays."""

# BS.1770-4, tables 1 and 2: shelf and high-pass at 48 kHz
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_TABLE_RATE = 48_000


def _weight(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Apply the weighting of the standard: a high shelf and a high-pass."""
    padded = samples.size + int(_TAIL * rate)
    size = 1 << (padded - 1).bit_length()
    spectrum = np.fft.rfft(samples.astype(np.float64), size)
    frequencies = np.minimum(np.fft.rfftfreq(size, 1 / rate), _TABLE_RATE / 2)
    turn = np.exp(-2j * np.pi * frequencies / _TABLE_RATE)
    for above, below in (_SHELF, _HIGH_PASS):
        spectrum *= (above[0] + above[1] * turn + above[2] * turn**2) / (
            below[0] + below[1] * turn + below[2] * turn**2
        )
    return np.fft.irfft(spectrum, size)[: samples.size]


def _block_powers(weighted: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Return the mean square of each gating block; samples shorter than one block form one block."""
    length, step = round(_BLOCK * rate), round(_STEP * rate)
    if weighted.size <= length:
        return np.array([float(np.mean(weighted**2))])
    total = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, weighted.size - length + 1, step)
    return (total[starts + length] - total[starts]) / length


def _loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return _OFFSET + 10 * np.log10(np.maximum(power, 1e-20))


def measure(samples: Samples, rate: int) -> float:
    """Return the gated loudness in LUFS of mono samples; `SILENCE` when nothing passes the gate.

    Below 0.4 s, where the standard has no block, the whole is one block.
    """
    if samples.size == 0:
        return SILENCE
    power = _block_powers(_weight(samples, rate), rate)
    power = power[_loudness(power) > _ABSOLUTE_GATE]
    if power.size == 0:
        return SILENCE
    gate = float(_loudness(power.mean(keepdims=True))[0]) + _RELATIVE_GATE
    return float(_loudness(power[_loudness(power) > gate].mean(keepdims=True))[0])


class Leveller:
    """Brings utterance after utterance to one loudness, with peaks below −1 dBTP and unchanged lengths.

    It uses no later utterance, so files and streams hold the same samples.  Its only state is `gain`: pass it to the
    leveller that continues after an interruption.
    """

    LARGEST_GAIN = 20.0
    """Decibels, up or down: more would raise noise rather than speech."""
    LARGEST_STEP = 4.0
    """Decibels between two utterances: a sentence meant to be soft stays softer than its neighbours."""
    SURE_AFTER = 1.5
    """Seconds of an utterance at which its own loudness and the gain so far have the same weight."""
    CEILING = -1.0
    """dBTP."""
    RAMP = 0.01
    """Seconds over which the gain changes at the start of an utterance."""

    def __init__(self, rate: int = 24_000, target: float = -18.0, gain: float | None = None) -> None:
        self._rate = rate
        self._target = target
        self.gain = gain
        """Decibels of the last utterance; None before the first that was not silent."""

    def level(self, samples: Samples) -> Samples:
        """Return the next utterance at the target loudness, with the same length; ValueError on NaN or infinity."""
        if not np.isfinite(samples).all():
            raise ValueError("samples are not finite")
        before = self.gain
        loudness = measure(samples, self._rate)
        if loudness > SILENCE:
            self.gain = self._next_gain(loudness, samples.size / self._rate)
        if self.gain is None:
            return samples.copy()
        start = self.gain if before is None else before
        raised = samples * self._ramp(start, self.gain, samples.size)
        return limit(raised, self._rate, self.CEILING)

    def _next_gain(self, loudness: float, seconds: float) -> float:
        own = self._target - loudness
        if self.gain is not None:
            weight = seconds / (seconds + self.SURE_AFTER)
            change = weight * (own - self.gain)
            own = self.gain + max(-self.LARGEST_STEP, min(self.LARGEST_STEP, change))
        return max(-self.LARGEST_GAIN, min(self.LARGEST_GAIN, own))

    def _ramp(self, before: float, after: float, size: int) -> Samples:
        gains = np.full(size, after)
        length = min(size, round(self.RAMP * self._rate))
        gains[:length] = np.linspace(before, after, length)
        return (10 ** (gains / 20)).astype(np.float32)
