"""Loudness by ITU-R BS.1770, and a leveller that keeps long speech at one loudness.

The weighting is applied in the frequency domain: the standard gives its filters for 48 kHz, and their response
at a frequency is the same whatever the rate of the samples is.
"""

from __future__ import annotations

import math
from functools import lru_cache

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
_PIECE = 3 << 16
"""Samples that are weighted at once, about 8 s at 24 kHz: with their margins they fit a transform of 2¹⁸."""

# BS.1770-4, tables 1 and 2: shelf and high-pass at 48 kHz
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_TABLE_RATE = 48_000


class LoudnessMeter:
    """Measure the gated loudness of mono samples that come block after block, in memory for one piece of them.

    Pieces overlap by the time in which the weighting filter dies away, so where they are cut makes no difference.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._length, self._step = round(_BLOCK * rate), round(_STEP * rate)
        self._before = np.zeros(int(_TAIL * rate), np.float32)
        self._waiting: list[Samples] = []
        self._held = 0
        self._count = 0
        self._energy = 0.0
        self._starts: list[NDArray[np.float64]] = []
        self._ends: list[NDArray[np.float64]] = []
        """Energy before the begin and the end of each gating block."""

    def add(self, samples: Samples) -> None:
        """Take the next samples."""
        self._waiting.append(samples)
        self._held += samples.size
        if self._held >= _PIECE:
            self._weigh_waiting()

    def finish(self) -> float:
        """Return the loudness in LUFS of all samples; `SILENCE` when nothing passes the gate.

        Under 0.4 s, where the standard has no block, the whole is one block.
        """
        self._weigh_waiting()
        if self._count == 0:
            return SILENCE
        if self._count <= self._length:
            return _gated(np.array([self._energy / self._count]))
        ends = np.concatenate(self._ends)
        return _gated((ends - np.concatenate(self._starts)[: ends.size]) / self._length)

    def _weigh_waiting(self) -> None:
        if self._held == 0:
            return
        samples = np.concatenate([self._before, *self._waiting])
        weighted = _weight(samples, self._rate)[self._before.size :]
        self._before = samples[samples.size - self._before.size :]
        self._waiting, self._held = [], 0
        energy = np.concatenate([[0.0], np.cumsum(weighted**2)]) + self._energy
        self._starts.append(self._passed(energy, 0))
        self._ends.append(self._passed(energy, self._length))
        self._count += weighted.size
        self._energy = float(energy[-1])

    def _passed(self, energy: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        """Return the energy before each sample `first + n * step` of this piece."""
        # the last entry is the first one of the next piece, except for blocks that end with the recording
        low, high = self._count + (first > 0), self._count + energy.size - (first == 0)
        steps = np.arange(max(0, -(-(low - first) // self._step)), -(-(high - first) // self._step))
        return energy[first + steps * self._step - self._count]


def _weight(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Apply the weighting of the standard: a high shelf and a high-pass."""
    padded = samples.size + int(_TAIL * rate)
    size = 1 << (padded - 1).bit_length()
    spectrum = np.fft.rfft(samples.astype(np.float64), size)
    spectrum *= _response(size, rate)
    return np.fft.irfft(spectrum, size)[: samples.size]


@lru_cache(2)
def _response(size: int, rate: int) -> NDArray[np.complex128]:
    """Return the weighting of each frequency of a spectrum of `size` samples."""
    frequencies = np.minimum(np.fft.rfftfreq(size, 1 / rate), _TABLE_RATE / 2)
    turn = np.exp(-2j * np.pi * frequencies / _TABLE_RATE)
    response = np.ones_like(turn)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= (above[0] + above[1] * turn + above[2] * turn**2) / (
            below[0] + below[1] * turn + below[2] * turn**2
        )
    return response


def _gated(power: NDArray[np.float64]) -> float:
    power = power[_loudness(power) > _ABSOLUTE_GATE]
    if power.size == 0:
        return SILENCE
    gate = float(_loudness(power.mean(keepdims=True))[0]) + _RELATIVE_GATE
    return float(_loudness(power[_loudness(power) > gate].mean(keepdims=True))[0])


def _loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return _OFFSET + 10 * np.log10(np.maximum(power, 1e-20))


def measure(samples: Samples, rate: int) -> float:
    """Return the gated loudness in LUFS of mono samples; `SILENCE` when nothing passes the gate.

    Below 0.4 s, where the standard has no block, the whole is one block.
    """
    meter = LoudnessMeter(rate)
    for begin in range(0, samples.size, _PIECE):
        meter.add(samples[begin : begin + _PIECE])
    return meter.finish()


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
