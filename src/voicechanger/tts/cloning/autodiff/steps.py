"""Gradient steps on the styles of the layers: Adam (Kingma and Ba 2015), with a penalty on the size of the change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning.autodiff.decoder_gradient import FRAMES, Crop
from voicechanger.tts.cloning.autodiff.example import Example
from voicechanger.tts.voice import DECODER_LAYERS

Floats = NDArray[np.float32]

RATE: Final = 0.01
PENALTY: Final = 0.15
"""Of the squared change, summed over the numbers of a layer and averaged over layers."""
_MEMORY = (0.9, 0.999)
_TINY = 1e-8

Gradient = Callable[[Crop, Floats, Floats], tuple[float, Floats, Floats]]
"""Loss of a crop that should sound like a speaker [256] when spoken with styles [58, 128], its gradient, the speech."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The change so far and the state of the optimiser."""

    change: Floats
    """[58, 128], added to the styles."""
    first: Floats
    """[58, 128]: Adam's running mean of the gradient."""
    second: Floats
    """[58, 128]: and of its square."""
    steps: int = 0

    @classmethod
    def begin(cls) -> Fit:
        """Return the state before the first step."""
        zeros = np.zeros((DECODER_LAYERS, 128), np.float32)
        return cls(zeros, zeros, zeros)


def advance(fit: Fit, gradient: Gradient, styles: Floats, goal: Floats, examples: Sequence[Example], steps: int) -> Fit:
    """Take `steps` more steps from styles [58, 128] towards a speaker [256]; each uses one crop of a random example.

    The crop depends on the number of the step alone, so that a repeated step gives the same result.
    """
    lengths = np.array([e.length for e in examples], np.float64)
    for _ in range(steps):
        rng = np.random.default_rng(fit.steps)
        chosen = examples[int(rng.choice(len(examples), p=lengths / lengths.sum()))]
        _, slope, _ = gradient(chosen.voiced_crop(FRAMES, rng), goal, styles + fit.change)
        pull = np.float32(2 * PENALTY / DECODER_LAYERS) * fit.change
        fit = _stepped(fit, (slope + pull).astype(np.float32))
    return fit


def _stepped(fit: Fit, slope: Floats) -> Fit:
    number = fit.steps + 1
    if not np.isfinite(slope).all():
        return replace(fit, steps=number)
    first = _MEMORY[0] * fit.first + (1 - _MEMORY[0]) * slope
    second = _MEMORY[1] * fit.second + (1 - _MEMORY[1]) * slope**2
    even = first / (1 - _MEMORY[0] ** number)
    size = np.sqrt(second / (1 - _MEMORY[1] ** number)) + _TINY
    change = fit.change - RATE * even / size
    return Fit(change.astype(np.float32), first.astype(np.float32), second.astype(np.float32), number)
